import type { MiddlewareHandler } from "hono";
import type { Scope } from "../../domain/merchant.ts";
import type { Signatures } from "../../services/signatures.ts";
import { type Env, requestTarget } from "../env.ts";
import { respondRefusal } from "../respond.ts";

/** Verifies the request's signature. The diagnosis goes into a header for the developer, never into the body. [ours] */
export function authenticate(signatures: Signatures): MiddlewareHandler<Env> {
  return async (c, next) => {
    const ignoredBody = c.get("ignoredBody");
    const parts = {
      method: c.req.method,
      target: requestTarget(c),
      body: c.get("body"),
      ...(ignoredBody === undefined ? {} : { ignoredBody }),
    };
    const signature = c.req.header("X-Signature");
    c.set("lastKnownMerchantId", signatures.lastKnownMerchant(signature));
    const authentication = await signatures.authenticate(signature, parts);
    c.set("authentication", authentication);
    const { verdict, diagnosis } = authentication;
    if (verdict === "wrong") {
      c.header("X-Sandbox-Diagnosis", printableAscii(diagnosis ?? ""));
      return respondRefusal(c, { code: "unauthorized" });
    }
    await next();
    if (diagnosis !== undefined && c.res.ok) c.res.headers.set("X-Sandbox-Diagnosis", printableAscii(diagnosis));
    return undefined;
  };
}

/** GET needs the scope `payments:read`, every other method `payments:create`. [plugin] */
export function requireScope(): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { scopes } = c.get("authentication");
    const scope: Scope = c.req.method === "GET" || c.req.method === "HEAD" ? "payments:read" : "payments:create";
    return scopes === "all" || scopes.includes(scope)
      ? next()
      : respondRefusal(c, { code: "insufficient_scope", scope });
  };
}

const diagnosisMaxLength = 1000;

/** Percent-encodes all bytes but printable ASCII: a header with other text of a client makes the platform throw. */
function printableAscii(text: string): string {
  let printable = "";
  for (const byte of new TextEncoder().encode(text)) {
    const isPrintable = byte >= 0x20 && byte <= 0x7e;
    const piece = isPrintable ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    if (printable.length + piece.length > diagnosisMaxLength) break;
    printable += piece;
  }
  return printable;
}
