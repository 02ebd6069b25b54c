// A right design: it stores a verified notification, answers at once, and works from the queue, also after a restart.
import { applyRefund, isOf, orders, queue, save } from "./orders.mjs";
import { call } from "./provider.mjs";
import { attemptOf, openShop, track } from "./shop.mjs";

const retryMs = 20;

async function receive(notification) {
  queue.push(notification);
  save();
  void wake();
}

let isWorking = false;

/** Works until the queue is empty. A notification that fails stays at the head, and is tried again. */
async function wake() {
  if (isWorking) return;
  isWorking = true;
  while (queue.length > 0) {
    try {
      await handle(queue[0]);
      queue.shift();
      save();
    } catch (error) {
      console.error(error);
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
  isWorking = false;
}

async function handle({ type, payload }) {
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

openShop({ receive });
void wake();
