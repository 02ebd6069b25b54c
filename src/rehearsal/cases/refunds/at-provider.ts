import { defineCase } from "../../case.ts";
import { buy, deliverRefunds, endedRefunds, expectLedger, shared } from "./refund-steps.ts";

const needs = ["order"] as const;

/** Refunds that somebody starts in the provider's portal. */
export const refundsAtProvider = ([false, true] as const).map((isPart) =>
  defineCase({
    ...shared,
    needs,
    id: isPart ? "refund_part_at_provider" : "refund_at_provider",
    title: isPart ? "A part is refunded at the provider" : "Refunded at the provider",
    stake: "The customer has the money back, and the shop still sends the goods.",
    does:
      `Somebody refunds ${isPart ? "a part of an" : "an"} order in the provider's portal. ` +
      "The merchant only gets the notification.",
    rule: `The order becomes ${isPart ? "partially refunded, with that amount" : "refunded"}, or a human looks at it.`,
    advice:
      "Find the order by paymentId, also for a refund that you did not start, and record it. Otherwise an order " +
      "without money looks paid.",
    precedent:
      "Many shop plug-ins ignore refunds from the provider's portal, and their users must correct each order by hand.",
    run: async (stage) => {
      const purchase = await buy(stage);
      const amount = isPart ? Math.floor(Math.round(purchase.amount * 100) / 3) / 100 : purchase.amount;
      stage.timeline.add("provider", `refunds HKD ${amount} of ${purchase.paymentId} in its portal`);
      await stage.world.payments.refund(purchase.paymentId, { amount });
      const ledger = await endedRefunds(stage, purchase);
      await deliverRefunds(stage, purchase, ledger);
      const sentence = "After a refund at the provider the order is wrong";
      await expectLedger(stage, purchase, ledger, { sentence, cause: "misses_refund", orAttention: true });
    },
  }),
);
