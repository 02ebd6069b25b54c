import { defineCase } from "../../case.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { notJudged } from "../../verdict.ts";
import { buy, deliverRefunds, endedRefunds, expectLedger, type PaymentView, refund, shared } from "./refund-steps.ts";

type Scenario = Parameters<Stage["world"]["scenarios"]["next"]>[0];

/** An employee refunds a whole order, and a scenario applies to the refund. */
async function refundUnder(stage: Stage, purchase: Purchase, scenario: Scenario): Promise<PaymentView> {
  await stage.world.scenarios.next(scenario);
  try {
    return await endedRefunds(stage, purchase, await refund(stage, purchase));
  } finally {
    await stage.world.scenarios.clear();
  }
}

const attention = { orAttention: true, cause: "believes_failed_refund" };

export const refundFails = defineCase({
  ...shared,
  id: "refund_fails",
  title: "A refund fails",
  stake: "The order says that the money went back, and the customer never gets it.",
  does: "An employee refunds a paid order. The provider accepts the refund, and then it fails.",
  rule: "The order is paid again, or a human must look at it. It does not stay refunded.",
  advice:
    "The answer to a refund only says that it is pending. Read the status in the notification: on failed, show the " +
    "order as paid and inform an employee. Otherwise the customer complains first.",
  precedent:
    "Some plug-ins take a 2xx answer to the refund as the end of it. Their shops learn of a failed refund from the " +
    "customer.",
  run: async (stage) => {
    const purchase = await buy(stage);
    const ledger = await refundUnder(stage, purchase, { on: "refund", outcome: "fail" });
    if (ledger.refunds.every(({ status }) => status !== "failed")) notJudged("not_seen", "The refund did not fail.");
    await deliverRefunds(stage, purchase, ledger);
    await stage.drain();
    const sentence = "After a refund that failed the order is wrong";
    await expectLedger(stage, purchase, ledger, { ...attention, sentence });
  },
});

export const refundFailsLate = defineCase({
  ...shared,
  id: "refund_fails_late",
  title: "A refund fails after it succeeded",
  stake: "The money came back to the merchant, and nobody returns it to the customer.",
  phase: "past",
  minutes: 11,
  does:
    "An employee refunds a paid order, and the order becomes refunded. Ten minutes later the provider reports that " +
    "the refund has failed after all.",
  rule: "The order is paid again, or a human must look at it. It does not stay refunded.",
  advice:
    "Let the last status of a refund count, also after a success: refunded is not the end of it. Otherwise you " +
    "keep the customer's money, and nothing in your shop shows it.",
  precedent: "Banks and wallets send refunds back days later, for example when an account was closed meanwhile.",
  run: async (stage) => {
    const purchase = await buy(stage);
    const done = await refundUnder(stage, purchase, { on: "refund", failsLate: "PT10M" });
    const delivered = new Set<string>();
    await deliverRefunds(stage, purchase, done, delivered);
    const first = "After a refund the order is wrong";
    await expectLedger(stage, purchase, done, { sentence: first, cause: "misses_refund" });
    await stage.world.clock.advance("PT11M");
    await stage.notification({ purchase, type: "refund", status: "failed" });
    const ledger = await endedRefunds(stage, purchase);
    await deliverRefunds(stage, purchase, ledger, delivered);
    const sentence = "After a refund that failed late the order is wrong";
    await expectLedger(stage, purchase, ledger, { ...attention, sentence });
  },
});
