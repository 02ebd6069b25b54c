import type { ErrorResource } from "../http/api/refusals.ts";
import type { WebhookHandler } from "../platform/sender.ts";
import { SandboxError } from "./handle.ts";

/** The way to a sandbox: its own app in this process, or a server. */
export interface Connection {
  fetch(target: Request | URL | string, init?: RequestInit): Promise<Response>;
  /** Where the server is; absent in process. */
  readonly url?: string;
  /** Where its pages are, as long as that can change. */
  readonly baseUrl?: () => string;
  /** Makes functions of this process endpoints for notifications; absent where the sandbox cannot call any. */
  readonly endpoints?: {
    /** @returns the URL that stands for the function. */
    add(handler: WebhookHandler): string;
    remove(url: string): void;
  };
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What goes along with a question; members without a value are left out. */
export interface Asked {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
}

/** Asks the control surface. Rejects with `SandboxError` where it refuses, and where there is none. */
export type Ask = <T>(method: Method, path: string, asked?: Asked) => Promise<T>;

/** @param path below `/_sandbox`, its segments escaped. */
export function askThrough(connection: Connection): Ask {
  return async <T>(method: Method, path: string, { query = {}, body }: Asked = {}) => {
    const target = `/_sandbox${path}${searchOf(query)}`;
    const headers = { "Content-Type": "application/json" };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const { status, text } = await send(connection, target, init);
    const json = readObject(text);
    if (json === undefined) throw noSandbox(connection, `${method} ${target} was answered with ${status} and no JSON`);
    if (status < 400) return json as T;
    throw refusalOf(json) ?? noSandbox(connection, `${method} ${target} was answered with ${status}`);
  };
}

function searchOf(query: NonNullable<Asked["query"]>): string {
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
    throw noSandbox(connection, reasonOf(error), error);
  }
}

/** @param why ends the sentence, without a full stop. */
export function noSandbox({ url = "this process" }: Connection, why: string, cause?: unknown): SandboxError {
  return new SandboxError("unreachable", `No sandbox answers at ${url}: ${why}.`, undefined, { cause });
}

/** What `fetch` rejects with says little; its cause says more. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { message?: string; code?: string } };
  return cause?.message || cause?.code || (error instanceof Error ? error.message : String(error));
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
