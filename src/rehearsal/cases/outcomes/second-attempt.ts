import { defineCase } from "../../case.ts";
import { isPayable } from "../../payer.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";

/** Starts the second attempt. Fails unless it is another payment with a page that can be paid. */
async function startSecond(stage: Stage, first: Purchase): Promise<Purchase> {
  const attempt = await stage.payAgain(first);
  const { sentTo } = attempt;
  if (attempt.creates.length === 0 && sentTo.some((url) => isPageOf(first, url))) {
    fail("The second attempt sends the payer to the page of the declined payment.", "reuses_key");
  }
  const second = stage.purchaseFrom(attempt);
  if (second.paymentId === first.paymentId) {
    const key = first.key === second.key ? `the key ${first.key} of the declined one` : "the declined payment";
    fail(`The second attempt repeats ${key}: the payer gets a page that cannot be paid.`, "reuses_key");
  }
  if (!(await isPayable(stage.run.parts.fetchPage, second.pageUrl))) {
    fail("The page of the second attempt cannot be paid.", "reuses_key");
  }
  if (sentTo.some((url) => isPageOf(first, url)) && !sentTo.some((url) => isPageOf(second, url))) {
    fail("The second attempt has a new payment, but sends the payer to the declined one.", "reuses_key");
  }
  return second;
}

function isPageOf({ pageUrl }: Purchase, url: string): boolean {
  return new URL(url).pathname === new URL(pageUrl).pathname;
}

export const secondAttempt = defineCase({
  id: "second_attempt",
  group: "outcomes",
  title: "A second attempt after a decline",
  stake: "The customer tries again and gets a dead page, or pays and the old decline makes the order unpaid.",
  severity: "serious",
  needs: ["order", "payAgain"],
  does:
    "The wallet declines. The customer tries again and pays. Then the notification of the first attempt, with " +
    "declined, is delivered again.",
  rule: "The second attempt has a page that can be paid; the order becomes paid once, and stays paid.",
  advice:
    "Use a new idempotency key for each attempt, and keep the id of each payment with its attempt. A message about " +
    "an old attempt must not change what a newer one did. Otherwise you lose the sale, or send no goods for money.",
  precedent:
    "Keys made of the order number alone returned the declined payment at each retry. Elsewhere a late failure of an " +
    "older attempt cancelled orders that were paid.",
  run: async (stage) => {
    const first = await stage.checkout();
    await stage.pay(first, "decline");
    const declined = await stage.notification({ purchase: first, type: "payment", status: "declined" });
    await stage.deliverUntilTaken(declined);
    await stage.goBack(first);
    const { state } = await stage.order(first);
    if (state === "paid") fail("The first attempt was declined, and the order is paid.", "pays_without_money");
    const second = await startSecond(stage, first);
    await stage.complete(second);
    const want = paidOnce(second);
    await stage.expect(second, want, "The second attempt was paid, and the order is wrong");
    await stage.deliverUntilTaken(declined);
    await stage.drain();
    await stage.expect(second, want, "The old decline came again, and the paid order is wrong", "steps_back");
  },
});
