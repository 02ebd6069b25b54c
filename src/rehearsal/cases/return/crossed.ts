import { defineCase } from "../../case.ts";
import { isPerformed } from "../../exchange.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";

export const returnCrossed = defineCase({
  id: "return_crossed",
  group: "return",
  title: "The return of another order",
  stake: "A customer pays for one order, opens the return URL of another, and gets both.",
  severity: "critical",
  needs: ["order"],
  does:
    "A customer pays for an order, and starts a second one that is not paid. The same browser then opens the return " +
    "URL of another customer's unpaid order, URLs whose number is one higher, and the return URL of the paid order.",
  rule: "No order becomes paid that was not paid, and nothing is fulfilled for it. Each one can still be paid.",
  advice:
    "Find the order by the return URL, and its payment by the order: never combine the order of the URL with the " +
    "payment of the session, or the other way round. Otherwise one small payment opens every order.",
  precedent:
    "A known trick: keep the final URL of a small paid order, start a large one, and open the kept URL. Other shops " +
    "marked any order as paid whose success URL was opened.",
  run: async (stage) => {
    const paid = await stage.checkout();
    await stage.complete(paid);
    const second = await secondOrder(stage, paid);
    const foreign = await stage.checkout();
    const opened = [foreign.returnUrl, nextNumber(foreign.returnUrl), nextNumber(paid.returnUrl), paid.returnUrl];
    for (const url of opened) await stage.goBack(paid, { method: "GET", url, form: undefined });
    await stage.drain();
    const unpaid = second === undefined ? [foreign] : [foreign, second];
    for (const purchase of unpaid) await requireUnpaid(stage, purchase);
    for (const purchase of unpaid) await stage.complete(purchase);
    for (const purchase of [paid, ...unpaid]) {
      const want = paidOnce(purchase);
      await stage.expect(purchase, want, "After the return of another order a paid order is wrong");
    }
  },
});

/** Another order in the browser of a paid one; `undefined` if the merchant makes no new payment there. */
async function secondOrder(stage: Stage, { browser, reference }: Purchase): Promise<Purchase | undefined> {
  const attempt = await stage.tryCheckout({ browser });
  const isNew = attempt.creates.some(isPerformed);
  const purchase = isNew ? stage.purchaseFrom(attempt) : undefined;
  return purchase?.reference === reference ? undefined : purchase;
}

async function requireUnpaid(stage: Stage, purchase: Purchase): Promise<void> {
  const { state, effects = 0 } = await stage.order(purchase);
  if (["unpaid", "failed", "attention"].includes(state) && effects === 0) return;
  fail(`The return of another order made this unpaid order ${state} with ${effects} fulfilments.`, "believes_return");
}

/** The URL with its last number plus one. */
function nextNumber(url: string): string {
  const { origin } = new URL(url);
  const rest = url.slice(origin.length);
  return origin + rest.replace(/\d+(?=\D*$)/, (digits) => String(BigInt(digits) + 1n).padStart(digits.length, "0"));
}
