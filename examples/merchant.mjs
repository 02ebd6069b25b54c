// A small merchant without dependencies: signs requests, verifies responses and webhooks, tracks payments, refunds.
// The signatures are in examples/node/signatures.mjs.
// Start the sandbox with --webhook-url http://127.0.0.1:3000/webhooks and copy its NOMUPAY_* lines into .env. Then run:
//   node --env-file=.env examples/merchant.mjs
import { createPrivateKey } from "node:crypto";
import { createServer } from "node:http";
import { isRightResponse, isRightWebhook, signRequest } from "./node/signatures.mjs";

const { NOMUPAY_BASE_URL, NOMUPAY_KID: kid, NOMUPAY_HMAC_KEY: secret, NOMUPAY_PROCESSING_ACCOUNT_ID } = process.env;
const privateKey = createPrivateKey(process.env.NOMUPAY_PRIVATE_KEY.replaceAll("\\n", "\n"));
const port = Number(process.env.PORT ?? 3000);
const shop = `http://127.0.0.1:${port}`;

async function call(method, target, content) {
  const body = content === undefined ? "" : JSON.stringify(content);
  const signature = signRequest({ privateKey, kid, method, target, body });
  const headers = { "X-Signature": signature, "Content-Type": "application/json" };
  const response = await fetch(NOMUPAY_BASE_URL + target, { method, headers, ...(body === "" ? {} : { body }) });
  const text = await response.text();
  const signatures = response.headers.get("x-signature");
  if (!isRightResponse({ secret, signatures, body: text })) throw new Error("The signature is not valid.");
  if (!response.ok) throw new Error(`${response.status} ${text} ${response.headers.get("x-sandbox-diagnosis") ?? ""}`);
  return JSON.parse(text);
}

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  if (request.url === "/webhooks") {
    const signatures = request.headers["x-signature"];
    const isValid = isRightWebhook({ secret, signatures, body, url: `${shop}/webhooks` });
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
