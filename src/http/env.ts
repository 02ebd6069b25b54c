import type { Context } from "hono";

/** Node objects of a request that came through a socket; absent in process. */
export interface SocketBindings {
  readonly incoming?: {
    /** Events of the body: `data` with bytes, then `end`; or `error` or `close`. */
    on(event: string, listener: (chunk: Uint8Array) => void): unknown;
    off(event: string, listener: (chunk: Uint8Array) => void): unknown;
    pause(): unknown;
    readonly destroyed: boolean;
    readonly url?: string | undefined;
    readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  };
  readonly outgoing?: {
    /** @param lines names and values by turns. */
    writeHead(status: number, lines: string[]): unknown;
    end(text: string): unknown;
    destroy(): unknown;
  };
  /** In process: withholds the response from the caller. */
  readonly cut?: () => void;
}

export interface Env {
  Bindings: SocketBindings;
  Variables: {
    /** The exact bytes of the body; empty without one. */
    body: Uint8Array<ArrayBuffer>;
    /** Set if the request has its line in the log already. */
    isLogged?: true;
  };
}

/** Base URLs of this sandbox. */
export interface Addresses {
  /** Path of the public URL, which a proxy removes from requests; empty without one. */
  readonly basePath: string;
  /** Base of the URLs in responses and pages, without a trailing slash. In process, the request's origin. */
  base(requestOrigin: string): string;
  /** Base of the URL in the QR code, and whether a phone on this network can reach it. */
  phone(requestOrigin: string): { readonly base: string; readonly reachable: boolean };
}

/** Path and query as received: raw bytes over a socket, the normalised URL in process. */
export function requestTarget(c: Context<Env>): string {
  const raw = c.env?.incoming?.url ?? c.req.url;
  if (raw.startsWith("/") && !raw.includes("#")) return raw;
  return raw.replace(/^https?:\/\/[^/?#]*(?=[/?#]|$)/i, "").replace(/#.*$/s, "") || "/";
}

export function requestOrigin(c: Context<Env>): string {
  const { url } = c.req;
  return url.slice(0, url.indexOf("/", url.indexOf("//") + 2));
}

/** Query parameters by name; the last value of a repeated one. */
export function queryOf(c: Context<Env>): Record<string, string> {
  if (!c.req.url.includes("?")) return {};
  return Object.fromEntries(Object.entries(c.req.queries()).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

/**
 * A header of the request. Several lines are joined.
 * @param name in lower case; none of those that Node does not join, such as `host` and `user-agent`.
 */
export function headerOf(c: Context<Env>, name: string): string | undefined {
  const headers = c.env?.incoming?.headers;
  return headers === undefined ? c.req.header(name) : headers[name]?.toString();
}

/** Whether the request came through a socket; `sandbox.fetch` is trusted. */
export function isFromSocket(c: Context<Env>): boolean {
  return c.env?.incoming !== undefined;
}
