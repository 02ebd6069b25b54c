// The client of the provider's API that all merchants here share: signatures, verification, and retries.
import { createHmac, createPrivateKey, sign, timingSafeEqual } from "node:crypto";

const { NOMUPAY_BASE_URL, NOMUPAY_KID: kid, NOMUPAY_PROCESSING_ACCOUNT_ID: account } = process.env;
const secret = process.env.NOMUPAY_HMAC_KEY;
if (!secret) throw new Error("NOMUPAY_HMAC_KEY is not set.");
const privateKey = createPrivateKey(process.env.NOMUPAY_PRIVATE_KEY.replaceAll("\\n", "\n"));

export const processingAccountId = account;
export const webhookUrl = process.env.PUBLIC_WEBHOOK_URL ?? `http://127.0.0.1:${process.env.PORT}/webhooks`;

const lifetimeSeconds = 120;
const attemptsMax = 4;
const answerTimeoutMs = Number(process.env.ANSWER_TIMEOUT_MS ?? 20_000);
const pauseMs = (attempt) => 10 * 2 ** attempt;
const now = () => Date.now() / 1000;
const base64url = (content) => Buffer.from(content).toString("base64url");

function signRequest(method, target, body) {
  const exp = Math.floor(now()) + lifetimeSeconds;
  const header = base64url(JSON.stringify({ alg: "ES256", kid, aud: `${method} ${target}`, exp }));
  const signed = Buffer.from(`${header}.${base64url(body)}`);
  return `${header}..${base64url(sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" }))}`;
}

/** Whether the provider signed the exact body: for a webhook with its URL as audience, for an answer without one. */
export function isGenuine(signatures, body, audience) {
  return (signatures ?? "").split(/,\s*/).some((line) => {
    const parts = line.split(".");
    if (parts.length !== 3) return false;
    const [header, payload, signature] = parts;
    if (payload !== "") return false;
    let claims;
    try {
      claims = JSON.parse(Buffer.from(header, "base64url").toString());
    } catch {
      return false;
    }
    if (claims.alg !== "HS256") return false;
    if (claims.crit !== undefined) return false;
    if (claims.aud !== audience) return false;
    if (!(claims.exp > now())) return false;
    const expected = createHmac("sha256", secret)
      .update(`${header}.${base64url(body)}`)
      .digest();
    const actual = Buffer.from(signature, "base64url");
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  });
}

/** Sends a request until the provider has answered it. A retry is the same request, with the same idempotency key. */
export async function call(method, target, content) {
  const body = content === undefined ? "" : JSON.stringify(content);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(method, target, body).catch((error) => ({ status: 0, error }));
    const isFinal = answer.status > 0 && answer.status < 500 && answer.status !== 429;
    if (isFinal) return answer;
    if (attempt >= attemptsMax) throw answer.error ?? new Error(`The provider answers ${answer.status}.`);
    const retryAfterMs = Number(answer.retryAfter ?? 0) * 1000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(pauseMs(attempt), retryAfterMs)));
  }
}

async function send(method, target, body) {
  const headers = { "X-Signature": signRequest(method, target, body), "Content-Type": "application/json" };
  const response = await fetch(NOMUPAY_BASE_URL + target, {
    method,
    headers,
    signal: AbortSignal.timeout(answerTimeoutMs),
    ...(body === "" ? {} : { body }),
  });
  const text = await response.text();
  if (!isGenuine(response.headers.get("x-signature"), text)) throw new Error("The answer is not signed.");
  return { status: response.status, body: JSON.parse(text), retryAfter: response.headers.get("retry-after") };
}
