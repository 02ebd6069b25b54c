import type { HmacKey } from "../domain/merchant.ts";
import type { WebhookPlan } from "../domain/scenario.ts";
import { Hs256Signer, parseDetachedJws, signHs256, signingInput, verifyHs256 } from "./jws.ts";

/** Distance of `exp` from now, in seconds. [ours] */
const expirySeconds = 300;

/** Returns the signer of a key. */
export type SignerOf = (key: HmacKey) => Hs256Signer;

/**
 * Values of `X-Signature` on a response: one for each active key. [plugin]
 * @param nowMs real time, in milliseconds.
 * @param signerOf may return a signer that it has prepared before.
 */
export function signResponseBody(
  body: string | Uint8Array,
  keys: readonly HmacKey[],
  nowMs: number,
  signerOf: SignerOf = (key) => new Hs256Signer(key),
): string[] {
  return keys.map((key) => signerOf(key).sign(body, expiryOf(nowMs)));
}

/** Fault that a scenario puts into a webhook's signatures. */
export type SignatureFlaw = Extract<WebhookPlan, "bad_signature" | "expired_signature">;

/**
 * Values of `X-Signature` on a webhook; `aud` is the endpoint's URL. [plugin]
 * @param nowMs real time, in milliseconds.
 * @param flaw `bad_signature`: the signature is wrong; `expired_signature`: it is right, but `exp` passed 300 s ago.
 */
export function signWebhookBody(
  body: Uint8Array,
  url: string,
  keys: readonly HmacKey[],
  nowMs: number,
  flaw?: SignatureFlaw,
): string[] {
  const exp = expiryOf(nowMs) - (flaw === "expired_signature" ? 2 * expirySeconds : 0);
  const lines = keys.map(({ kid, key }) => signHs256({ alg: "HS256", kid, aud: url, exp }, body, key));
  return flaw === "bad_signature" ? lines.map(withWrongSignature) : lines;
}

/** The same header with another signature of the same length. */
export function withWrongSignature(jws: string): string {
  const start = jws.lastIndexOf(".") + 1;
  const signature = Buffer.from(jws.slice(start), "base64url").map((byte) => byte ^ 0xff);
  return jws.slice(0, start) + Buffer.from(signature).toString("base64url");
}

function expiryOf(nowMs: number): number {
  return Math.floor(nowMs / 1000) + expirySeconds;
}

/** Input of a verification besides the message. */
export interface ReceiverKnowledge {
  /** Accepted shared secrets, as text. */
  readonly keys: readonly string[];
  /** URL that the webhook was sent to; absent for a response. */
  readonly aud?: string;
  /** Real time, in milliseconds. */
  readonly nowMs: number;
}

/**
 * Whether `X-Signature` contains a valid HS256 signature over the body. During key rotation it contains several, in
 * separate header lines or joined by ", "; one valid signature is enough.
 */
export function verifyProviderSignature(
  header: string | readonly string[] | null | undefined,
  body: Uint8Array,
  { keys, aud, nowMs }: ReceiverKnowledge,
): boolean {
  const lines: readonly unknown[] = Array.isArray(header) ? header : [header];
  return lines
    .filter((line) => typeof line === "string")
    .flatMap((line) => line.split(","))
    .some((text) => {
      const jws = parseDetachedJws(text.trim());
      if (typeof jws === "string" || jws.header.alg !== "HS256" || jws.header.crit !== undefined) return false;
      const exp = jws.header.exp;
      if (typeof exp !== "number" || exp * 1000 <= nowMs || jws.header.aud !== aud) return false;
      const input = signingInput(jws.encodedHeader, body);
      return keys.some((key) => verifyHs256(input, jws.signature, key));
    });
}
