import {
  type CodeSettings,
  readCodeSettings,
  readSettings,
  writeCodeSettings,
  writeSettings,
} from "../domain/settings.ts";
import type { WorldSettings } from "../domain/world.ts";
import type { RefundResource } from "../http/api/present.ts";
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
import { type Ask, askThrough, type Connection } from "./request.ts";
import type { CatalogueScenarioView, ClockMove, Credentials, QueuedScenarioView } from "./types.ts";

/** What a handle knows of its merchant's keys. */
export interface Keyring {
  current(): Credentials;
  /** Hears of keys that were changed through the handle. */
  learn(credentials: Credentials): void | Promise<void>;
}

/** A list without pages. */
interface Whole<T> {
  readonly data: T[];
}

interface WorldResource {
  readonly settings: object;
}

/**
 * The functions of a handle as questions to the control surface, for one world.
 * @param onRemoved is called when the world has been removed through the handle.
 */
function worldHandle(
  connection: Connection,
  processingAccountId: string,
  keyring: Keyring,
  onRemoved: () => void = () => undefined,
): WorldHandle {
  const ask = askThrough(connection);
  const here = { processingAccountId };
  const itself = `/worlds/${segment(processingAccountId)}`;
  const remove = async () => {
    await ask("DELETE", itself);
    onRemoved();
  };
  return {
    processingAccountId,
    get credentials() {
      return keyring.current();
    },
    clock: clockHandle(ask, here),
    scenarios: scenariosHandle(ask, here),
    payments: paymentsHandle(ask, here),
    refunds: { act: (id, action) => ask("POST", `/refunds/${segment(id)}/actions`, { body: { action } }) },
    notifications: notificationsHandle(ask, here),
    requests: requestsHandle(ask, here),
    keys: keysHandle(ask, here, keyring),
    settings: async () => codeSettings(await ask("GET", itself)),
    change: async ({ webhookUrl, ...others }) => {
      const changes = writeSettings(ownSettings({ ...others, ...(webhookUrl === null ? {} : { webhookUrl }) }));
      const settings = webhookUrl === null ? { ...changes, webhookUrl } : changes;
      return codeSettings(await ask("PATCH", itself, { body: { settings } }));
    },
    snapshot: () => ask("GET", "/snapshot", { query: here }),
    restore: async (snapshot) => void (await ask("PUT", "/snapshot", { body: snapshot })),
    settle: async () => void (await ask("POST", "/settle", { body: here })),
    reset: async () => void (await ask("POST", "/reset", { body: here })),
    remove,
    fetch: (request, init) => connection.fetch(request, init),
    [Symbol.asyncDispose]: () => remove().catch(unlessGone),
  };
}

