// A small merchant without dependencies: signs requests, verifies responses and webhooks, tracks payments, refunds.
// Start the sandbox with --webhook-url http://127.0.0.1:3000/webhooks and copy its NOMUPAY_* lines into .env. Then run:
//   node --env-file=.env examples/merchant.mjs
import { createHmac, createPrivateKey, sign, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const { NOMUPAY_BASE_URL, NOMUPAY_KID, NOMUPAY_HMAC_KEY, NOMUPAY_PROCESSING_ACCOUNT_ID } = process.env;
const privateKey = createPrivateKey(process.env.NOMUPAY_PRIVATE_KEY.replaceAll("\\n", "\n"));
const port = Number(process.env.PORT ?? 3000);
const shop = `http://127.0.0.1:${port}`;
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/** Returns a detached JWS (ES256) over the exact body. The signature is r and s concatenated, not DER. */
function signRequest(method, target, body) {
  const exp = Math.floor(Date.now() / 1000) + 180;
  const header = base64url(JSON.stringify({ alg: "ES256", kid: NOMUPAY_KID, aud: `${method} ${target}`, exp }));
  const signature = sign("sha256", Buffer.from(`${header}.${base64url(body)}`), {
    key: privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return `${header}..${base64url(signature)}`;
}

/**
 * Verifies HS256 over the exact bytes received. During a key rotation there are several signatures; one must be valid.
 * @param aud the URL of the endpoint for a webhook, `undefined` for a response.
 */
function isFromProvider(signatures, body, aud) {
  return (signatures ?? "").split(", ").some((jws) => {
    const [header, , signature] = jws.split(".");
    const expected = createHmac("sha256", NOMUPAY_HMAC_KEY)
      .update(`${header}.${base64url(body)}`)
      .digest();
    const received = Buffer.from(signature ?? "", "base64url");
    if (received.length !== expected.length || !timingSafeEqual(received, expected)) return false;
    const claims = JSON.parse(Buffer.from(header, "base64url"));
    return claims.alg === "HS256" && claims.exp > Date.now() / 1000 && claims.aud === aud;
  });
}

async function call(method, target, content) {
  const body = content === undefined ? "" : JSON.stringify(content);
  const headers = { "X-Signature": signRequest(method, target, body), "Content-Type": "application/json" };
  const response = await fetch(NOMUPAY_BASE_URL + target, { method, headers, ...(body === "" ? {} : { body }) });
  const text = await response.text();
  if (!isFromProvider(response.headers.get("x-signature"), text)) throw new Error("The signature is not valid.");
  if (!response.ok) throw new Error(`${response.status} ${text} ${response.headers.get("x-sandbox-diagnosis") ?? ""}`);
  return JSON.parse(text);
}

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  if (request.url === "/webhooks") {
    const isValid = isFromProvider(request.headers["x-signature"], body, `${shop}/webhooks`);
    response.writeHead(isValid ? 204 : 401).end();
    if (isValid) await onNotification(JSON.parse(body));
    return;
  }
  // The payer has returned. Do not trust the URL: only the webhook and the track prove a payment.
  response.writeHead(200, { "content-type": "text/plain" }).end("Thank you. We confirm the payment by e-mail.");
}).listen(port, "127.0.0.1");

async function onNotification({ type, payload }) {
  const { status } = await call("GET", payload.trackingUrl);
  console.log(`${type} ${payload.merchantReference}: ${status}`);
  if (type === "payment" && status === "captured") {
    await call("POST", `/v1/payments/${payload.id}/refunds?idempotencyKey=refund-${payload.id}`, {
      merchantReference: `refund of ${payload.merchantReference}`,
      amount: { value: 50, currency: "hkd" },
    });
  }
}

const payment = await call("POST", `/v1/payments?idempotencyKey=order-${Date.now()}`, {
  processingAccountId: NOMUPAY_PROCESSING_ACCOUNT_ID,
  merchantReference: "order-1001",
  amount: { value: 200, currency: "hkd" },
  paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl: `${shop}/thanks`, flowType: "qr_link" } },
});
console.log(`Send the payer to ${payment.nextStep.redirect.url}`);
