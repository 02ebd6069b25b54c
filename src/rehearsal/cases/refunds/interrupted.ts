import { defineCase } from "../../case.ts";
import { lostAnswer } from "../../faults.ts";
import type { CheckoutAttempt, Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { heldRule } from "../paid-once.ts";
import {
  buy,
  deliverRefunds,
  endedRefunds,
  expectLedger,
  type PaymentView,
  partOf,
  refund,
  requireRefunded,
  shared,
  takesAmount,
} from "./refund-steps.ts";

/**
 * Buys under the reading of the contract that allows a second refund of all that is left. [ours] Then a refund of a
 * half that is started twice pays back the whole order.
 */
async function buyWithRest(stage: Stage): Promise<Purchase> {
  await stage.world.change({ contract: { partialRefunds: "one_then_rest" } });
  try {
    return await buy(stage);
  } finally {
    await stage.world.change({ contract: null });
  }
}

const amountOf = (stage: Stage, purchase: Purchase) =>
  takesAmount(stage) ? partOf(stage, purchase, 2) : purchase.amount;

/** Delivers the notifications, and lets the merchant do what it has queued. One refund must be in the ledger. */
async function endOf(
  stage: Stage,
  purchase: Purchase,
  amount: number,
  { attempt, what }: { readonly attempt: CheckoutAttempt; readonly what: string },
): Promise<PaymentView> {
  await deliverRefunds(stage, purchase, await endedRefunds(stage, purchase, attempt));
  await stage.drain();
  const ledger = await endedRefunds(stage, purchase);
  requireRefunded(ledger, amount, `The employee ${what}`, "refunds_twice");
  return ledger;
}

const rule = "The provider refunds the amount once, and the order shows that amount.";

export const refundAnswerLost = defineCase({
  ...shared,
  id: "refund_answer_lost",
  title: "The answer to a refund is lost",
  stake: "The employee tries again, and the customer gets the money twice.",
  does:
    "An employee refunds half of a paid order. The provider starts the refund, and its answers are lost. The " +
    "employee tries again, and the provider answers.",
  rule,
  advice:
    "Store the refund with its idempotency key before you send it, and send the same key until you have an answer. " +
    "Otherwise each further attempt is another refund.",
  precedent:
    "A payment library made a new key for each attempt, so that its own retries after a timeout were new refunds.",
  run: async (stage) => {
    const purchase = await buyWithRest(stage);
    const amount = amountOf(stage, purchase);
    const lost = stage.fault("refund", lostAnswer, Infinity);
    await refund(stage, purchase, amount);
    await stage.until(() => (lost.applied.length > 0 ? true : undefined));
    lost.end();
    stage.requireApplied(lost, "lost answers to the refund");
    const again = await refund(stage, purchase, amount);
    const ledger = await endOf(stage, purchase, amount, { attempt: again, what: "tried again after a lost answer" });
    const sentence = "After a refund whose answer was lost the order is wrong";
    await expectLedger(stage, purchase, ledger, { sentence, cause: "miscounts_refund" });
  },
});

export const refundDoubleClick = defineCase({
  ...shared,
  id: "refund_double_click",
  title: "A double click on the refund",
  stake: "Two clicks are two refunds, and the customer gets the money twice.",
  does:
    "An employee refunds half of a paid order with two clicks. The merchant's requests to the API are held until " +
    "both wait, and then go on together.",
  rule: `${rule} ${heldRule}`,
  advice:
    "Note that a refund of the order has begun in the same step that checks for it: a conditional update or a lock. " +
    "Or use one key for each click on the form. Otherwise both clicks are sent to the provider.",
  precedent: "Back offices without such a check returned money twice because a page was slow and was submitted again.",
  run: async (stage) => {
    const purchase = await buyWithRest(stage);
    const amount = amountOf(stage, purchase);
    const click = () => refund(stage, purchase, amount);
    const [attempt] = await stage.together("refund", click, click);
    const ledger = await endOf(stage, purchase, amount, { attempt, what: "pressed the button twice" });
    const sentence = "After a double click on the refund the order is wrong";
    await expectLedger(stage, purchase, ledger, { sentence, cause: "miscounts_refund" });
  },
});
