import { quoted } from "../check.ts";
import type { ProviderKey, SenderKnowledge } from "./message.ts";

/** A text that may be the key, made from the one that a program uses. */
interface RepairedKey {
  readonly key: string;
  /** Completes "The key that you use". */
  readonly fault: string;
}

/** The usual mistakes with a key that was copied. */
export function* repairedKeys(given: string): Generator<RepairedKey> {
  const bare = given.trim();
  yield { key: bare, fault: "has white space around it: remove it" };
  yield { key: bare.replace(/^(["'`])(.*)\1$/s, "$2"), fault: "has quotation marks around it: remove them" };
  yield {
    key: bare.replace(/^(?:export\s+)?\w+=\s*(["']?)(.*)\1$/s, "$2"),
    fault: "begins with the name of its variable: remove it",
  };
  const ownText = "take its own text";
  yield { key: Buffer.from(bare, "base64").toString("utf8"), fault: `is the base64 of the key: ${ownText}` };
  yield { key: Buffer.from(bare, "hex").toString("utf8"), fault: `is the hex of the key: ${ownText}` };
  yield {
    key: Buffer.from(bare, "hex").toString("base64url"),
    fault: `is the hex of the bytes that the key decodes to: ${ownText}`,
  };
  yield {
    key: Buffer.from(bare, "base64").toString("base64url"),
    fault: `is the key in standard base64, with "+", "/" or "=": ${ownText}`,
  };
}

/** Describes a key by its kid and owner. */
export function nameOf({ kid, merchantId }: ProviderKey): string {
  return `the key ${quoted(kid)} of the merchant ${quoted(merchantId)}`;
}

/**
 * Explains why the key that a program uses is not the one that signed; `undefined` if nothing shows that it is not.
 * @param right the text of the key that signed, or the key that the header names; `undefined` if neither is known.
 */
export function keyFault(
  given: string,
  right: string | undefined,
  kid: unknown,
  { hmacKeys }: SenderKnowledge,
): string | undefined {
  if (right === given) return undefined;
  const repaired = right === undefined ? undefined : [...repairedKeys(given)].find(({ key }) => key === right);
  if (repaired !== undefined) return `The key that you use ${repaired.fault}.`;
  const named = hmacKeys.find((key) => key.kid === kid);
  const used = hmacKeys.find(({ key }) => key === given.trim());
  const signer = named === undefined ? `the key ${quoted(kid)}` : nameOf(named);
  if (used !== undefined) {
    const isRotation = used.merchantId === named?.merchantId;
    const remedy = isRotation
      ? "accept every active key during a rotation"
      : "take the key of the world that sent the message";
    return `The key that you use is ${nameOf(used)}, but the signature is made with ${signer}: ${remedy}.`;
  }
  if (right === undefined) return undefined;
  const lengths = `it has ${given.length} characters, and the right one ${right.length}`;
  const source = "copy the key of the world that sent the message (NOMUPAY_HMAC_KEY)";
  return `The key that you use is not ${signer}, which made the signature (${lengths}): ${source}.`;
}
