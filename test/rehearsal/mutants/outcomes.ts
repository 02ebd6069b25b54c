import type { Mutant } from "./mutant.ts";

export const outcomesMutants: readonly Mutant[] = [
  {
    fails: ["paid_by_qr", "paid_on_phone"],
    find: 'const paidStatuses = ["captured", "partially_refunded", "refunded"];',
    replace: 'const paidStatuses = ["approved"];',
  },
  {
    fails: ["paid_on_phone"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace: 'if (paidStatuses.includes(status) && attempt.captured === 0 && order.flowType !== "mobile_redirect") {',
  },
  {
    fails: [
      "declined_insufficient_funds",
      "declined_limit_exceeded",
      "declined_risk_rejected",
      "declined_payment_declined",
      "cancelled_by_payer",
      "expired",
      "failed_at_wallet",
    ],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace: 'if (status !== "pending" && attempt.captured === 0) {',
  },
  {
    fails: ["cancelled_by_payer", "expired"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace: 'if (!["pending", "declined", "failed"].includes(status) && attempt.captured === 0) {',
  },
  {
    fails: ["failed_at_wallet"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace: 'if (!["pending", "declined", "aborted"].includes(status) && attempt.captured === 0) {',
  },
  {
    fails: ["back_without_paying", "no_goods_before_money"],
    find: "if (order === undefined) return { status: 404 };",
    replace: 'if (order === undefined) return { status: 404 }; applyPayment(order, order.attempts.at(-1), "captured");',
  },
  {
    fails: ["second_attempt"],
    find: "if (attempt === undefined || attempt.isOver) {",
    replace: "if (attempt === undefined) {",
  },
  {
    fails: ["second_attempt"],
    find: "} else if (unpaidStatuses.includes(status) && attempt.captured === 0) {",
    replace: "} else if (unpaidStatuses.includes(status)) { for (const one of order.attempts) one.captured = 0;",
  },
  {
    fails: ["paid_late", "paid_twice"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace: "if (paidStatuses.includes(status) && !attempt.isOver) {",
  },
  {
    fails: ["two_tabs"],
    find: 'call("POST", `/v1/payments?idempotencyKey=${attempt.key}`, {',
    replace: 'call("POST", `/v1/payments?idempotencyKey=${crypto.randomUUID()}`, {',
  },
  {
    fails: ["paid_twice"],
    find: 'if (held > cents(order.amount)) return "attention";',
    replace: 'if (captured > 0 && held > cents(captured)) return "attention";',
  },
];
