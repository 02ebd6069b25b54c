import { signatureLines } from "./doctor/received/message.ts";
import { signingInput, verifyHs256 } from "./jws.ts";

/** A signature of a webhook, decoded. */
export interface SentSignature {
  /** The protected header; `undefined` if the signature cannot be read. */
  readonly header: Readonly<Record<string, unknown>> | undefined;
  /** `unknown_key`: the merchant does not have the key with that id. */
  readonly verdict: "valid" | "wrong" | "unknown_key" | "unreadable";
  readonly isExpired: boolean;
}

/**
 * Decodes and verifies the signatures of a webhook, one for each key.
 * @param body the exact body, which is the detached payload.
 * @param nowMs real time, in milliseconds.
 */
export function readSentSignatures(
  values: readonly string[],
  body: Uint8Array,
  keys: readonly { readonly kid: string; readonly key: string }[],
  nowMs: number,
): SentSignature[] {
  return signatureLines(values).map(({ jws }) => {
    if (typeof jws === "string") return { header: undefined, verdict: "unreadable", isExpired: false };
    const { encodedHeader, header, signature } = jws;
    const key = keys.find(({ kid }) => kid === header.kid)?.key;
    const isExpired = typeof header.exp === "number" && header.exp * 1000 <= nowMs;
    if (key === undefined) return { header, verdict: "unknown_key", isExpired };
    const isRight = header.alg === "HS256" && verifyHs256(signingInput(encodedHeader, body), signature, key);
    return { header, verdict: isRight ? "valid" : "wrong", isExpired };
  });
}
