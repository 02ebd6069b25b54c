import { defineCase } from "../../case.ts";
import {
  buy,
  deliverRefunds,
  endedRefunds,
  expectLedger,
  partOf,
  refund,
  requireRefunded,
  shared,
} from "./refund-steps.ts";

export const refundWhole = defineCase({
  ...shared,
  id: "refund_whole",
  title: "Refund of the whole order",
  stake: "The customer has the money back, and the order still counts as paid.",
  does: "An employee refunds a paid order. The refund succeeds, and its notification follows.",
  rule: "The provider refunds the whole amount once. The order becomes refunded, with that amount.",
  advice:
    "A refund is pending first. Make the order refunded when the notification or a read of the refund says so. " +
    "Otherwise the books are wrong, and somebody pays the customer a second time.",
  precedent: "Several shop plug-ins started refunds correctly, and had no handler for the notification about them.",
  run: async (stage) => {
    const purchase = await buy(stage);
    const ledger = await endedRefunds(stage, purchase, await refund(stage, purchase));
    requireRefunded(ledger, purchase.amount, "The employee refunded the whole order", "refunds_wrong_amount");
    await deliverRefunds(stage, purchase, ledger);
    const sentence = "After a refund of the whole amount the order is wrong";
    await expectLedger(stage, purchase, ledger, { sentence, cause: "misses_refund" });
  },
});

export const refundPart = defineCase({
  ...shared,
  id: "refund_part",
  title: "Refund of a part",
  stake: "The customer gets back more than was agreed, or the order shows another amount than the provider.",
  does: "An employee refunds about a third of a paid order, with cents.",
  rule: "The provider refunds exactly that amount. The order becomes partially refunded, with that amount.",
  advice:
    "Send the amount with each refund: without it the provider refunds all that is left. Calculate in whole cents, " +
    "and take the refunded amount from the refund. Otherwise you lose the difference, or the customer does.",
  precedent:
    "A shop plug-in left the amount out of its request, so each refund of a part paid back the whole order. Others " +
    "marked an order as refunded whatever the amount was.",
  run: async (stage) => {
    const purchase = await buy(stage);
    const part = partOf(stage, purchase);
    const ledger = await endedRefunds(stage, purchase, await refund(stage, purchase, part));
    requireRefunded(ledger, part, `The employee refunded HKD ${part}`, "refunds_wrong_amount");
    await deliverRefunds(stage, purchase, ledger);
    const sentence = `After a refund of HKD ${part} of ${purchase.amount} the order is wrong`;
    await expectLedger(stage, purchase, ledger, { sentence, cause: "misses_refund" });
  },
});

export const refundSecondPart = defineCase({
  ...shared,
  id: "refund_second_part",
  title: "A second refund of a part",
  stake: "The order counts money as returned that the customer never got.",
  does:
    "An employee refunds a part of a paid order, and then a second part. Alipay HK allows only one partial refund, " +
    "so the provider refuses the second one.",
  rule: "The order stays partially refunded, with the amount of the first refund.",
  advice:
    "Count a refund when the provider has accepted it and says that it is done. Show the refusal to the employee. " +
    "Otherwise the customer waits for money that nobody sent.",
  precedent: "Some back offices reduce the order's total when the button is pressed, before the provider has answered.",
  run: async (stage) => {
    const purchase = await buy(stage);
    const part = partOf(stage, purchase);
    const first = await endedRefunds(stage, purchase, await refund(stage, purchase, part));
    const delivered = new Set<string>();
    await deliverRefunds(stage, purchase, first, delivered);
    const cause = "misses_refund";
    await expectLedger(stage, purchase, first, {
      sentence: "After the first refund of a part the order is wrong",
      cause,
    });
    await refund(stage, purchase, part);
    await stage.drain();
    const ledger = await endedRefunds(stage, purchase);
    await deliverRefunds(stage, purchase, ledger, delivered);
    await expectLedger(stage, purchase, ledger, { sentence: "After a refund that was refused the order is wrong" });
  },
});
