import type { MiddlewareHandler } from "hono";
import type { Signatures } from "../../services/signatures.ts";
import type { Env } from "../env.ts";

/** Signs the exact bytes that leave, errors included: one header line for each active key. [plugin] */
export function signResponse(signatures: Signatures): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const bytes = c.req.method === "HEAD" ? new Uint8Array() : new Uint8Array(await c.res.clone().arrayBuffer());
    const lines = await signatures.sign(bytes, c.get("merchantId"));
    if (lines.length > 1 && c.env?.outgoing !== undefined) c.env.outgoing.setHeader("X-Signature", lines);
    else c.res.headers.set("X-Signature", lines.join(", "));
  };
}
