import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import type { Env } from "../env.ts";
import type { Answer } from "./answer.ts";

/** Calls back at the end of this turn of the event loop. */
export type AtEndOfTurn = (callback: () => void) => void;

/**
 * Sends an answer with its signatures, one header line for each. In process, the caller gets a `Response`. A socket
 * gets the text itself, because a `Response` would cost more than all other work of the request. It gets it at the end
 * of the turn: a write wakes the client's process, and the writes of one turn do that once.
 */
export function send(
  c: Context<Env>,
  { status, headers, text }: Answer,
  signatures: readonly string[],
  atEndOfTurn: AtEndOfTurn,
): Response {
  const outgoing = c.env?.outgoing;
  const isHead = c.req.method === "HEAD";
  if (outgoing === undefined) {
    const signed = signatures.length === 0 ? headers : { ...headers, "X-Signature": signatures.join(", ") };
    return new Response(isHead ? null : text, { status, headers: signed });
  }
  const lines = ["Content-Length", String(Buffer.byteLength(text))];
  for (const [name, value] of Object.entries(headers)) lines.push(name, value);
  for (const signature of signatures) lines.push("X-Signature", signature);
  outgoing.writeHead(status, lines);
  atEndOfTurn(() => outgoing.end(text));
  return RESPONSE_ALREADY_SENT;
}
