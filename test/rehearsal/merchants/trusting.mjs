// A right design: it trusts the signed payload, after it compared it with the order. It asks the provider for nothing.
import { applyPayment, applyRefund, isOf, orders } from "./orders.mjs";
import { attemptOf, openShop } from "./shop.mjs";

async function receive({ type, payload }) {
  if (type === "payment") {
    const order = orders.get(payload.merchantReference);
    const attempt = order && (await attemptOf(order, payload.id));
    if (attempt !== undefined && isOf(order, payload)) applyPayment(order, attempt, payload.status);
  } else if (type === "refund") {
    const order = [...orders.values()].find(({ attempts }) =>
      attempts.some(({ paymentId }) => paymentId === payload.paymentId),
    );
    if (order !== undefined) applyRefund(order, payload);
  }
}

openShop({ receive });
