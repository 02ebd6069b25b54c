import type { DeclineReason } from "./statuses.ts";

/** The groups of the catalogue, in order. */
export const scenarioGroups = ["declines", "outcomes", "browser", "webhooks", "refunds", "faults"] as const;
export type ScenarioGroup = (typeof scenarioGroups)[number];

const paid = { outcome: "pay" } as const;
const declined = (reason: DeclineReason) => ({ outcome: "decline", reason }) as const;
const slowRefundMs = 5 * 60_000;
const lateMs = 10 * 60_000;

/** The named scenarios, with the amount in major HKD that chooses each. [ours] */
export const catalogueEntries = {
  paid: {
    group: "outcomes",
    amount: 8888.9,
    description: "captured without a payer, unless the payer acts first",
    scenario: paid,
  },
  declined_insufficient_funds: {
    group: "declines",
    amount: 8888.01,
    description: "declined: the wallet has too little money",
    scenario: declined("insufficient_funds"),
  },
  declined_limit_exceeded: {
    group: "declines",
    amount: 8888.02,
    description: "declined: above a limit of the wallet",
    scenario: declined("limit_exceeded"),
  },
  declined_risk: {
    group: "declines",
    amount: 8888.03,
    description: "declined: the wallet's risk control refuses",
    scenario: declined("risk_rejected"),
  },
  declined: {
    group: "declines",
    amount: 8888.04,
    description: "declined by the wallet",
    scenario: declined("payment_declined"),
  },
  cancelled_by_consumer: {
    group: "outcomes",
    amount: 8888.05,
    description: "aborted: the payer cancels",
    scenario: { outcome: "cancel" },
  },
  expired: {
    group: "outcomes",
    amount: 8888.06,
    description: "aborted: the payer does not pay in time",
    scenario: { outcome: "expire" },
  },
  failed: {
    group: "outcomes",
    amount: 8888.07,
    description: "failed: it could not be processed",
    scenario: { outcome: "fail" },
  },
  paid_late: {
    group: "outcomes",
    amount: 8888.08,
    description: "aborted: the payer does not pay in time; 10 minutes later the money arrives, and it is captured",
    scenario: { outcome: "expire", paidLateMs: lateMs },
  },
  paid_never_returns: {
    group: "browser",
    amount: 8888.1,
    description: "captured, and the browser does not go back to the merchant",
    scenario: { ...paid, return: "never" },
  },
  lying_return: {
    group: "browser",
    amount: 8888.11,
    description: "declined, but the browser goes back with status=captured and an amount in the query",
    scenario: { ...declined("payment_declined"), return: "lying" },
  },
  return_by_post: {
    group: "browser",
    amount: 8888.12,
    description: "captured, and the browser goes back by POST",
    scenario: { ...paid, return: "by_post" },
  },
  webhook_twice: {
    group: "webhooks",
    amount: 8888.2,
    description: "captured; the notification is sent again as soon as its first attempt ends",
    scenario: { ...paid, webhook: "twice" },
  },
  webhook_late: {
    group: "webhooks",
    amount: 8888.21,
    description: "captured; the notification's first attempt starts 10 minutes later",
    scenario: { ...paid, webhook: "late" },
  },
  webhook_never: {
    group: "webhooks",
    amount: 8888.22,
    description: "captured; the notification is suppressed until somebody resends it",
    scenario: { ...paid, webhook: "never" },
  },
  webhook_before_response: {
    group: "webhooks",
    amount: 8888.23,
    description:
      "captured at once; the answer to the creation is held until the notification was attempted, 5 s at most",
    scenario: { ...paid, webhook: "before_response" },
  },
  webhook_bad_signature: {
    group: "webhooks",
    amount: 8888.24,
    description: "captured; the first attempt's signature is wrong, and those after it are right",
    scenario: { ...paid, webhook: "bad_signature" },
  },
  webhook_expired_signature: {
    group: "webhooks",
    amount: 8888.25,
    description: "captured; the first attempt's signature has expired, and those after it have not",
    scenario: { ...paid, webhook: "expired_signature" },
  },
  webhook_out_of_order: {
    group: "webhooks",
    amount: 8888.26,
    description: "captured; the notification is held until its first refund's was attempted, 24 hours at most",
    scenario: { ...paid, webhook: "out_of_order" },
  },
  webhook_amount_mismatch: {
    group: "webhooks",
    amount: 8888.27,
    description: "captured; the amount in the notification is 1.00 too low",
    scenario: { ...paid, webhook: "amount_mismatch" },
  },
  webhook_unusual_json: {
    group: "webhooks",
    amount: 8888.28,
    description: "captured; the notification is unusual JSON, with a right signature over its exact bytes",
    scenario: { ...paid, webhook: "unusual_json" },
  },
  webhook_twin: {
    group: "webhooks",
    amount: 8888.29,
    description: "captured; two notifications with different ids report it, and both are sent at once",
    scenario: { ...paid, webhook: "twin" },
  },
  refund_fails: {
    group: "refunds",
    amount: 8888.3,
    description: "captured; its refunds fail",
    scenario: { ...paid, refunds: { outcome: "fail" } },
  },
  refund_slow: {
    group: "refunds",
    amount: 8888.31,
    description: "captured; its refunds take 5 minutes",
    scenario: { ...paid, refunds: { afterMs: slowRefundMs } },
  },
  refund_fails_late: {
    group: "refunds",
    amount: 8888.32,
    description: "captured; its refunds are done, and fail 10 minutes later",
    scenario: { ...paid, refunds: { failsLateMs: lateMs } },
  },
  response_lost: {
    group: "faults",
    amount: 8888.4,
    description: "created, and then the connection is cut",
    scenario: { fault: "response_lost" },
  },
  server_error_before: {
    group: "faults",
    amount: 8888.41,
    description: "500, and nothing was created",
    scenario: { fault: "server_error_before" },
  },
  server_error_after: {
    group: "faults",
    amount: 8888.42,
    description: "created, and answered with 500",
    scenario: { fault: "server_error_after" },
  },
  rate_limited: {
    group: "faults",
    amount: 8888.43,
    description: "429 with Retry-After: 1, and nothing was created",
    scenario: { fault: "rate_limited" },
  },
  slow_response: {
    group: "faults",
    amount: 8888.44,
    description: "created, and answered after 10 seconds of real time",
    scenario: { fault: "slow_response" },
  },
  response_wrong_signature: {
    group: "faults",
    amount: 8888.45,
    description: "created; the answer's signature is wrong",
    scenario: { fault: "response_wrong_signature" },
  },
  response_changed_redirect: {
    group: "faults",
    amount: 8888.46,
    description: "created; the answer's redirect was changed after it was signed, and leads to a foreign site",
    scenario: { fault: "response_changed_redirect" },
  },
  response_html: {
    group: "faults",
    amount: 8888.47,
    description: "created; the answer is an HTML page without a signature, as of a proxy in between",
    scenario: { fault: "response_html" },
  },
  idempotency_down: {
    group: "faults",
    amount: 8888.48,
    description: "500 for a request with an idempotency key, and nothing was created; without a key it succeeds",
    scenario: { fault: "idempotency_down" },
  },
} as const;
