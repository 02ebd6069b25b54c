import type { ErrorResource } from "../http/api/refusals.ts";
import type { controlRoutes } from "../http/control/routes.ts";
import type { BodyInput, PathParameters, QueryInput, SuccessOf } from "../http/route.ts";
import type { WebhookHandler } from "../platform/sender.ts";
import { SandboxError } from "./handle.ts";

/** A connection to a sandbox: its own app in this process, or a server. */
export interface Connection {
  fetch(target: Request | URL | string, init?: RequestInit): Promise<Response>;
  /** Origin of the server; absent in process. */
  readonly url?: string;
  /** Base URL of the pages, if it can change. */
  readonly baseUrl?: () => string;
  /** Registers functions of this process as endpoints of notifications. */
  readonly endpoints?: {
    /** @returns the URL of the function. */
    add(handler: WebhookHandler): string | Promise<string>;
    remove(url: string): void;
  };
}

type ControlRoutes = (typeof controlRoutes)[number];
type Method = ControlRoutes["method"];
type PathOf<M extends Method> = Extract<ControlRoutes, { readonly method: M }>["path"];
type RouteOf<M extends Method, P> = Extract<ControlRoutes, { readonly method: M; readonly path: P }>;

/** The variable parts of a request; members without a value are left out. */
interface RequestDetails<R> {
  readonly query?: QueryInput<R>;
  readonly body?: BodyInput<R>;
}

type DetailsOf<R, P extends string> = P extends `${string}{${string}`
  ? [details: RequestDetails<R> & { readonly params: PathParameters<P> }]
  : [details?: RequestDetails<R>];

/**
 * Sends a request to a route of the control surface; its types are those of the route's description. Rejects with
 * `SandboxError`: the code of the refusal, or `unreachable` if no sandbox responds.
 */
export type RequestControl = <M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...details: DetailsOf<RouteOf<M, P>, P>
) => Promise<SuccessOf<RouteOf<M, P>["responses"]>>;

interface AnyDetails {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/** The same for a path that is not known to the types. */
export type UntypedRequestControl = (method: string, path: string, details?: AnyDetails) => Promise<object>;

/** Sends requests to the control surface through a connection. */
export function requestControl(connection: Connection): RequestControl {
  const request: UntypedRequestControl = async (method, path, { params = {}, query = {}, body } = {}) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
    const target = `/_sandbox${filled}${searchOf(query)}`;
    const headers = { "Content-Type": "application/json" };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const { status, text } = await send(connection, target, init);
    const json = readObject(text);
    if (json === undefined) throw unreachable(connection, `${method} ${target} returned ${status} without JSON`);
    if (status < 400) return json;
    throw refusalOf(json) ?? unreachable(connection, `${method} ${target} returned ${status}`);
  };
  return request as RequestControl;
}

function searchOf(query: NonNullable<AnyDetails["query"]>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.append(name, String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}

async function send(
  connection: Connection,
  target: string,
  init: RequestInit,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await connection.fetch(target, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (connection.url === undefined) throw error;
    throw unreachable(connection, reasonOf(error), error);
  }
}

/** @param why ends the sentence, without a full stop. */
export function unreachable({ url = "this process" }: Connection, why: string, cause?: unknown): SandboxError {
  return new SandboxError("unreachable", `No sandbox answers at ${url}: ${why}.`, undefined, { cause });
}

/** Errors of a client that does not trust the CA of a server. */
const untrusted = ["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"];

/** The message of a `fetch` error is generic; its cause has the details. */
export function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { message?: string; code?: string } };
  const reason = cause?.message || cause?.code || (error instanceof Error ? error.message : String(error));
  if (!untrusted.includes(cause?.code ?? "")) return reason;
  return `${reason}; name its CA: --ca FILE of a command, the option ca in code, or the variable NODE_EXTRA_CA_CERTS`;
}

function readObject(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function refusalOf(json: object): SandboxError | undefined {
  const { reason, errors = [] } = json as Partial<ErrorResource>;
  if (typeof reason?.code !== "string") return undefined;
  const message = errors.length > 0 ? errors.map(({ description }) => description).join(" ") : reason.description;
  return new SandboxError(reason.code, message, json as ErrorResource & Record<string, unknown>);
}
