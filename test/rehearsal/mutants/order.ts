import type { Mutant } from "./mutant.ts";

export const readPayment = 'const { status, body } = await call("GET", `/v1/payments/${attempt.paymentId}`);';
const receivePayment = "if (attempt !== undefined && isOf(order, payload)) await track(order, attempt);";

export const orderMutants: readonly Mutant[] = [
  // Looks whether the payment is known before it asks the API, and not after that.
  {
    fails: ["webhook_and_return_together", "notifications_at_once"],
    find: readPayment,
    replace: `if (attempt.captured > 0) return; ${readPayment} attempt.captured = 0;`,
  },
  // Waits for another type of notification, so that only the return makes orders paid.
  {
    fails: ["webhook_before_return"],
    find: 'if (type === "payment") {',
    replace: 'if (type === "payment.captured") {',
  },
  // Acknowledges a payment whose id it does not know yet.
  {
    fails: ["webhook_before_create_answer"],
    find: "const attempt = order && (await attemptOf(order, payload.id));",
    replace: "const attempt = order?.attempts.find(({ paymentId }) => paymentId === payload.id);",
  },
  // Lets the notification decide again what the return has decided.
  {
    fails: ["webhook_after_return", "webhook_late", "notification_twice", "notification_twin"],
    find: receivePayment,
    replace: `if (attempt) attempt.captured = 0; ${receivePayment}`,
  },
  // Knows duplicates only by the id of the notification.
  {
    fails: ["notification_twin"],
    find: "async function receive({ type, payload }) {",
    replace:
      "async function receive({ id, type, payload }) { if (receive.seen?.has(id)) return; " +
      "(receive.seen ??= new Set()).add(id); " +
      "for (const one of orders.get(payload.merchantReference)?.attempts ?? []) one.captured = 0;",
  },
  // Tracks only the payments that need it no more.
  {
    fails: ["webhook_never"],
    find: "if (!attempt.isOver) await track(order, attempt);",
    replace: "if (attempt.isOver) await track(order, attempt);",
  },
  // Keeps the payment in a variable that all requests share.
  {
    fails: ["fifty_at_once"],
    find: readPayment,
    replace: `routes.current = attempt; ${readPayment} attempt = routes.current;`,
  },
  // Copies the status of each notification into the order.
  {
    fails: ["captured_after_refund"],
    find: receivePayment,
    replace: `if (payload.status === "captured" && order) order.refunds = {}; ${receivePayment}`,
  },
  // Fulfils a cancelled order when its money arrives.
  {
    fails: ["captured_after_cancel"],
    find: "if (capturedAmount(order) === order.amount && !order.isCancelled) fulfil(order);",
    replace: "if (capturedAmount(order) === order.amount) fulfil(order);",
  },
  // Does not look at money that arrives for a cancelled order.
  {
    fails: ["captured_after_cancel"],
    find: 'if (order.isCancelled && held > 0) return "attention";',
    replace: 'if (order.isCancelled) return "failed";',
  },
  // Lets the pending status of the answer replace the status that a notification has brought.
  {
    fails: ["refund_notification_before_answer"],
    find: "if (status < 300 && order.refunds[body.id] === undefined) applyRefund(order, body);",
    replace: "if (status < 300) applyRefund(order, body);",
  },
  // Keeps only the refund of the last message.
  {
    fails: ["old_refund_notification"],
    find: "order.refunds[id] = { ...order.refunds[id], status, amount: amount?.value ?? order.refunds[id]?.amount };",
    replace: "order.refunds = { [id]: { status, amount: amount?.value ?? order.refunds[id]?.amount } };",
  },
];
