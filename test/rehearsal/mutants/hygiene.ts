import type { Mutant } from "./mutant.ts";

export const hygieneMutants: readonly Mutant[] = [
  {
    fails: ["requests_signed"],
    find: '"X-Signature": signRequest(method, target, body)',
    replace: '...(method === "GET" ? {} : { "X-Signature": signRequest(method, target, body) })',
  },
  {
    fails: ["signature_lifetime"],
    find: "const lifetimeSeconds = 120;",
    replace: "const lifetimeSeconds = 295;",
  },
  {
    fails: ["idempotency_keys"],
    find: "/v1/payments?idempotencyKey=${attempt.key}",
    replace: "/v1/payments",
  },
  {
    fails: ["same_key_on_retry", "refund_answer_lost"],
    plays: ["refund_answer_lost"],
    find: "order.refundOpen ??= {",
    replace: "order.refundOpen = {",
  },
  {
    fails: ["new_key_for_new_attempt"],
    plays: ["second_attempt"],
    find: "key: `${order.reference}-${order.attempts.length + 1}`",
    replace: "key: order.reference",
  },
  {
    fails: ["polling_backs_off", "polling_stops"],
    plays: ["refund_fails_late", "refund_whole", "refund_at_provider"],
    find: "async function track(order, attempt) {",
    replace:
      "async function track(order, attempt) { " +
      "(async () => { for (let left = 60; left > 0; left -= 1) await " +
      'call("GET", `/v1/payments/${attempt.paymentId}`); })().catch(() => {});',
  },
];
