import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import type { Env } from "../env.ts";
import type { Answer } from "./answer.ts";

/**
 * Sends an answer with its signatures, one header line for each. A socket gets the text itself: a `Response` would cost
 * more than all other work of the request. In process, the caller gets a `Response`.
 */
export function send(c: Context<Env>, { status, headers, text }: Answer, signatures: readonly string[]): Response {
  const outgoing = c.env?.outgoing;
  const isHead = c.req.method === "HEAD";
  if (outgoing === undefined) {
    const signed = { ...headers, "X-Signature": signatures.join(", ") };
    return new Response(isHead ? null : text, { status, headers: signed });
  }
  outgoing.writeHead(status, {
    ...headers,
    "Content-Length": String(Buffer.byteLength(text)),
    "X-Signature": [...signatures],
  });
  outgoing.end(text);
  return RESPONSE_ALREADY_SENT;
}
