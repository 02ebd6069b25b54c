import type { MiddlewareHandler } from "hono";
import type { Signatures } from "../../services/signatures.ts";
import type { Env } from "../env.ts";

/** A response of the provider's API as it is sent. */
export interface SignedResponse {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly status: number;
  /** Values by lower-case name; several lines of one header are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Called with every response. The description is built only when the listener asks for it. */
export type OnSigned = (describe: () => SignedResponse) => void;

/** Signs the exact bytes of each response, errors included: one header line for each active key. [plugin] */
export function signResponse(signatures: Signatures, onSigned: OnSigned): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const { method, path } = c.req;
    const bytes = method === "HEAD" ? new Uint8Array() : new Uint8Array(await c.res.clone().arrayBuffer());
    c.set("answer", bytes);
    const lines = await signatures.sign(bytes, c.get("authentication")?.merchantId ?? c.get("lastKnownMerchantId"));
    const joined = lines.join(", ");
    if (lines.length > 1 && c.env?.outgoing !== undefined) c.env.outgoing.setHeader("X-Signature", lines);
    else c.res.headers.set("X-Signature", joined);
    onSigned(() => {
      const lines = [...c.res.headers].map(([name, value]) => [name.toLowerCase(), value]);
      const headers = { ...Object.fromEntries(lines), "x-signature": joined };
      return { method, path, status: c.res.status, headers, body: new TextDecoder().decode(bytes) };
    });
  };
}
