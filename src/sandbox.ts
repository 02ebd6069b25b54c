import { createHash, timingSafeEqual } from "node:crypto";
import {
  type Config,
  ConfigError,
  type ConfigOptions,
  configFromOptions,
  defaultLimits,
  type Limits,
  version,
} from "./config.ts";
import { type Credentials, openWorld, type Sandbox, unwrap, worldHandle } from "./handle.ts";
import { renderNotification } from "./http/api/present.ts";
import { presentRefusal } from "./http/api/reasons.ts";
import { createApp } from "./http/app.ts";
import { presentCredentials } from "./http/control/merchants.ts";
import type { RequestListener } from "./http/middleware/log-requests.ts";
import { Listener } from "./listener.ts";
import { announcedSender, announcer } from "./platform/channels.ts";
import { systemClock } from "./platform/clock.ts";
import { randomIds, seededIds } from "./platform/ids.ts";
import { createLog, type Log } from "./platform/log.ts";
import { httpSender, inProcessSender, splitSender, type WebhookHandler } from "./platform/sender.ts";
import { Control } from "./services/control.ts";
import { foundMerchants } from "./services/founders.ts";
import { Lists } from "./services/lists.ts";
import { Merchants, type MerchantView } from "./services/merchants.ts";
import { Outcomes } from "./services/outcomes.ts";
import { Payments } from "./services/payments.ts";
import { Refunds } from "./services/refunds.ts";
import { RequestLog } from "./services/request-log.ts";
import { Scheduler } from "./services/scheduler.ts";
import { Signatures } from "./services/signatures.ts";
import { Webhooks } from "./services/webhooks.ts";
import { Worlds } from "./services/worlds.ts";
import { MemoryStore } from "./store/memory.ts";
import type { Store } from "./store/store.ts";

