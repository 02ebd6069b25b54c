import {
  type CodeSettings,
  readCodeSettings,
  readSettings,
  removableSettings,
  writeCodeSettings,
  writeSettings,
} from "../domain/settings.ts";
import type { WorldSettings } from "../domain/world.ts";
import type { PresentedCredentials } from "../http/control/merchants.ts";
import {
  type ClockHandle,
  type ConnectedSandbox,
  type KeysHandle,
  type NotificationsHandle,
  type PaymentsHandle,
  type RequestsHandle,
  SandboxError,
  type ScenariosHandle,
  type WorldHandle,
  type WorldOptions,
} from "./handle.ts";
import { checkOptions } from "./options.ts";
import { type Connection, type RequestControl, requestControl } from "./request.ts";
import { sendSigned } from "./signed-request.ts";
import type { Credentials } from "./types.ts";

/** The current credentials of a handle's merchant. */
export interface CredentialsHolder {
  current(): Credentials;
  /** Called with the credentials after a change through the handle. */
  update(credentials: PresentedCredentials): void | Promise<void>;
}

/**
 * The handle of one world, as requests to the control surface.
 * @param onRemoved called after the world was removed through the handle.
 */
function worldHandle(
  connection: Connection,
  processingAccountId: string,
  credentials: CredentialsHolder,
  onRemoved: () => void = () => undefined,
): WorldHandle {
  const request = requestControl(connection);
  const world = { processingAccountId };
  const path = "/worlds/{processingAccountId}";
  const remove = async () => {
    await request("DELETE", path, { params: world });
    onRemoved();
  };
  return {
    processingAccountId,
    get credentials() {
      return credentials.current();
    },
    clock: clockHandle(request, world),
    scenarios: scenariosHandle(request, world),
    payments: paymentsHandle(request, world),
    refunds: {
      act: (refundId, action) =>
        request("POST", "/refunds/{refundId}/actions", { params: { refundId }, body: { action } }),
    },
    notifications: notificationsHandle(request, world),
    requests: requestsHandle(request, world),
    keys: keysHandle(request, world, credentials),
    settings: async () => codeSettings(await request("GET", path, { params: world })),
    change: async (changes) => {
      const isRemoved = ([key, value]: [string, unknown]) => value === null && removableSettings.includes(key);
      const given = Object.entries(changes).filter((entry) => !isRemoved(entry));
      const removed = Object.entries(changes).filter(isRemoved);
      const settings = { ...writeSettings(checkSettings(Object.fromEntries(given))), ...Object.fromEntries(removed) };
      return codeSettings(await request("PATCH", path, { params: world, body: { settings } }));
    },
    snapshot: () => request("GET", "/snapshot", { query: world }),
    restore: async (snapshot, options = {}) => {
      checkOptions("restore()", options, ["webhookUrl"]);
      const { webhookUrl } = options;
      await request("PUT", "/snapshot", { query: { webhookUrl }, body: snapshot });
    },
    settle: async () => void (await request("POST", "/settle", { body: world })),
    reset: async () => void (await request("POST", "/reset", { body: world })),
    remove,
    request: (method, path, body) => sendSigned(connection, credentials.current(), { method, path, body }),
    fetch: (target, init) => connection.fetch(target, init),
    [Symbol.asyncDispose]: () => remove().catch(ignoreNotFound),
  };
}

/**
 * The handle of a whole sandbox, which is also the handle of its demo world.
 * @param defaults clock and webhook of worlds that are opened without their own.
 */
