import type { Context, MiddlewareHandler } from "hono";
import type { Env, SocketBindings } from "../env.ts";
import { respondRefusal } from "../respond.ts";

/**
 * Reads the body once, as bytes: signatures cover exactly these. Refuses with `payload_too_large` as soon as the
 * body is known to exceed the limit.
 */
export function readBody(maxBytes: number): MiddlewareHandler<Env> {
  return async (c, next) => {
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    try {
      bytes = await bytesOf(c, maxBytes);
    } catch {
      // The client disconnected, or the request timed out: no defect of the sandbox.
      const description = "The body broke off.";
      return respondRefusal(c, {
        code: "invalid_request",
        errors: [{ path: "", code: "invalid_request", description }],
      });
    }
    if (bytes === undefined) return respondRefusal(c, { code: "payload_too_large", maxBytes });
    if (c.req.method === "GET" && c.req.header("X-Signature") !== undefined) {
      c.set("ignoredBody", await ignoredBytesOf(c.env?.incoming, maxBytes));
    }
    c.set("body", bytes);
    return next();
  };
}

/** The body of a GET, up to the limit. It has no effect, but the signature doctor explains it. */
async function ignoredBytesOf(incoming: SocketBindings["incoming"], maxBytes: number): Promise<Uint8Array | undefined> {
  const length = Number(incoming?.headers?.["content-length"] ?? 0);
  if (incoming === undefined || !(length > 0 && length <= maxBytes)) return undefined;
  return firstBytes(incoming.iterator({ destroyOnReturn: false }), maxBytes).catch(() => undefined);
}

async function bytesOf({ req, env }: Context<Env>, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (req.method === "GET" || req.method === "HEAD") return new Uint8Array();
  if (Number(req.header("content-length") ?? 0) > maxBytes) return undefined;
  // A web stream of the socket needs globals that test environments replace.
  if (env?.incoming !== undefined) return firstBytes(env.incoming.iterator({ destroyOnReturn: false }), maxBytes);
  return req.raw.body === null ? new Uint8Array() : firstBytes(chunksOf(req.raw.body.getReader()), maxBytes);
}

async function* chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel();
  }
}

/** All bytes; `undefined` if they are more than the maximum. Then the rest is not read. */
async function firstBytes(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    kept.push(chunk);
    size += chunk.length;
    if (size > maxBytes) return undefined;
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of kept) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
