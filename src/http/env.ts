import type { Context } from "hono";
import type { AppliedScenario, Scenario } from "../domain/scenario.ts";
import type { Authentication } from "../services/signatures.ts";

/** What the server gives along with a request; nothing of it in process. */
export interface SocketBindings {
  readonly incoming?: AsyncIterable<Uint8Array> & {
    readonly url?: string | undefined;
    readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  };
  readonly outgoing?: { setHeader(name: string, value: readonly string[]): unknown; destroy(): unknown };
  /** In process: the answer is not to reach the caller. */
  readonly cut?: () => void;
}

export interface Env {
  Bindings: SocketBindings;
  Variables: {
    /** The exact bytes of the body; empty where there is none. */
    body: Uint8Array<ArrayBuffer>;
    /** A body that came with a GET, where there was one. */
    ignoredBody: Uint8Array | undefined;
    /** Who asks, on the provider's API; missing until the signature was looked at. */
    authentication: Authentication;
    /** Whose keys sign the answer to a request that nobody could authenticate; missing as `authentication` is. */
    lastKnownMerchantId: string;
    /** The bytes of the answer, on the provider's API; empty for HEAD. */
    answer: Uint8Array | undefined;
    /** The payment that the request made. */
    madePaymentId: string | undefined;
    /** The scenario that the request's header names. */
    asked: Scenario | undefined;
    /** The scenario that struck the request. */
    appliedScenario: AppliedScenario | undefined;
  };
}

/** Where this sandbox can be reached. */
export interface Addresses {
  /** The base of the URLs that it hands out, without a slash at the end. In process, the request's origin. */
  base(requestOrigin: string): string;
  /** The base of what the QR code says, and whether a phone on this network can get there. */
  phone(requestOrigin: string): { readonly base: string; readonly reachable: boolean };
}

/** Path and query as they came in: raw bytes over a socket, the normalised URL in process. */
export function requestTarget(c: Context<Env>): string {
  const raw = c.env?.incoming?.url ?? c.req.url;
  return raw.replace(/^https?:\/\/[^/?#]*(?=[/?#]|$)/i, "").replace(/#.*$/s, "") || "/";
}

export function requestOrigin(c: Context<Env>): string {
  return new URL(c.req.url).origin;
}

/** Query parameters by name; of one that is given twice the last value. */
export function queryOf(c: Context<Env>): Record<string, string> {
  return Object.fromEntries(Object.entries(c.req.queries()).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

/** Whether the request came through a socket; `sandbox.fetch` is trusted. */
export function isFromSocket(c: Context<Env>): boolean {
  return c.env?.incoming !== undefined;
}
