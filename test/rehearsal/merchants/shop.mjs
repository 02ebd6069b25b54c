// The shop that all merchants here have: its routes, its payments and refunds. They differ in how they take messages.
import { createServer } from "node:http";
import {
  applyPayment,
  applyRefund,
  giveBackGoods,
  isOf,
  newOrder,
  orders,
  save,
  stateOf,
  takeGoods,
  view,
} from "./orders.mjs";
import { call, isGenuine, processingAccountId, webhookUrl } from "./provider.mjs";

const port = Number(process.env.PORT);
const shopUrl = new URL(webhookUrl).origin;

/** Starts an attempt, or repeats the one whose answer is missing. @returns the URL for the payer's browser. */
async function startPayment(order) {
  let attempt = order.attempts.at(-1);
  if (attempt === undefined || attempt.isOver) {
    attempt = { key: `${order.reference}-${order.attempts.length + 1}`, captured: 0, isOver: false };
    order.attempts.push(attempt);
    takeGoods(order);
    save(order);
  }
  const payment = await create(order, attempt);
  return payment.nextStep?.redirect.url;
}

async function create(order, attempt) {
  const { status, body } = await call("POST", `/v1/payments?idempotencyKey=${attempt.key}`, {
    processingAccountId,
    merchantReference: order.reference,
    amount: { value: order.amount, currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: `${shopUrl}/return?order=${order.reference}`, flowType: order.flowType ?? "qr_link" },
    },
  });
  if (status >= 300) throw new Error(`The provider refuses the payment: ${JSON.stringify(body)}`);
  attempt.paymentId = body.id;
  save(order);
  return body;
}

/** The attempt that a payment belongs to. An attempt whose answer was lost learns its payment by a repeated create. */
export async function attemptOf(order, paymentId) {
  for (const attempt of order.attempts) {
    if (attempt.paymentId === undefined) await create(order, attempt);
  }
  return order.attempts.find((attempt) => attempt.paymentId === paymentId);
}

export async function track(order, attempt) {
  const { status, body } = await call("GET", `/v1/payments/${attempt.paymentId}`);
  if (status === 200 && body.id === attempt.paymentId && isOf(order, body)) applyPayment(order, attempt, body.status);
}

export async function trackOpen(order) {
  for (const attempt of order.attempts) {
    if (attempt.paymentId === undefined) await create(order, attempt);
    if (!attempt.isOver) await track(order, attempt);
  }
}

/** Starts a refund, or repeats the one whose answer is missing. */
async function refund(order, amount) {
  const attempt = order.attempts.find(({ captured }) => captured > 0);
  if (attempt === undefined || order.isRefunding) return { status: 409, body: view(order) };
  order.isRefunding = true;
  try {
    order.refundOpen ??= { key: `refund-${order.reference}-${++order.refundCount}`, amount };
    save(order);
    const { key, amount: value } = order.refundOpen;
    const { status, body } = await call("POST", `/v1/payments/${attempt.paymentId}/refunds?idempotencyKey=${key}`, {
      merchantReference: key,
      ...(value === undefined ? {} : { amount: { value, currency: "hkd" } }),
    });
    order.refundOpen = undefined;
    if (status < 300 && order.refunds[body.id] === undefined) applyRefund(order, body);
    save(order);
    return { status, body };
  } finally {
    order.isRefunding = false;
  }
}

/** The return proves nothing: it only makes the merchant ask the provider. */
async function onReturn({ url }) {
  const order = orders.get(url.searchParams.get("order"));
  if (order === undefined) return { status: 404 };
  await trackOpen(order);
  return { status: 200, body: view(order) };
}

const routes = {
  "POST /orders": async ({ json }) => {
    const order = newOrder(Number(json.amount ?? 38));
    order.flowType = json.flowType;
    return { status: 201, body: { reference: order.reference, redirectUrl: await startPayment(order) } };
  },
  "POST /orders/:/payments": async ({ order }) => ({ status: 201, body: { redirectUrl: await startPayment(order) } }),
  "POST /orders/:/refunds": async ({ order, json }) => refund(order, json.amount),
  "POST /orders/:/cancel": async ({ order }) => {
    order.isCancelled = true;
    if (["unpaid", "failed"].includes(stateOf(order))) giveBackGoods(order);
    save(order);
    return { status: 200, body: view(order) };
  },
  // The goods are fixed before the first payment starts: a changed cart is another order.
  "POST /orders/:/cart": async ({ order }) => ({ status: 409, body: view(order) }),
  "POST /jobs": async () => {
    for (const order of orders.values()) await trackOpen(order);
    return { status: 204 };
  },
  "GET /return": onReturn,
  "POST /return": onReturn,
};

/** The routes in which the designs differ. */
const routesOf = ({ receive, showsOrder = () => true }) => ({
  "GET /orders/:": async ({ order }) => (showsOrder(order) ? { status: 200, body: view(order) } : { status: 404 }),
  "POST /webhooks": async ({ request, text }) => {
    if (!isGenuine(request.headers["x-signature"], text, webhookUrl)) return { status: 401 };
    await receive(JSON.parse(text));
    return { status: 204 };
  },
});

async function respond(request, design) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  const url = new URL(request.url, shopUrl);
  const [, first, reference, ...rest] = url.pathname.split("/");
  const path = reference === undefined ? url.pathname : ["", first, ":", ...rest].join("/");
  const route = { ...routes, ...routesOf(design) }[`${request.method} ${path}`];
  const order = orders.get(reference);
  if (route === undefined || (reference !== undefined && order === undefined)) return { status: 404 };
  const isJson = request.headers["content-type"]?.startsWith("application/json");
  const json = isJson && text !== "" && url.pathname !== "/webhooks" ? JSON.parse(text) : {};
  return route({ request, url, text, order, json });
}

/**
 * Opens the shop.
 * @param design `receive` handles a verified notification: if it throws, the provider sends the notification again.
 * `showsOrder` says whether an order exists for others yet.
 */
export function openShop(design) {
  createServer(async (request, response) => {
    const { status, body } = await respond(request, design).catch((error) => {
      console.error(error);
      return { status: 500, body: { error: String(error) } };
    });
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }).listen(port, "127.0.0.1");
}
