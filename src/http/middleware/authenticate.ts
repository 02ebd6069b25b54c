import type { Scope } from "../../domain/merchant.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { Authentication } from "../../services/signatures.ts";

/** Refuses a request without a right signature, and one whose key lacks the scope. */
export function refuseCaller({ verdict, scopes }: Authentication, method: string): Refusal | undefined {
  if (verdict === "wrong") return { code: "unauthorized" };
  const scope = scopeOf(method);
  return scopes === "all" || scopes.includes(scope) ? undefined : { code: "insufficient_scope", scope };
}

/** GET needs the scope `payments:read`, every other method `payments:create`. [plugin] */
function scopeOf(method: string): Scope {
  return method === "GET" || method === "HEAD" ? "payments:read" : "payments:create";
}

/** The header with the diagnosis of a signature, for the developer. [ours] */
export const diagnosisHeader = "X-Sandbox-Diagnosis";

const diagnosisMaxLength = 1000;
const plainAscii = /^[ -~]{0,1000}$/;

/** Percent-encodes all bytes but printable ASCII: a header with other text of a client makes the platform throw. */
export function printableAscii(text: string): string {
  if (plainAscii.test(text)) return text;
  let printable = "";
  for (const byte of new TextEncoder().encode(text)) {
    const isPrintable = byte >= 0x20 && byte <= 0x7e;
    const piece = isPrintable ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    if (printable.length + piece.length > diagnosisMaxLength) break;
    printable += piece;
  }
  return printable;
}
