import { createHash, timingSafeEqual } from "node:crypto";
import { type Config, type ConfigOptions, configFromOptions, defaultLimits, type Limits, version } from "./config.ts";
import { type Sandbox, unwrap, worldHandle } from "./handle.ts";
import { renderNotification } from "./http/api/present.ts";
import { presentRefusal } from "./http/api/reasons.ts";
import { createApp } from "./http/app.ts";
import type { PresentedCredentials } from "./http/control/routes.ts";
import type { RequestLine } from "./http/middleware/log-requests.ts";
import { Listener } from "./listener.ts";
import { systemClock } from "./platform/clock.ts";
import { randomIds, seededIds } from "./platform/ids.ts";
import { createLog, type Log } from "./platform/log.ts";
import { httpSender, inProcessSender, type WebhookHandler } from "./platform/sender.ts";
import { Control } from "./services/control.ts";
import { type Demo, demoMerchant } from "./services/demo-merchant.ts";
import { Outcomes } from "./services/outcomes.ts";
import { Payments } from "./services/payments.ts";
import { Refunds } from "./services/refunds.ts";
import { Scheduler } from "./services/scheduler.ts";
import { Signatures } from "./services/signatures.ts";
import { Webhooks } from "./services/webhooks.ts";
import { Worlds } from "./services/worlds.ts";
import { MemoryStore } from "./store/memory.ts";

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

/** The one place where everything is put together. */
export async function composeSandbox(
  config: Config,
  someLimits: Partial<Limits> = {},
  handler?: WebhookHandler,
): Promise<Sandbox> {
  const limits: Limits = { ...defaultLimits, ...someLimits };
  const log = createLog(config.log);
  const onDefect = defectLog(log);
  const clock = systemClock;
  const store = new MemoryStore();
  const ids = config.seed === undefined ? randomIds() : seededIds(config.seed);
  const seed = config.seed ?? defaultSeed;
  const demo = demoMerchant(seed, seededIds(seed));

  const worlds = new Worlds(store, ids, config, demo);
  const outcomes = new Outcomes(ids, renderNotification);
  const payments = new Payments(store, clock, ids, worlds, outcomes);
  const sender = handler === undefined ? httpSender() : inProcessSender(handler);
  const webhooks = new Webhooks(store, clock, sender);
  const scheduler = new Scheduler({ store, clock, outcomes, webhooks }, limits, onDefect);
  const control = new Control(clock, worlds, payments, scheduler);

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
  const startTime = clock.now();
  const uptimeSeconds = () => Math.floor((clock.now() - startTime) / 1000);
  const app = createApp({
    payments,
    refunds: new Refunds(store, clock, ids, outcomes),
    signatures: new Signatures(store, clock, config.auth, demo.merchant.merchantId),
    control,
    addresses: listener.addresses,
    gate: {
      allowHosts: config.allowHosts,
      publicHost: config.publicUrl === undefined ? undefined : new URL(config.publicUrl).host,
      isAdminToken: adminTokenCheck(config.adminToken),
    },
    health: () => ({ status: "ok", version, store: "memory", uptimeSeconds: uptimeSeconds() }),
    credentials: (baseUrl) => presentCredentials(demo, baseUrl),
    bodyMaxBytes: limits.bodyMaxBytes,
    controlBodyMaxBytes: limits.controlBodyMaxBytes,
    onRequest: requestLog(log),
    onDefect,
  });
  await worlds.prepare();

  const base = () => listener.addresses.base(inProcessOrigin);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= Promise.all([listener.close(), scheduler.stop(limits.closeTimeoutMs)]).then(() => {
      sender.close();
      return store.close();
    });
    return closed;
  };
  return {
    ...worldHandle(control, base),
    fetch: async (input, init) => app.fetch(requestOf(input, init)),
    listen: ({ host = "127.0.0.1", port = 0 } = {}) => listener.listen(host, port),
    get credentials() {
      return presentCredentials(demo, base());
    },
    reset: async () => void unwrap(await control.resetAll()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const unreadable = {
  code: "invalid_request",
  errors: [
    { path: "", code: "invalid_request", description: "The request is not readable HTTP, or took too long to arrive." },
  ],
} as const;

function requestOf(input: Request | URL | string, init?: RequestInit): Request {
  return new Request(input instanceof Request ? input : new URL(String(input), inProcessOrigin), init);
}

function presentCredentials(demo: Demo, baseUrl: string): PresentedCredentials {
  const { hmacKeys } = demo.merchant;
  const newest = hmacKeys[hmacKeys.length - 1];
  return {
    baseUrl,
    processingAccountId: demo.processingAccountId,
    kid: demo.credential.kid,
    privateKey: demo.privateKey,
    publicKey: demo.credential.publicKey,
    hmacKid: newest?.kid ?? "",
    hmacKey: newest?.key ?? "",
    hmacKeys,
  };
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

function requestLog(log: Log): (line: RequestLine) => void {
  let toldUnsigned = false;
  return (line) => {
    const unsigned = line.diagnosis?.startsWith("unsigned") === true;
    const why = line.diagnosis === undefined || (unsigned && toldUnsigned) ? "" : `\n  ${line.diagnosis}`;
    toldUnsigned ||= unsigned;
    log({ event: "request", message: `${line.method} ${line.target} ${line.status}${why}`, ...line });
  };
}
