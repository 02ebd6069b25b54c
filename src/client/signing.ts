import { systemClock } from "../platform/clock.ts";
import { signRequestParts } from "../security/request-signature.ts";
import { verifyProviderSignature } from "../security/response-signature.ts";

type Bytes = string | Uint8Array;

function bytesOf(body: Bytes | undefined): Uint8Array {
  if (typeof body === "string") return Buffer.from(body, "utf8");
  if (body === undefined || body === null) return new Uint8Array();
  if (ArrayBuffer.isView(body)) return body;
  throw new TypeError("body is not text or bytes: pass the exact body, not the object that was parsed from it.");
}

/** Throws `TypeError` for a value that is missing or empty, as that of an unset variable is. */
function requireText(name: string, value: unknown, expected: string): void {
  if (typeof value === "string" && value !== "") return;
  const problem = value === "" ? "empty" : value === undefined || value === null ? "missing" : "not a text";
  throw new TypeError(`${name} is ${problem}: pass ${expected}.`);
}

function keysOf(hmacKey: string | readonly string[]): readonly string[] {
  const keys = [hmacKey].flat();
  if (keys.length === 0) throw new TypeError("hmacKey is an empty list: pass at least one shared secret.");
  for (const key of keys) requireText("hmacKey", key, "the shared secret of the merchant");
  return keys;
}

/** A request to sign, with its key. */
export interface RequestToSign {
  readonly method: string;
  /** Path and query without host: `/v1/payments?idempotencyKey=...`. */
  readonly target: string;
  /** The exact body of the request; absent without a body. */
  readonly body?: Bytes;
  readonly kid: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** Lifetime of the signature, in seconds; 60 by default. The verifier refuses more than 300. */
  readonly expiresInSeconds?: number;
}

/**
 * Returns `X-Signature` of a request: a detached JWS, ES256. [docs] Throws if the key is unreadable, and
 * `TypeError` if a member is missing or empty.
 */
export function signRequest({ method, target, body, kid, privateKey, expiresInSeconds = 60 }: RequestToSign): string {
  requireText("method", method, "the method of the request");
  requireText("target", target, "the path and query of the request");
  requireText("kid", kid, "the id of the key that signs");
  requireText("privateKey", privateKey, "the private key, PEM (PKCS #8)");
  if (!Number.isFinite(expiresInSeconds)) throw new TypeError("expiresInSeconds is not a number of seconds.");
  const exp = Math.floor(systemClock.now() / 1000) + expiresInSeconds;
  return signRequestParts({ method, target, body: bytesOf(body) }, { kid, privateKey, exp });
}

/** A response or webhook as the merchant's server received it. */
export interface Received {
  /** The value or values of `X-Signature`. */
  readonly signature: string | readonly string[] | null | undefined;
  /** The exact body. */
  readonly body: Bytes;
  /** The shared secret, or all active ones during key rotation. */
  readonly hmacKey: string | readonly string[];
}

/**
 * Whether a response of the provider is signed with the shared secret and has not expired. [plugin] Throws `TypeError`
 * if `hmacKey` is missing or empty.
 */
export function verifyResponse({ signature, body, hmacKey }: Received): boolean {
  return verifyProviderSignature(signature, bytesOf(body), { keys: keysOf(hmacKey), nowMs: systemClock.now() });
}

/**
 * Whether a webhook is signed with the shared secret, for the URL that it was sent to, and has not expired. [plugin]
 * Throws `TypeError` if `hmacKey` or `url` is missing or empty.
 */
export function verifyWebhook({ signature, body, hmacKey, url }: Received & { readonly url: string }): boolean {
  requireText("url", url, "the URL that the webhook was sent to");
  const known = { keys: keysOf(hmacKey), aud: url, nowMs: systemClock.now() };
  return verifyProviderSignature(signature, bytesOf(body), known);
}
