// A right design: a webhook is only a hint. The payload names the order, and the provider is asked for its state.
import { applyRefund, orders } from "./orders.mjs";
import { call } from "./provider.mjs";
import { openShop, track, trackOpen } from "./shop.mjs";

async function receive({ type, payload }) {
  const isOfOrder = ({ reference, attempts }) =>
    type === "refund"
      ? attempts.some(({ paymentId }) => paymentId === payload.paymentId)
      : reference === payload.merchantReference;
  const order = [...orders.values()].find(isOfOrder);
  if (order === undefined) return;
  await trackOpen(order);
  // A payment that seemed to be over can still be paid late.
  for (const attempt of order.attempts) if (attempt.captured === 0) await track(order, attempt);
  if (type !== "refund") return;
  const { status, body } = await call("GET", payload.trackingUrl);
  if (status === 200) applyRefund(order, { ...body, amount: payload.amount });
}

openShop({ receive });