export function sandboxHandle(
  connection: Connection,
  processingAccountId: string,
  credentials: CredentialsHolder,
  close: () => Promise<void>,
  defaults: Pick<WorldOptions, "clock" | "webhook"> = {},
): ConnectedSandbox {
  const request = requestControl(connection);
  return Object.assign(worldHandle(connection, processingAccountId, credentials), {
    world: (options?: WorldOptions) => openWorld(connection, options, defaults),
    reset: async () => void (await request("POST", "/reset", { body: { all: true } })),
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** A world that was removed before needs no removal. */
function ignoreNotFound(error: unknown): void {
  if (!(error instanceof SandboxError && error.code === "not_found")) throw error;
}

/** The world of a request. */
type InWorld = { readonly processingAccountId: string };

const pageOptions = ["limit", "cursor"];
const waitOptions = ["timeoutMs"];

function clockHandle(request: RequestControl, world: InWorld): ClockHandle {
  return {
    now: async () => (await request("GET", "/clock", { query: world })).now,
    advance: async (target) => {
      if (typeof target !== "string") checkOptions("clock.advance()", target, ["to"]);
      const change = typeof target === "string" ? { by: target } : target;
      return request("POST", "/clock/advance", { body: { ...world, ...change } });
    },
    freeze: async (at) => {
      const { now, ran } = await request("POST", "/clock", { body: { ...world, mode: "frozen", at } });
      return { now, ran };
    },
    run: async () => {
      const { now, ran } = await request("POST", "/clock", { body: { ...world, mode: "running" } });
      return { now, ran };
    },
  };
}

function scenariosHandle(request: RequestControl, world: InWorld): ScenariosHandle {
  const path = "/scenarios/next";
  return {
    next: async (scenario, options = {}) => {
      checkOptions("scenarios.next()", options, ["times"]);
      const { times } = options;
      return [...(await request("POST", path, { body: { ...world, scenario, times } })).data];
    },
    queue: async () => [...(await request("GET", path, { query: world })).data],
    clear: async () => void (await request("DELETE", path, { query: world })),
    catalogue: async () => [...(await request("GET", "/scenarios")).data],
  };
}

function paymentsHandle(request: RequestControl, world: InWorld): PaymentsHandle {
  return {
    act: async (paymentId, action, details) => {
      if (typeof details !== "string") checkOptions("payments.act()", details, ["reason", "wallet", "return"]);
      const options = typeof details === "string" ? { reason: details } : details;
      return request("POST", "/payments/{paymentId}/actions", { params: { paymentId }, body: { ...options, action } });
    },
    get: (paymentId) => request("GET", "/payments/{paymentId}", { params: { paymentId } }),
    list: async (query) => {
      checkOptions("payments.list()", query, [...pageOptions, "status", "merchantReference"]);
      return request("GET", "/payments", { query: { ...query, ...world } });
    },
    waitFor: async (paymentId, status, options = {}) => {
      checkOptions("payments.waitFor()", options, waitOptions);
      const { timeoutMs } = options;
      return request("GET", "/payments/{paymentId}/wait", { params: { paymentId }, query: { status, timeoutMs } });
    },
    refund: async (paymentId, options = {}) => {
      checkOptions("payments.refund()", options, ["amount", "merchantReference"]);
      const { amount: value, merchantReference } = options;
      const amount = value === undefined ? undefined : { value, currency: "hkd" };
      return request("POST", "/payments/{paymentId}/refunds", {
        params: { paymentId },
        body: { amount, merchantReference },
      });
    },
  };
}

function notificationsHandle(request: RequestControl, world: InWorld): NotificationsHandle {
  return {
    list: async (query) => {
      checkOptions("notifications.list()", query, [...pageOptions, "paymentId", "state"]);
      return request("GET", "/notifications", { query: { ...query, ...world } });
    },
    waitFor: async (match, options = {}) => {
      const members = ["type", "status", "paymentId", "refundId", "merchantReference"];
      checkOptions("notifications.waitFor()", match, members);
      checkOptions("notifications.waitFor()", options, waitOptions);
      const { timeoutMs } = options;
      return request("GET", "/notifications/wait", { query: { ...match, timeoutMs, ...world } });
    },
    get: (notificationId) => request("GET", "/notifications/{notificationId}", { params: { notificationId } }),
    resend: (notificationId) =>
      request("POST", "/notifications/{notificationId}/resend", { params: { notificationId } }),
  };
}

function requestsHandle(request: RequestControl, world: InWorld): RequestsHandle {
  return {
    list: async (query) => {
      checkOptions("requests.list()", query, pageOptions);
      return request("GET", "/requests", { query: { ...query, ...world } });
    },
    verify: async (count) => {
      checkOptions("requests.verify()", count, ["match", "atLeast", "atMost", "exactly"]);
      return request("POST", "/requests/verify", { body: { ...count, ...world } });
    },
  };
}

function keysHandle(request: RequestControl, world: InWorld, credentials: CredentialsHolder): KeysHandle {
  const update = async (changed: PresentedCredentials) => {
    await credentials.update(changed);
    return credentials.current();
  };
  return {
    rotate: async (options = {}) => {
      checkOptions("keys.rotate()", options, ["overlap"]);
      const { overlap } = options;
      return update(await request("POST", "/keys/rotate", { body: { ...world, overlap } }));
    },
    retire: async (hmacKid) => update(await request("POST", "/keys/retire", { body: { ...world, hmacKid } })),
  };
}

/** Holds the credentials of the last response. */
export function holdCredentials({ baseUrl }: Connection, opened: PresentedCredentials): CredentialsHolder {
  let last: Credentials = { privateKey: "", ...opened };
  return {
    current: () => (baseUrl === undefined ? last : { ...last, baseUrl: baseUrl() }),
    update: (credentials) => {
      last = { ...last, ...credentials };
    },
  };
}

/** Opens a world with the options of a test. */
async function openWorld(
  connection: Connection,
  options: WorldOptions = {},
  defaults: Pick<WorldOptions, "clock" | "webhook">,
): Promise<WorldHandle> {
  checkOptions("world()", options, ["processingAccountId", "merchantName", "settings", "clock", "webhook"]);
  const {
    processingAccountId,
    merchantName,
    settings,
    clock = defaults.clock,
    webhook = options.settings?.webhookUrl ?? defaults.webhook,
  } = options;
  const { url, forget } = await endpointFor(connection, webhook);
  try {
    const own = { ...(merchantName !== undefined && { merchantName }), ...(url !== undefined && { webhookUrl: url }) };
    const checked = checkSettings({ ...settings, ...own });
    const body = { processingAccountId, settings: writeSettings(checked), clock };
    const opened = await requestControl(connection)("POST", "/worlds", { body });
    return worldHandle(connection, opened.processingAccountId, holdCredentials(connection, opened), forget);
  } catch (error) {
    forget();
    throw error;
  }
}

/** The URL of an endpoint, and a function that releases it. */
async function endpointFor({ endpoints }: Connection, webhook: WorldOptions["webhook"]) {
  if (typeof webhook !== "function") return { url: webhook, forget: () => undefined };
  if (endpoints === undefined) throw new SandboxError("invalid_request", "The sandbox cannot call a function.");
  const url = await endpoints.add(webhook);
  return { url, forget: () => endpoints.remove(url) };
}

function checkSettings(settings: Partial<CodeSettings>): Partial<WorldSettings> {
  return readCodeSettings(settings, (complaint) => {
    throw new SandboxError("invalid_request", `The setting ${complaint}.`);
  });
}

function codeSettings({ settings }: { readonly settings: object }): CodeSettings {
  return writeCodeSettings(readSettings(settings, () => undefined) as WorldSettings);
}
