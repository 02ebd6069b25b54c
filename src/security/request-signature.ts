import { createPrivateKey } from "node:crypto";
import { parseDetachedJws, signEs256, signingInput, verifyEs256 } from "./jws.ts";

/** How far ahead a request's `exp` may lie, in seconds. [docs] */
const requestExpirySecondsMax = 300;

/** What is signed of a request. */
export interface SignedParts {
  readonly method: string;
  /** Path and query, the raw bytes of the request target, without host. */
  readonly target: string;
  /** The exact bytes of the body; empty where there is none. */
  readonly body: Uint8Array;
}

/** What a request's signature is for: `{METHOD} {path?query}`, exact and case-sensitive. [docs] */
export function requestAudience({ method, target }: Pick<SignedParts, "method" | "target">): string {
  return `${method} ${target}`;
}

/** A verdict on a request's signature; `diagnosis` is one sentence for the developer who made it. */
export type SignatureVerdict =
  | { readonly ok: true; readonly kid: string }
  | { readonly ok: false; readonly diagnosis: string; readonly kid: string | undefined };

const faults = {
  not_three_parts: "X-Signature is not of the form {header}..{signature}: three parts with two dots between.",
  payload_not_detached: "The payload stands inside X-Signature: leave the middle part empty, {header}..{signature}.",
  not_base64url: "The header or the signature in X-Signature is not base64url without padding.",
  header_not_json: "The header in X-Signature is not a JSON object.",
} as const;

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
): SignatureVerdict {
  const jws = parseDetachedJws(signature);
  if (typeof jws === "string") return { ok: false, diagnosis: faults[jws], kid: undefined };
  const { alg, kid, aud, exp, crit } = jws.header;
  const named = typeof kid === "string" ? kid : undefined;
  const wrong = (diagnosis: string): SignatureVerdict => ({ ok: false, diagnosis, kid: named });

  if (alg !== "ES256") return wrong(`alg is ${shown(alg)}: it must be "ES256".`);
  if (crit !== undefined) return wrong("The header has crit, which names extensions that are not supported here.");
  if (named === undefined) return wrong("The header has no kid: it names the key that you sign with.");
  const publicKey = publicKeyOf(named);
  if (publicKey === undefined) return wrong(`The kid ${shown(named)} is unknown here.`);
  const expected = requestAudience(parts);
  if (aud !== expected) return wrong(`aud is ${shown(aud)}: for this request it must be ${shown(expected)}.`);
  const expiry = judgeExpiry(exp, nowMs);
  if (expiry !== undefined) return wrong(expiry);
  if (jws.signature.length !== 64) {
    return wrong(`The signature has ${jws.signature.length} bytes: ES256 has 64, r and s side by side, not DER.`);
  }
  if (!verifyEs256(signingInput(jws.encodedHeader, parts.body), jws.signature, publicKey)) {
    return wrong(
      "The signature does not fit: sign the exact bytes of the body that you send, with the key of this kid.",
    );
  }
  return { ok: true, kid: named };
}

function judgeExpiry(exp: unknown, nowMs: number): string | undefined {
  if (typeof exp !== "number" || !Number.isFinite(exp)) {
    return exp === undefined
      ? "The header has no exp: put it into the protected header, in seconds."
      : `exp is ${shown(exp)}: it must be a number of seconds.`;
  }
  const aheadSeconds = exp - nowMs / 1000;
  if (aheadSeconds <= 0) return `exp is ${Math.ceil(-aheadSeconds)} s in the past.`;
  if (aheadSeconds > requestExpirySecondsMax) {
    return `exp is ${Math.floor(aheadSeconds)} s ahead: at most ${requestExpirySecondsMax} s are allowed, in seconds since 1970.`;
  }
  return undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** The value of `X-Signature` for a request. `exp` is in seconds since 1970; the key is PEM (PKCS #8). */
export function signRequestParts(
  { method, target, body }: SignedParts,
  { kid, privateKey, exp }: { readonly kid: string; readonly privateKey: string; readonly exp: number },
): string {
  const aud = requestAudience({ method, target });
  return signEs256({ alg: "ES256", kid, aud, exp }, body, createPrivateKey(privateKey));
}
