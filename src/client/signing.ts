import { systemClock } from "../platform/clock.ts";
import { signRequestParts } from "../security/request-signature.ts";
import { verifyProviderSignature } from "../security/response-signature.ts";

type Bytes = string | Uint8Array;

function bytesOf(body: Bytes | undefined): Uint8Array {
  return typeof body === "string" ? Buffer.from(body, "utf8") : (body ?? new Uint8Array());
}

/** What `signRequest` signs, and with what. */
export interface RequestToSign {
  readonly method: string;
  /** Path and query without host: `/v1/payments?idempotencyKey=...`. */
  readonly target: string;
  /** The exact body that is sent; nothing for a request without one. */
  readonly body?: Bytes;
  readonly kid: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** How long the signature is good, in seconds; 60 if nothing is said. More than 300 is refused by who verifies. */
  readonly expiresInSeconds?: number;
}

/** The value of `X-Signature` for a request: a detached JWS, ES256. [docs] Throws where the key cannot be read. */
export function signRequest({ method, target, body, kid, privateKey, expiresInSeconds = 60 }: RequestToSign): string {
  const exp = Math.floor(systemClock.now() / 1000) + expiresInSeconds;
  return signRequestParts({ method, target, body: bytesOf(body) }, { kid, privateKey, exp });
}

/** What a merchant's server received. */
export interface Received {
  /** The value or values of `X-Signature`. */
  readonly signature: string | readonly string[] | null | undefined;
  /** The exact body. */
  readonly body: Bytes;
  /** The shared secret, or every one that is taken while keys rotate. */
  readonly hmacKey: string | readonly string[];
}

/** Whether a response of the provider is signed with the shared secret and not expired. [plugin] */
export function verifyResponse({ signature, body, hmacKey }: Received): boolean {
  return verifyProviderSignature(signature, bytesOf(body), { keys: [hmacKey].flat(), nowMs: systemClock.now() });
}

/** Whether a webhook is signed with the shared secret, for the URL that it was sent to, and not expired. [plugin] */
export function verifyWebhook({ signature, body, hmacKey, url }: Received & { readonly url: string }): boolean {
  const known = { keys: [hmacKey].flat(), aud: url, nowMs: systemClock.now() };
  return verifyProviderSignature(signature, bytesOf(body), known);
}
