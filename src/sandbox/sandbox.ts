import { createHash, timingSafeEqual } from "node:crypto";
import { sandboxHandle } from "../client/client.ts";
import type { ConnectedSandbox, Sandbox } from "../client/handle.ts";
import { checkOptions } from "../client/options.ts";
import type { Connection } from "../client/request.ts";
import {
  type Config,
  ConfigError,
  type ConfigOptions,
  configFromOptions,
  defaultLimits,
  type Limits,
  version,
} from "../config/config.ts";
import { isExposed } from "../config/exposure.ts";
import { presentRefusal } from "../http/api/refusals.ts";
import { type AppParts, createApp } from "../http/app.ts";
import { loadLateParts as loadLatePartsOfHttp } from "../http/late-parts.ts";
import { healthChecks } from "../http/middleware/log-requests.ts";
import { publisher } from "../platform/channels.ts";
import { pause, systemClock, waitAtMost } from "../platform/clock.ts";
import { randomIds, seededIds } from "../platform/ids.ts";
import { type InProcessEndpoints, inProcessEndpoints } from "../platform/in-process.ts";
import type { WebhookHandler } from "../platform/sender.ts";
import { headersMaxBytes } from "../platform/server.ts";
import { trustingFetch } from "../platform/trusting-fetch.ts";
import { atEndOfTurn, EventLoopTurns } from "../platform/turns.ts";
import type { Store } from "../store/store.ts";
import { Listener } from "./listener.ts";
import { attemptLog, defectListener, openLog, requestLog } from "./logs.ts";
import { chooseSeeds, describeSeeds, type Seeds } from "./seeds.ts";
import { composeServices } from "./services.ts";
import { databaseGraceMs, openStore, startFailure } from "./store.ts";

/** Options of a sandbox. All are optional. */
export interface SandboxOptions extends Omit<ConfigOptions, "webhookUrl"> {
  /** Endpoint of the notifications: a URL, or a function in this process, which needs no port. */
  readonly webhook?: string | WebhookHandler | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /**
   * Receives each defect of the sandbox: an error inside it, which no request causes. Without it defects are logged to
   * standard error, also if `log` is `silent`.
   */
  readonly onDefect?: ((error: unknown) => void) | undefined;
}

/** Limits of a sandbox that has the process for itself. Requests and the collection of garbage need the rest. */
export const serverLimits: Partial<Limits> = { heapShareMax: 0.8, logDelayMs: 20 };

const inProcessOrigin = "http://localhost";

/** Creates a sandbox. Rejects with `ConfigError` for a wrong option. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { webhook, limits, onDefect, ...rest } = options;
  if (onDefect !== undefined && typeof onDefect !== "function") {
    throw new ConfigError(`The option onDefect is ${JSON.stringify(onDefect)}; expected a function.`);
  }
  if ("webhookUrl" in rest) throw new ConfigError("The option webhookUrl is unknown: here it is called webhook.");
  for (const name of Object.keys(limits ?? {})) {
    if (Object.hasOwn(defaultLimits, name)) continue;
    const expected = `expected one of ${Object.keys(defaultLimits).join(", ")}`;
    throw new ConfigError(`The limit ${name} is unknown; ${expected}.`);
  }
  // A seed repeats every name, also that of an endpoint.
  const endpoints = inProcessEndpoints(typeof rest.seed === "string" ? seededIds(rest.seed) : randomIds());
  const webhookUrl = typeof webhook === "function" ? endpoints.add(webhook) : webhook;
  return composeSandbox(configFromOptions({ ...rest, webhookUrl }), { limits, endpoints, onDefect });
}

/** Creates a sandbox, calls `run` with it, and closes it in any case. */
export async function withSandbox<T>(options: SandboxOptions, run: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await createSandbox(options);
  try {
    return await run(sandbox);
  } finally {
    await sandbox.close();
  }
}

/** Composition root: connects the store, the services and the HTTP surfaces. */
export async function composeSandbox(
  config: Config,
  parts: Pick<SandboxOptions, "limits" | "onDefect"> & { readonly endpoints?: InProcessEndpoints } = {},
): Promise<Sandbox> {
  const { endpoints = inProcessEndpoints() } = parts;
  const limits: Limits = { ...defaultLimits, ...parts.limits };
  const log = openLog(config, limits.logDelayMs);
  const onDefect = defectListener(config.log, parts.onDefect);
  const replicaId = randomIds().token("replica", "");
  const turns = new EventLoopTurns(systemClock, limits.turnMaxMs);
  const opened = await openStore(config, replicaId, turns, log);
  const onAttempt = config.log === "silent" ? undefined : attemptLog(log);
  const serviceParts = { config, limits, opened, replicaId, endpoints, log, onAttempt, onDefect };
  const { services, seeds } = await composeOrClose(serviceParts);
  const listener = new Listener({
    ...limits,
    connectionsMax: config.connectionsMax,
    alwaysAnswered: healthChecks,
    ...refusalsOfServer,
    turns,
    log,
    fetch: (request, bindings) => app.fetch(request, bindings),
    publicUrl: config.publicUrl,
    adminToken: config.adminToken,
    tls: config.tls,
    allowHosts: config.allowHosts,
    keysNotice: describeSeeds(seeds, config),
    hasDefaultKeys: seeds.origin === "default" && !isExposed(config),
  });
  const app = createApp({
    ...services,
    ...limits,
    addresses: listener.addresses,
    gate: {
      allowHosts: config.allowHosts,
      allowsDotlessHosts: () => listener.isReachable(),
      verifiesSignatures: config.auth !== "off",
      publicHost: config.publicUrl === undefined ? undefined : new URL(config.publicUrl).host,
      isAdminToken: adminTokenCheck(config.adminToken),
      sessions: services.sessions,
    },
    frameAncestors: config.frameAncestors,
    version,
    health: healthSince(systemClock.now(), opened.store.shared, seeds),
    readiness: async () => {
      const isReached = await isReachable(opened.store);
      if (closed !== undefined) return "closing";
      return isReached ? "ready" : "store_unavailable";
    },
    settings: config.settings,
    shop: demoShop(config, listener),
    now: () => opened.clock.now(),
    atEndOfTurn,
    onRequest: requestLog(config.log, log),
    onSigned: publisher("response"),
    onApiRequest: (place, request) => services.requestLog.record(place, request),
    // The store itself logs once that it cannot be reached.
    onDefect: (error) => (opened.store.isUnavailable(error) ? undefined : onDefect(error)),
  });
  try {
    await services.start();
  } catch (error) {
    await services.close(Promise.resolve());
    throw startFailure(error, opened.store);
  }

  const base = () => listener.addresses.base(inProcessOrigin);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= services.close(listener.close());
    return closed;
  };
  const connection: Connection = {
    fetch: async (input, init) => {
      const response = await fetchInProcess(app, requestOf(input, init));
      await services.demo.upToDate();
      return response;
    },
    baseUrl: base,
    endpoints,
  };
  const credentials = { current: () => services.demo.present(base()), update: () => services.demo.refresh() };
  return withListener(sandboxHandle(connection, services.worlds.demoId, credentials, close), listener);
}

