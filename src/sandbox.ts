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
import type { Connection } from "./handle/ask.ts";
import { sandboxHandle } from "./handle/client.ts";
import type { Credentials } from "./handle/shapes.ts";
import type { Sandbox } from "./handle.ts";
import { renderNotification } from "./http/api/present.ts";
import { presentRefusal } from "./http/api/reasons.ts";
import { type AppParts, createApp } from "./http/app.ts";
import { presentCredentials } from "./http/control/merchants.ts";
import type { RequestListener } from "./http/middleware/log-requests.ts";
import { Listener } from "./listener.ts";
import { announcedSender, announcer } from "./platform/channels.ts";
import { pause, systemClock } from "./platform/clock.ts";
import { randomIds, seededIds } from "./platform/ids.ts";
import { type InProcessEndpoints, inProcessEndpoints } from "./platform/in-process.ts";
import { createLog, type Log } from "./platform/log.ts";
import { httpSender, type WebhookHandler } from "./platform/sender.ts";
import { Slots } from "./platform/slots.ts";
import { withoutSecrets } from "./security/redaction.ts";
import { Arrivals } from "./services/arrivals.ts";
import { Control } from "./services/control.ts";
import { Events } from "./services/events.ts";
import { foundMerchants } from "./services/founders.ts";
import { Lists } from "./services/lists.ts";
import { Merchants, type MerchantView } from "./services/merchants.ts";
import { Outcomes } from "./services/outcomes.ts";
import { Payments } from "./services/payments.ts";
import { Refunds } from "./services/refunds.ts";
import { RequestLog } from "./services/request-log.ts";
import { Scenarios } from "./services/scenarios.ts";
import { Scheduler } from "./services/scheduler.ts";
import { Sessions } from "./services/sessions.ts";
import { Signatures } from "./services/signatures.ts";
import { Snapshots } from "./services/snapshots.ts";
import { Waits } from "./services/waits.ts";
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
const inProcessOrigin = "http://localhost";

/** Makes a sandbox. Rejects with `ConfigError` where an option is wrong. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { webhook, limits, ...rest } = options;
  if ("webhookUrl" in rest) throw new ConfigError("The option webhookUrl is unknown: here it is called webhook.");
  const endpoints = inProcessEndpoints();
  const webhookUrl = typeof webhook === "function" ? endpoints.add(webhook) : webhook;
  return composeSandbox(configFromOptions({ ...rest, webhookUrl }), limits, endpoints);
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
function composeServices(
  config: Config,
  limits: Limits,
  onDefect: (error: unknown) => void,
  endpoints: InProcessEndpoints,
) {
  const clock = systemClock;
  const store = new MemoryStore();
  const ids = config.seed === undefined ? randomIds() : seededIds(config.seed);
  const seed = config.seed ?? defaultSeed;
  const founders = foundMerchants(config.merchants, seed, seededIds(seed), (place, complaint) => {
    throw new ConfigError(`merchants: ${place} ${complaint}.`);
  });
  const worlds = new Worlds(store, ids, config, founders);
  const outcomes = new Outcomes(ids, renderNotification);
  const waits = new Waits(store, clock);
  const scenarios = new Scenarios(store, clock, ids, worlds.demoId);
  const { heldResponseMaxMs } = limits;
  const payments = new Payments({ store, clock, ids, worlds, outcomes, scenarios, waits, heldResponseMaxMs });
  const closing = new AbortController();
  const sender = announcedSender(endpoints.sender(httpSender()));
  const webhooks = new Webhooks(store, clock, sender, new Slots(limits.deliveriesPerEndpointMax));
  const scheduler = new Scheduler({ store, clock, ids, outcomes, webhooks }, limits, onDefect);
  const merchants = new Merchants(store, clock, ids, worlds, seed);
  const demo = new DemoCredentials(store, merchants);
  const requestLog = new RequestLog(store, worlds.demoId);
  const events = new Events(store, clock, requestLog);
  const snapshots = new Snapshots(store, clock, ids, worlds, requestLog);
  return {
    demo,
    worlds,
    payments,
    refunds: new Refunds({ store, clock, ids, outcomes, scenarios }),
    scenarios,
    slowly: () => pause(limits.slowResponseMs, closing.signal),
    lists: new Lists(store, clock, worlds.demoMerchantId),
    signatures: new Signatures(store, clock, config.auth, worlds),
    merchants,
    requestLog,
    webhooks,
    arrivals: new Arrivals(waits, payments),
    events,
    control: new Control(clock, worlds, payments, scheduler, requestLog, waits, snapshots),
    /** Ends waits and streams at once and then deliveries, and frees what the services hold. */
    close: async () => {
      waits.close();
      events.close();
      closing.abort();
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
  endpoints = inProcessEndpoints(),
): Promise<Sandbox> {
  const limits: Limits = { ...defaultLimits, ...someLimits };
  const write = createLog(config.log);
  const log: Log = (line) => write(withoutSecrets(line));
  const onDefect = defectLog(log);
  const services = composeServices(config, limits, onDefect, endpoints);
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
      // Never from the seed: what follows from it can be guessed.
      sessions: new Sessions(randomIds()),
    },
    frameAncestors: config.frameAncestors,
    version,
    health: () => ({ ready: closed === undefined, version, store: "memory", uptimeSeconds: uptimeSeconds() }),
    settings: config.settings,
    bodyMaxBytes: limits.bodyMaxBytes,
    controlBodyMaxBytes: limits.controlBodyMaxBytes,
    snapshotMaxBytes: limits.snapshotMaxBytes,
    shop: demoShop(config, listener),
    now: systemClock.now,
    onRequest: consoleLog(log),
    onSigned: announcer("response"),
    onApiRequest: (worlds, request) => services.requestLog.record(worlds, request),
    onDefect,
  });
  await services.worlds.prepare();
  await services.demo.refresh();

  const base = () => listener.addresses.base(inProcessOrigin);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= Promise.all([services.close(), listener.close()]).then(() => undefined);
    return closed;
  };
  const connection: Connection = {
    fetch: async (input, init) => fetchInProcess(app, requestOf(input, init)),
    baseUrl: base,
    endpoints,
  };
  const keyring = { current: () => services.demo.present(base()), learn: () => services.demo.refresh() };
  return Object.assign(sandboxHandle(connection, services.worlds.demoId, keyring, close), {
    listen: ({ host = "127.0.0.1", port = 0 } = {}) => listener.listen(host, port),
  });
}

/** The demo shop, where it is wanted. It is loaded when somebody first asks for it: a sandbox starts without it. */
function demoShop({ demo, adminToken }: Config, listener: Listener): AppParts["shop"] {
  let shop: Promise<(request: Request) => Response | Promise<Response>> | undefined;
  const load = async (sandboxUrl: string) => {
    const { createDemoShop } = await import("./demo/routes.ts");
    return createDemoShop({ sandboxUrl, adminToken, now: systemClock.now }).fetch;
  };
  if (!demo) return undefined;
  return async (request) => {
    const url = listener.ownUrl();
    if (url === undefined)
      return new Response("The demo shop is a merchant and needs a port: listen first.", { status: 503 });
    shop ??= load(url);
    return (await shop)(request);
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

/** Answers without a port. Where a scenario cuts the connection, it rejects as `fetch` does. */
async function fetchInProcess(app: ReturnType<typeof createApp>, request: Request): Promise<Response> {
  let cut = false;
  const response = await app.fetch(request, {
    cut: () => {
      cut = true;
    },
  });
  if (cut) throw new TypeError("fetch failed", { cause: new Error("A scenario of the sandbox cut the connection.") });
  return response;
}

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
