import { systemClock } from "../platform/clock.ts";
import { signRequestParts } from "../security/request-signature.ts";
import { verifyProviderSignature } from "../security/response-signature.ts";

type Bytes = string | Uint8Array;

function bytesOf(body: Bytes | undefined): Uint8Array {
  return typeof body === "string" ? Buffer.from(body, "utf8") : (body ?? new Uint8Array());
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

/** Returns `X-Signature` of a request: a detached JWS, ES256. [docs] Throws if the key is unreadable. */
export function signRequest({ method, target, body, kid, privateKey, expiresInSeconds = 60 }: RequestToSign): string {
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

/** Whether a response of the provider is signed with the shared secret and has not expired. [plugin] */
export function verifyResponse({ signature, body, hmacKey }: Received): boolean {
  return verifyProviderSignature(signature, bytesOf(body), { keys: [hmacKey].flat(), nowMs: systemClock.now() });
}

/** Whether a webhook is signed with the shared secret, for the URL of the endpoint, and has not expired. [plugin] */
export function verifyWebhook({ signature, body, hmacKey, url }: Received & { readonly url: string }): boolean {
  const known = { keys: [hmacKey].flat(), aud: url, nowMs: systemClock.now() };
  return verifyProviderSignature(signature, bytesOf(body), known);
}