function withListener(handle: ConnectedSandbox, listener: Listener): Sandbox {
  const listen: Sandbox["listen"] = (at) => listenAt(listener, at);
  const sandbox = Object.assign(handle, { listen, caFile: undefined });
  return Object.defineProperty(sandbox, "caFile", { get: () => listener.tls?.caFile });
}

async function listenAt(listener: Listener, at: Parameters<Sandbox["listen"]>[0] = {}): Promise<string> {
  checkOptions("listen()", at, ["port", "host"]);
  const { host = "127.0.0.1", port = 0 } = at;
  return listener.listen(host, port);
}

function isReachable(store: Store): Promise<boolean> {
  return store.check().then(
    () => true,
    () => false,
  );
}

function healthSince(startTime: number, isShared: boolean, { origin: seed }: Seeds): AppParts["health"] {
  const store = isShared ? "postgres" : "memory";
  return () => ({ version, store, seed, uptimeSeconds: Math.floor((systemClock.now() - startTime) / 1000) });
}

/** Chooses the seeds and composes the services. Closes the store if that fails. */
async function composeOrClose(parts: Omit<Parameters<typeof composeServices>[0], "seeds">) {
  try {
    const seeds = await chooseSeeds(parts.config, parts.opened.store);
    return { services: composeServices({ ...parts, seeds }), seeds };
  } catch (error) {
    await waitAtMost(parts.opened.close(), databaseGraceMs);
    throw startFailure(error, parts.opened.store);
  }
}

const loadDemo = () => import("../demo/routes.ts");

/** Time for the first requests before the late parts are loaded, in milliseconds. */
const latePartsDelayMs = 100;

/** Loads what the first use of a surface would load. A server that starts calls it when it is ready. */
export async function loadLateParts({ demo }: Pick<Config, "demo">): Promise<void> {
  await pause(latePartsDelayMs, new AbortController().signal);
  await loadLatePartsOfHttp();
  if (demo) await loadDemo();
}

/** The demo shop, if it is enabled. The first request loads it, so that the sandbox starts faster. */
function demoShop({ demo, adminToken }: Config, listener: Listener): AppParts["shop"] {
  let shop: ((request: Request) => Response | Promise<Response>) | undefined;
  if (!demo) return undefined;
  return async (request) => {
    const url = listener.ownUrl();
    if (url === undefined) {
      return new Response("The demo shop is a merchant and needs a port: listen first.", { status: 503 });
    }
    const { createDemoShop } = await loadDemo();
    const { tls } = listener;
    const send = tls && trustingFetch({ pinned: tls.cert });
    shop ??= createDemoShop({ sandboxUrl: url, adminToken, now: systemClock.now, send }).fetch;
    return shop(request);
  };
}

const unreadable = {
  code: "invalid_request",
  errors: [
    { path: "", code: "invalid_request", description: "The request is not readable HTTP, or took too long to arrive." },
  ],
} as const;

const headersTooLarge = {
  reason: {
    code: "headers_too_large",
    description:
      `The request line and the headers are larger than ${headersMaxBytes} bytes (${headersMaxBytes / 1024} KiB). ` +
      "NODE_OPTIONS=--max-http-header-size={bytes} raises the limit.",
  },
} as const;

const noConnection = {
  reason: {
    code: "too_many_connections",
    description: "The sandbox has too many connections with open requests. Close some, or raise --connections-max.",
  },
} as const;

const refusalsOfServer = {
  refusedByLimit: JSON.stringify(noConnection),
  refusedByParser: JSON.stringify(presentRefusal(unreadable).body),
  refusedHeaders: JSON.stringify(headersTooLarge),
};

/** Answers a request without a port. Rejects as `fetch` does if a scenario cuts the connection. */
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
  const url = String(input);
  // A path that begins with two slashes has no host: the same mistake reaches a port as a path.
  return new Request(url.startsWith("//") ? inProcessOrigin + url : new URL(url, inProcessOrigin), init);
}

function adminTokenCheck(token: string | undefined): ((given: string) => boolean) | undefined {
  if (token === undefined || token === "none") return undefined;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return (given) => timingSafeEqual(digest(given), digest(token));
}
