import { createPrivateKey } from "node:crypto";
import { type JwsFault, parseDetachedJws, signEs256, signingInput, verifyEs256 } from "./jws.ts";

/** How far ahead a request's `exp` may lie, in seconds. [docs] */
export const requestExpirySecondsMax = 300;

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string;
  /** Path and query, the raw bytes of the request target, without host. */
  readonly target: string;
  /** The exact bytes of the body; empty where there is none. */
  readonly body: Uint8Array;
  /** A body that came with a GET and counts for nothing; the doctor looks whether it was signed. */
  readonly ignoredBody?: Uint8Array;
}

/** What a request's signature is for: `{METHOD} {path?query}`, exact and case-sensitive. [docs] */
export function requestAudience({ method, target }: Pick<SignedParts, "method" | "target">): string {
  return `${method} ${target}`;
}

/** Why a request's signature is refused; what to do about it is the doctor's to say. */
export type SignatureFault =
  | JwsFault
  | "alg"
  | "crit"
  | "kid_missing"
  | "kid_unknown"
  | "aud"
  | "exp_missing"
  | "exp_not_a_number"
  | "exp_past"
  | "exp_too_far"
  | "signature_length"
  | "signature";

/** A verdict on a request's signature. `kid` is what the header names, where it could be read. */
export type RequestVerdict =
  | { readonly ok: true; readonly kid: string }
  | { readonly ok: false; readonly fault: SignatureFault; readonly kid: string | undefined };

/**
 * Verifies `X-Signature` of a request: a detached JWS, ES256 only, with `kid`, `aud` and `exp` in its header. [docs]
 * `exp` must be later than `nowMs` and at most five minutes ahead of it. [docs] Further header members are tolerated
 * [ours], but `crit` is not: it names members that must be understood (RFC 7515, 4.1.11).
 * @param nowMs real time, in milliseconds.
 * @param publicKeyOf finds a key by its kid, as SPKI PEM.
 */
export function verifyRequestSignature(
  signature: string,
  parts: SignedParts,
  nowMs: number,
  publicKeyOf: (kid: string) => string | undefined,
): RequestVerdict {
  const jws = parseDetachedJws(signature);
  if (typeof jws === "string") return { ok: false, fault: jws, kid: undefined };
  const { alg, kid, aud, exp, crit } = jws.header;
  const named = typeof kid === "string" ? kid : undefined;
  const wrong = (fault: SignatureFault): RequestVerdict => ({ ok: false, fault, kid: named });

  if (alg !== "ES256") return wrong("alg");
  if (crit !== undefined) return wrong("crit");
  if (named === undefined) return wrong("kid_missing");
  const publicKey = publicKeyOf(named);
  if (publicKey === undefined) return wrong("kid_unknown");
  if (aud !== requestAudience(parts)) return wrong("aud");
  const expiry = judgeExpiry(exp, nowMs);
  if (expiry !== undefined) return wrong(expiry);
  if (jws.signature.length !== 64) return wrong("signature_length");
  const fits = verifyEs256(signingInput(jws.encodedHeader, parts.body), jws.signature, publicKey);
  return fits ? { ok: true, kid: named } : wrong("signature");
}

function judgeExpiry(exp: unknown, nowMs: number): SignatureFault | undefined {
  if (exp === undefined) return "exp_missing";
  if (typeof exp !== "number" || !Number.isFinite(exp)) return "exp_not_a_number";
  const aheadSeconds = exp - nowMs / 1000;
  if (aheadSeconds <= 0) return "exp_past";
  return aheadSeconds > requestExpirySecondsMax ? "exp_too_far" : undefined;
}

/** The value of `X-Signature` for a request. `exp` is in seconds since 1970; the key is PEM (PKCS #8). */
export function signRequestParts(
  { method, target, body }: SignedParts,
  { kid, privateKey, exp }: { readonly kid: string; readonly privateKey: string; readonly exp: number },
): string {
  const aud = requestAudience({ method, target });
  return signEs256({ alg: "ES256", kid, aud, exp }, body, createPrivateKey(privateKey));
}
