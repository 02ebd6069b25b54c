import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { isFull } from "../support/scope.ts";

/** What the shop once did wrong, and what shows all of its states. */
const quick = [
  ...["paid_by_qr", "second_attempt", "two_tabs", "paid_twice", "refund_part", "refund_double_click"],
  ...["forged_one_dollar_create_failed", "forged_unknown_crit", "answer_redirect_changed", "answer_lost_for_good"],
];

const words = {
  not_started: "unpaid",
  waiting: "unpaid",
  paid: "paid",
  declined: "failed",
  cancelled: "failed",
  expired: "failed",
  failed: "failed",
  refund_pending: "paid",
  partly_refunded: "partially_refunded",
  refunded: "refunded",
  attention: "attention",
} as const;

test("the demo shop passes its rehearsal", { timeout: 120_000 }, async () => {
  const port = await freePort();
  const { cases, outcome, preflight } = await rehearse(
    {
      start: {
        command: "exec node --import tsx test/rehearsal/demo-shop.ts",
        env: { PORT: String(port) },
        keepsOrders: false,
      },
      webhookUrl: `http://127.0.0.1:${port}/demo/webhooks`,
      checkout: { steps: [{ request: "POST /demo/orders", form: { item: "flat-white", flow: "qr_link" } }] },
      number: "/orders/(\\d+)/",
      payAgain: { steps: [{ request: "POST /demo/orders/{number}/payment" }] },
      refund: {
        steps: [
          { request: "GET /demo/orders/{number}/state", capture: { attempt: { pointer: "/refundAttempt" } } },
          {
            request: "POST /demo/orders/{number}/refunds",
            form: { what: "part", amount: "{amount}", attempt: "{attempt}" },
          },
        ],
      },
      order: {
        url: "/demo/orders/{number}/state",
        pointer: "/state",
        words,
        paidAmount: "/paid",
        refundedAmount: "/refunded",
        limitMs: 2_000,
      },
      requestLimitMs: 5_000,
      slowAnswerMs: 300,
    },
    { directory: join(import.meta.dirname, "../.."), ...(isFull ? {} : { only: quick }) },
  );
  expect(preflight).toEqual([]);
  const wrong = cases.filter(({ verdict }) => verdict === "fail" || verdict === "warn");
  // The shop sends nothing that it could count.
  const isCounted = wrong.filter(({ cause }) => cause !== "not_counted");
  expect(isCounted.map(({ id, sentence }) => [id, sentence])).toEqual([]);
  expect(outcome).toBe("pass");
});
