import { createPrivateKey, type KeyObject } from "node:crypto";
import { type DetachedJws, type JwsFault, parseDetachedJws, signEs256, signingInput, verifyEs256 } from "./jws.ts";

/** Maximum distance of a request's `exp` from now, in seconds. [docs] */
export const requestExpirySecondsMax = 300;

/** The signed parts of a request. */
export interface SignedParts {
  readonly method: string;
  /** Path and query without host: the raw bytes of the request target. */
  readonly target: string;
  /** Exact bytes of the body; empty if there is none. */
  readonly body: Uint8Array;
  /** Body of a GET, which is ignored; the doctor checks whether it was signed. */
  readonly ignoredBody?: Uint8Array;
}

/** Audience of a request's signature: `{METHOD} {path?query}` [docs], exact and case-sensitive. [plugin] */
export function requestAudience({ method, target }: Pick<SignedParts, "method" | "target">): string {
  return `${method} ${target}`;
}

/** Reason why a request's signature is refused; the doctor explains what to change. */
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

/** The value of `X-Signature`, parsed once. */
export interface ParsedSignature {
  readonly jws: DetachedJws | JwsFault;
}

export function parseSignature(signature: string): ParsedSignature {
  return { jws: parseDetachedJws(signature) };
}

/** Verdict on a request's signature. `kid` comes from the header, if it can be read. */
export type RequestVerdict =
  | { readonly ok: true; readonly kid: string }
  | { readonly ok: false; readonly fault: SignatureFault; readonly kid: string | undefined };

/**
 * Verifies `X-Signature` of a request: a detached JWS, ES256 only, with `kid`, `aud` and `exp` in its header. [docs]
 * `exp` must be after `nowMs` by at most five minutes. [docs] Further header members are ignored [ours], but `crit`
 * is refused: it lists members that the recipient must support (RFC 7515, 4.1.11).
 * @param nowMs real time, in milliseconds.
 * @param publicKeyOf finds a public key by its kid: as SPKI PEM, or read from it.
 */
export function verifyRequestSignature(
  signature: string | ParsedSignature,
  parts: SignedParts,
  nowMs: number,
  publicKeyOf: (kid: string) => string | KeyObject | undefined,
): RequestVerdict {
  const { jws } = typeof signature === "string" ? parseSignature(signature) : signature;
  if (typeof jws === "string") return { ok: false, fault: jws, kid: undefined };
  const { alg, kid, aud, exp, crit } = jws.header;
  const givenKid = typeof kid === "string" ? kid : undefined;
  const refused = (fault: SignatureFault): RequestVerdict => ({ ok: false, fault, kid: givenKid });

  if (alg !== "ES256") return refused("alg");
  if (crit !== undefined) return refused("crit");
  if (givenKid === undefined) return refused("kid_missing");
  const publicKey = publicKeyOf(givenKid);
  if (publicKey === undefined) return refused("kid_unknown");
  if (aud !== requestAudience(parts)) return refused("aud");
  const expFault = expiryFault(exp, nowMs);
  if (expFault !== undefined) return refused(expFault);
  if (jws.signature.length !== 64) return refused("signature_length");
  const isValid = verifyEs256(signingInput(jws.encodedHeader, parts.body), jws.signature, publicKey);
  return isValid ? { ok: true, kid: givenKid } : refused("signature");
}

function expiryFault(exp: unknown, nowMs: number): SignatureFault | undefined {
  if (exp === undefined) return "exp_missing";
  if (typeof exp !== "number" || !Number.isFinite(exp)) return "exp_not_a_number";
  const aheadSeconds = exp - nowMs / 1000;
  if (aheadSeconds <= 0) return "exp_past";
  return aheadSeconds > requestExpirySecondsMax ? "exp_too_far" : undefined;
}

/** Value of `X-Signature` for a request. `exp` is in seconds since 1970; the private key is PEM (PKCS #8). */
export function signRequestParts(
  { method, target, body }: SignedParts,
  { kid, privateKey, exp }: { readonly kid: string; readonly privateKey: string; readonly exp: number },
): string {
  const aud = requestAudience({ method, target });
  return signEs256({ alg: "ES256", kid, aud, exp }, body, createPrivateKey(privateKey));
}
