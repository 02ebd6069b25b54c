import type { MiddlewareHandler } from "hono";
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
      bytes = await bytesOf(c.req.raw, maxBytes);
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
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return joined(chunks);
}

async function bytesOf(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (request.method === "GET" || request.method === "HEAD") return new Uint8Array();
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return undefined;
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size > maxBytes) {
      await reader.cancel();
      return undefined;
    }
  }
  return joined(chunks);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