/** The functions of a handle of a whole sandbox, which is that of its demo world too. */
export function sandboxHandle(
  connection: Connection,
  processingAccountId: string,
  keyring: Keyring,
  close: () => Promise<void>,
): ConnectedSandbox {
  const ask = askThrough(connection);
  return Object.assign(worldHandle(connection, processingAccountId, keyring), {
    world: (options?: WorldOptions) => openWorld(connection, options),
    reset: async () => void (await ask("POST", "/reset", { body: { all: true } })),
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** What was removed already needs no removing. */
function unlessGone(error: unknown): void {
  if (!(error instanceof SandboxError && error.code === "not_found")) throw error;
}

/** What every question carries that is about a world. */
type Here = { readonly processingAccountId: string };

function clockHandle(ask: Ask, here: Here): ClockHandle {
  const move = async (path: string, body: object) => {
    const { now, ran } = await ask<ClockMove>("POST", path, { body: { ...here, ...body } });
    return { now, ran };
  };
  return {
    now: async () => (await ask<{ now: string }>("GET", "/clock", { query: here })).now,
    advance: (target) => move("/clock/advance", typeof target === "string" ? { by: target } : target),
    freeze: (at) => move("/clock", { mode: "frozen", at }),
    run: () => move("/clock", { mode: "running" }),
  };
}

function scenariosHandle(ask: Ask, here: Here): ScenariosHandle {
  const path = "/scenarios/next";
  return {
    next: async (scenario, { times } = {}) =>
      (await ask<Whole<QueuedScenarioView>>("POST", path, { body: { ...here, scenario, times } })).data,
    queue: async () => (await ask<Whole<QueuedScenarioView>>("GET", path, { query: here })).data,
    clear: async () => void (await ask("DELETE", path, { query: here })),
    catalogue: async () => (await ask<Whole<CatalogueScenarioView>>("GET", "/scenarios")).data,
  };
}

function paymentsHandle(ask: Ask, here: Here): PaymentsHandle {
  const of = (id: string) => `/payments/${segment(id)}`;
  return {
    act: (id, action, details) => {
      const more = typeof details === "string" ? { reason: details } : details;
      return ask("POST", `${of(id)}/actions`, { body: { ...more, action } });
    },
    get: (id) => ask("GET", of(id)),
    list: (query) => ask("GET", "/payments", { query: { ...query, ...here } }),
    waitFor: (id, status, { timeoutMs } = {}) => ask("GET", `${of(id)}/wait`, { query: { status, timeoutMs } }),
    refund: (id, { amount, merchantReference } = {}) =>
      ask<RefundResource>("POST", `${of(id)}/refunds`, {
        body: { amount: amount === undefined ? undefined : { value: amount, currency: "hkd" }, merchantReference },
      }),
  };
}

function notificationsHandle(ask: Ask, here: Here): NotificationsHandle {
  const of = (id: string) => `/notifications/${segment(id)}`;
  return {
    list: (query) => ask("GET", "/notifications", { query: { ...query, ...here } }),
    waitFor: (match, { timeoutMs } = {}) =>
      ask("GET", "/notifications/wait", { query: { ...match, timeoutMs, ...here } }),
    get: (id) => ask("GET", of(id)),
    resend: (id) => ask("POST", `${of(id)}/resend`),
  };
}

function requestsHandle(ask: Ask, here: Here): RequestsHandle {
  return {
    list: (query) => ask("GET", "/requests", { query: { ...query, ...here } }),
    verify: (count) => ask("POST", "/requests/verify", { body: { ...count, ...here } }),
  };
}

function keysHandle(ask: Ask, here: Here, keyring: Keyring): KeysHandle {
  const change = async (path: string, body: object) => {
    await keyring.learn(await ask<Credentials>("POST", path, { body: { ...here, ...body } }));
    return keyring.current();
  };
  return {
    rotate: ({ overlap } = {}) => change("/keys/rotate", { overlap }),
    retire: (hmacKid) => change("/keys/retire", { hmacKid }),
  };
}

/** A keyring of what the sandbox answered last. */
export function keyringOf({ baseUrl }: Connection, opened: PresentedCredentials): Keyring {
  let known: Credentials = { privateKey: "", ...opened };
  return {
    current: () => (baseUrl === undefined ? known : { ...known, baseUrl: baseUrl() }),
    learn: (credentials) => {
      known = { ...known, ...credentials };
    },
  };
}

/** Opens a world as a test asks for it. */
async function openWorld(connection: Connection, options: WorldOptions = {}): Promise<WorldHandle> {
  const { processingAccountId, settings, clock, webhook } = options;
  const { url, forget } = endpointFor(connection, webhook);
  try {
    const asked = writeSettings(ownSettings({ ...settings, ...(url === undefined ? {} : { webhookUrl: url }) }));
    const body = { processingAccountId, settings: asked, clock };
    const opened = await askThrough(connection)<PresentedCredentials>("POST", "/worlds", { body });
    return worldHandle(connection, opened.processingAccountId, keyringOf(connection, opened), forget);
  } catch (error) {
    forget();
    throw error;
  }
}

/** The URL of an endpoint, and what is to be done when nothing goes there any more. */
function endpointFor({ endpoints }: Connection, webhook: WorldOptions["webhook"]) {
  if (typeof webhook !== "function") return { url: webhook, forget: () => undefined };
  if (endpoints === undefined) {
    throw new SandboxError(
      "invalid_request",
      "The webhook is a function, which a sandbox on another server cannot call: give it a URL.",
    );
  }
  const url = endpoints.add(webhook);
  return { url, forget: () => endpoints.remove(url) };
}

function ownSettings(settings: Partial<CodeSettings>): Partial<WorldSettings> {
  return readCodeSettings(settings, (complaint) => {
    throw new SandboxError("invalid_request", `The setting ${complaint}.`);
  });
}

function codeSettings({ settings }: WorldResource): CodeSettings {
  return writeCodeSettings(readSettings(settings, () => undefined) as WorldSettings);
}

/** An id as a segment of a path. */
function segment(id: string): string {
  return encodeURIComponent(id);
}
