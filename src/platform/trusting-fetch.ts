import type { IncomingMessage } from "node:http";
import { Agent, request as sendRequest } from "node:https";
import { Readable } from "node:stream";
import { headerLines } from "./answer.ts";

/** Which certificates a client accepts. */
export type Trust =
  /** Those of these CAs, PEM, for the host of the URL. */
  | { readonly ca: string }
  /** These and those that they signed, PEM, for any host: for a server of the same user. */
  | { readonly pinned: string }
  /** Any: for requests without a secret whose response proves nothing. */
  | "any";

/**
 * A `fetch` for https with certificates that Node does not trust by itself. Its own one takes no CA. Redirects are
 * returned, not followed. Rejects as `fetch` does: a `TypeError` with the reason as its cause.
 */
export function trustingFetch(trust: Trust): (target: Request | string, init?: RequestInit) => Promise<Response> {
  const agent = new Agent({ keepAlive: true, ...tlsOptions(trust) });
  return async (target, init) => {
    const request = new Request(target, init);
    const body = Buffer.from(await request.arrayBuffer());
    try {
      return responseOf(await send(request, body, agent));
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      throw new TypeError("fetch failed", { cause: error });
    }
  };
}

function tlsOptions(trust: Trust) {
  if (trust === "any") return { rejectUnauthorized: false };
  if ("ca" in trust) return { ca: trust.ca };
  return { ca: trust.pinned, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}

function send({ url, method, headers, signal }: Request, body: Buffer, agent: Agent): Promise<IncomingMessage> {
  const lines = Object.fromEntries(headers);
  const length = body.length === 0 && ["GET", "HEAD"].includes(method) ? {} : { "content-length": body.length };
  return new Promise((resolve, reject) => {
    sendRequest(url, { method, agent, signal, headers: { ...lines, ...length } })
      .on("response", resolve)
      .on("error", reject)
      .end(body);
  });
}

/** Statuses of responses that have no body. */
const bodilessStatuses = [204, 205, 304];

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode: status = 0, statusMessage: statusText = "", rawHeaders } = incoming;
  const isBodiless = bodilessStatuses.includes(status);
  if (isBodiless) incoming.resume();
  const headers = new Headers();
  for (const [name, value] of headerLines(rawHeaders)) headers.append(name, value);
  const body = isBodiless ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
  return new Response(body, { status, statusText, headers });
}
