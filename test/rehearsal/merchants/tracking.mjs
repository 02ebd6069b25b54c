// How most merchants here take a verified notification: they find the order, and ask the provider for the state.
import { applyRefund, isOf, orders } from "./orders.mjs";
import { call } from "./provider.mjs";
import { attemptOf, track } from "./shop.mjs";

export async function receive({ type, payload }) {
  if (type === "payment") {
    const order = orders.get(payload.merchantReference);
    const attempt = order && (await attemptOf(order, payload.id));
    if (attempt !== undefined && isOf(order, payload)) await track(order, attempt);
  } else if (type === "refund") {
    const order = [...orders.values()].find(({ attempts }) =>
      attempts.some(({ paymentId }) => paymentId === payload.paymentId),
    );
    if (order === undefined) return;
    const { status, body } = await call("GET", payload.trackingUrl);
    if (status === 200) applyRefund(order, { ...payload, status: body.status });
  }
}