/** What a sandbox can be told; every member may be left out. */
export interface SandboxOptions extends Omit<ConfigOptions, "webhookUrl"> {
  /** Where notifications go: a URL, or a function in this process, which needs no port. */
  readonly webhook?: string | WebhookHandler | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

const defaultSeed = "alipay-hk-sandbox";
const inProcessEndpoint = "http://webhook.localhost/";
const inProcessOrigin = "http://localhost";

/** Makes a sandbox. Rejects with `ConfigError` where an option is wrong. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { webhook, limits, ...rest } = options;
  if ("webhookUrl" in rest) throw new ConfigError("The option webhookUrl is unknown: here it is called webhook.");
  const handler = typeof webhook === "function" ? webhook : undefined;
  const webhookUrl = typeof webhook === "string" ? webhook : handler && inProcessEndpoint;
  return composeSandbox(configFromOptions({ ...rest, webhookUrl }), limits, handler);
}

/** Makes a sandbox, hands it to `run`, and closes it whatever happens. */
export async function withSandbox<T>(options: SandboxOptions, run: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await createSandbox(options);
  try {
    return await run(sandbox);
  } finally {
    await sandbox.close();
  }
}

/** The use cases and what they stand on. */
function composeServices(config: Config, limits: Limits, onDefect: (error: unknown) => void, handler?: WebhookHandler) {
  const clock = systemClock;
  const store = new MemoryStore();
  const ids = config.seed === undefined ? randomIds() : seededIds(config.seed);
  const seed = config.seed ?? defaultSeed;
  const founders = foundMerchants(config.merchants, seed, seededIds(seed), (place, complaint) => {
    throw new ConfigError(`merchants: ${place} ${complaint}.`);
  });
  const worlds = new Worlds(store, ids, config, founders);
  const outcomes = new Outcomes(ids, renderNotification);
  const payments = new Payments(store, clock, ids, worlds, outcomes);
  const overSockets = httpSender();
  const sender = announcedSender(
    handler === undefined ? overSockets : splitSender(inProcessEndpoint, inProcessSender(handler), overSockets),
  );
  const webhooks = new Webhooks(store, clock, sender);
  const scheduler = new Scheduler({ store, clock, outcomes, webhooks }, limits, onDefect);
  const merchants = new Merchants(store, clock, ids, worlds, seed);
  const demo = new DemoCredentials(store, merchants);
  const requestLog = new RequestLog(store, worlds.demoId);
  return {
    demo,
    worlds,
    payments,
    refunds: new Refunds(store, clock, ids, outcomes),
    lists: new Lists(store, clock, worlds.demoMerchantId),
    signatures: new Signatures(store, clock, config.auth, worlds),
    merchants,
    requestLog,
    webhooks,
    control: new Control(clock, worlds, payments, scheduler, requestLog),
    /** Ends deliveries, and frees what the services hold. */
    close: async () => {
      await scheduler.stop(limits.closeTimeoutMs);
      sender.close();
      await store.close();
    },
  };
}

/** The one place where everything is put together. */
export async function composeSandbox(
  config: Config,
  someLimits: Partial<Limits> = {},
  handler?: WebhookHandler,
): Promise<Sandbox> {
  const limits: Limits = { ...defaultLimits, ...someLimits };
  const log = createLog(config.log);
  const onDefect = defectLog(log);
  const services = composeServices(config, limits, onDefect, handler);
  const listener = new Listener(
    {
      requestTimeoutMs: limits.requestTimeoutMs,
      closeTimeoutMs: limits.closeTimeoutMs,
      refusedByParser: JSON.stringify(presentRefusal(unreadable).body),
      fetch: (request, bindings) => app.fetch(request, bindings),
    },
    config.publicUrl,
    config.adminToken !== undefined,
  );
  const startTime = systemClock.now();
  const uptimeSeconds = () => Math.floor((systemClock.now() - startTime) / 1000);
  const app = createApp({
    ...services,
    addresses: listener.addresses,
    gate: {
      allowHosts: config.allowHosts,
      publicHost: config.publicUrl === undefined ? undefined : new URL(config.publicUrl).host,
      isAdminToken: adminTokenCheck(config.adminToken),
    },
    version,
    health: () => ({ status: "ok", version, store: "memory", uptimeSeconds: uptimeSeconds() }),
    settings: config.settings,
    bodyMaxBytes: limits.bodyMaxBytes,
    controlBodyMaxBytes: limits.controlBodyMaxBytes,
    now: systemClock.now,
    onRequest: consoleLog(log),
    onSigned: announcer("response"),
    onApiRequest: (processingAccountId, request) => services.requestLog.record(processingAccountId, request),
    onDefect,
  });
  await services.worlds.prepare();
  await services.demo.refresh();

  const base = () => listener.addresses.base(inProcessOrigin);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= Promise.all([listener.close(), services.close()]).then(() => undefined);
    return closed;
  };
  return {
    ...worldHandle(services.control, services.worlds.demoId, base),
    world: (asked = {}) => openWorld(services, asked, config.settings, base),
    fetch: async (input, init) => app.fetch(requestOf(input, init)),
    listen: ({ host = "127.0.0.1", port = 0 } = {}) => listener.listen(host, port),
    get credentials() {
      return services.demo.present(base());
    },
    reset: async () => void unwrap(await services.control.resetAll()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The demo merchant's keys at hand, so that the handle need not wait for the store to tell them. */
class DemoCredentials {
  readonly #merchants: Merchants;
  #view: MerchantView | undefined;

  constructor(store: Store, merchants: Merchants) {
    this.#merchants = merchants;
    store.subscribe((changes) => {
      if (changes.some(({ kind }) => kind === "merchant" || kind === "credential")) void this.refresh();
    });
  }

  async refresh(): Promise<void> {
    const view = await this.#merchants.view();
    if (view.ok) this.#view = view.value;
  }

  present(baseUrl: string): Credentials {
    if (this.#view === undefined) throw new Error("the demo merchant is not there yet");
    return { ...presentCredentials(this.#view, baseUrl), privateKey: this.#view.credential?.privateKey ?? "" };
  }
}

const unreadable = {
  code: "invalid_request",
  errors: [
    { path: "", code: "invalid_request", description: "The request is not readable HTTP, or took too long to arrive." },
  ],
} as const;

function requestOf(input: Request | URL | string, init?: RequestInit): Request {
  if (input instanceof Request) return init === undefined ? input : new Request(input, init);
  return new Request(new URL(String(input), inProcessOrigin), init);
}

function adminTokenCheck(token: string | undefined): ((given: string) => boolean) | undefined {
  if (token === undefined || token === "none") return undefined;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return (given) => timingSafeEqual(digest(given), digest(token));
}

function defectLog(log: Log): (error: unknown) => void {
  return (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log({ event: "defect", message: `A defect of the sandbox, please report it: ${text}` });
  };
}

function consoleLog(log: Log): RequestListener["onRequest"] {
  let toldUnsigned = false;
  return (line) => {
    const unsigned = line.diagnosis?.startsWith("unsigned") === true;
    const why = line.diagnosis === undefined || (unsigned && toldUnsigned) ? "" : `\n  ${line.diagnosis}`;
    toldUnsigned ||= unsigned;
    log({ event: "request", message: `${line.method} ${line.target} ${line.status}${why}`, ...line });
  };
}
