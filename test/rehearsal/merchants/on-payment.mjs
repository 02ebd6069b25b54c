// A right design: an order exists only when its payment is captured. Before that there is no more than a checkout.
import { applyRefund, capturedAmount, isOf, orders } from "./orders.mjs";
import { call } from "./provider.mjs";
import { attemptOf, openShop, track } from "./shop.mjs";

async function receive({ type, payload }) {
  if (type === "payment") {
    const checkout = orders.get(payload.merchantReference);
    const attempt = checkout && (await attemptOf(checkout, payload.id));
    if (attempt !== undefined && isOf(checkout, payload)) await track(checkout, attempt);
  } else if (type === "refund") {
    const order = [...orders.values()].find(({ attempts }) =>
      attempts.some(({ paymentId }) => paymentId === payload.paymentId),
    );
    if (order === undefined) return;
    const { status, body } = await call("GET", payload.trackingUrl);
    if (status === 200) applyRefund(order, { ...payload, status: body.status });
  }
}

openShop({ receive, showsOrder: (order) => capturedAmount(order) > 0 });
