import type { SignedParts } from "../request-signature.ts";

/** Input of the doctor besides the request. */
export interface DoctorKnowledge {
  /** Real time, in milliseconds. */
  readonly nowMs: number;
  /** The clocks of the worlds that the request may be for, in milliseconds. */
  readonly worldTimesMs?: readonly number[];
  /** The credentials that sentences may name; the public key is SPKI, PEM. */
  readonly credentials: readonly { readonly kid: string; readonly merchantId: string; readonly publicKey: string }[];
  /** Shared secrets, to recognise an HMAC in place of ES256. Their text never appears in a sentence. */
  readonly hmacKeys: readonly { readonly kid: string; readonly key: string }[];
  /** Whether sentences list no registered keys: who asks may be another merchant. */
  readonly hidesKids?: boolean;
  /** Maximum verifications in the search for the signed bytes; one takes about 0.1 ms. 0 skips the search. */
  readonly verificationsMax?: number;
  /** Receives the number of verifications in the search. */
  readonly onVerified?: (verifications: number) => void;
}

/** Result of one check. */
export interface DoctorCheck {
  /** Stable, in snake_case. */
  readonly name: string;
  /** `unknown`: an earlier fault prevents the check. */
  readonly verdict: "ok" | "wrong" | "unknown";
  readonly sentence: string;
}

/** A check: wrong if there is a fault, else right. */
export function checkOf(name: string, fault: string | undefined, sentenceIfOk: string): DoctorCheck {
  return fault === undefined
    ? { name, verdict: "ok", sentence: sentenceIfOk }
    : { name, verdict: "wrong", sentence: fault };
}

/** A check that an earlier fault prevents. */
export function notChecked(name: string, because: string): DoctorCheck {
  return { name, verdict: "unknown", sentence: `Not checked: ${because}.` };
}

const quotedMax = 200;

/** A value as JSON, shortened to 200 characters. */
export function quoted(value: unknown): string {
  const text = jsonText(value);
  return text.length <= quotedMax ? text : `${text.slice(0, quotedMax - 3).replace(/[\ud800-\udbff]$/, "")}...`;
}

function jsonText(value: unknown): string {
  try {
    return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  } catch {
    return "a deeply nested value";
  }
}

export function byteCount(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/** What the signature of a request must cover. */
export function signedContent({ body }: Pick<SignedParts, "body">): string {
  return body.length === 0 ? "the empty string" : "the exact bytes of the body";
}

/** Remedy for a user of a JWT library. */
export function plainJws(request: Pick<SignedParts, "body">): string {
  return `sign ${signedContent(request)} with a plain JWS function (jose: FlattenedSign instead of SignJWT)`;
}
