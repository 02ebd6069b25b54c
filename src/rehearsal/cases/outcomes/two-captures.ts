import { defineCase } from "../../case.ts";
import { isPerformed } from "../../exchange.ts";
import { isPayable } from "../../payer.ts";
import type { CheckoutAttempt, Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { lacks, notJudged } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";
import { checkoutPaidLate, judgeSeveralCaptures, lateMinutes, receiveLateMoney } from "./late-money.ts";

const shared = {
  group: "outcomes",
  // Not critical: many plans need payAgain for them, and a plan without it must not be incomplete for ever.
  severity: "serious",
  needs: ["order"],
  rule: "Captured minus refunded equals the order and it is paid, or the order asks for attention; one fulfilment.",
  advice:
    "Keep all payments of an order, not only the newest. If more is captured than the order costs, refund the rest " +
    "through the API or show the order to a human. Otherwise a customer pays twice, and you learn it from the bank.",
} as const;

/**
 * The customer pays the same order once more: by the hook `payAgain`, else by the same checkout in the same browser.
 * @returns the second payment; `undefined` if the merchant keeps to the first.
 */
async function anotherPayment(stage: Stage, first: Purchase): Promise<Purchase | undefined> {
  const { browser } = first;
  const attempt: CheckoutAttempt = stage.has("payAgain")
    ? await stage.payAgain(first)
    : await stage.tryCheckout({ browser, amount: first.values.amount ?? "38.00" });
  const isMade = attempt.creates.some(isPerformed);
  if (!isMade) return undefined;
  const second = stage.purchaseFrom(attempt);
  if (second.reference !== first.reference) {
    stage.note("by this plan another checkout is another order: without payAgain nobody tries to pay an order again");
    lacks("payAgain");
  }
  return second.paymentId === first.paymentId ? undefined : second;
}

export const twoTabs = defineCase({
  ...shared,
  id: "two_tabs",
  title: "Two tabs for one order",
  stake: "The customer starts to pay twice and pays on both pages, and the shop keeps both amounts.",
  does: "Starts a second attempt while the first is pending. If that is another payment, the customer pays both.",
  precedent: "Customers who open the payment in two tabs pay twice; shops that store one payment id see only the last.",
  run: async (stage) => {
    const first = await stage.checkout();
    const second = await anotherPayment(stage, first);
    await stage.complete(first);
    if (second === undefined || !(await isPayable(stage.run.parts.fetchPage, second.pageUrl))) {
      const want = paidOnce(first);
      await stage.drain();
      await stage.expect(first, want, "The customer tried twice and paid once, and the order is wrong");
      return;
    }
    await stage.complete(second);
    await judgeSeveralCaptures(stage, [first, second], first);
  },
});

export const paidTwice = defineCase({
  ...shared,
  id: "paid_twice",
  title: "Paid late, after a second attempt",
  stake: "The money of an expired attempt arrives after the customer paid again, and the shop keeps both amounts.",
  phase: "past",
  minutes: lateMinutes + 1,
  does: "The first attempt expires. The customer pays a second one. Then the money of the first arrives after all.",
  precedent:
    "A transfer that is confirmed after the customer paid in another way is a known double payment of shops; it is " +
    "found at the end of the month.",
  run: async (stage) => {
    const first = await checkoutPaidLate(stage);
    await stage.deliverUntilTaken(await stage.notification({ purchase: first, type: "payment", status: "aborted" }));
    await stage.goBack(first);
    const second = await anotherPayment(stage, first);
    if (second === undefined) notJudged("does_not_apply", "The merchant makes no second payment for an expired one.");
    await stage.complete(second);
    await receiveLateMoney(stage, first);
    await judgeSeveralCaptures(stage, [first, second], first);
  },
});
