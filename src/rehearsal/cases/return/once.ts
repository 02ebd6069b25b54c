import { oneWinner } from "../../advice.ts";
import { defineCase } from "../../case.ts";
import { notJudged } from "../../verdict.ts";
import { heldRule, paidOnce, requireCounted } from "../paid-once.ts";

export const returnNever = defineCase({
  id: "return_never",
  group: "return",
  title: "The browser never returns",
  stake: "A customer pays, closes the browser, and the order stays open.",
  severity: "critical",
  needs: ["order"],
  does: "The payer pays, and the browser does not return. Only the notification comes.",
  rule: "The order becomes paid, with one fulfilment and the whole amount.",
  advice:
    "Let the notification alone complete an order; the return only shows a page. Otherwise each closed browser and " +
    "empty battery is a payment without goods.",
  precedent:
    "Shops that completed orders on the success page report paid orders that stay open, a few in each hundred.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase, "pay-never-returns");
    if ((await stage.wayBack(purchase)) !== undefined) notJudged("not_seen", "The provider's page has a way back.");
    await stage.deliverAll(purchase);
    const want = paidOnce(purchase);
    await stage.expect(purchase, want, "A payer who paid did not return, and the order is wrong", "needs_return");
  },
});

export const returnTwice = defineCase({
  id: "return_twice",
  group: "return",
  title: "The browser returns twice",
  stake: "A customer reloads the page, and the goods go out twice.",
  severity: "critical",
  needs: ["order"],
  does:
    "The payer pays. The browser returns twice at the same time, as at a reload, and once more after the " +
    "notification. The merchant's requests to the API are held until both returns wait, and then go on together.",
  rule: `The order is paid, and is fulfilled once. ${heldRule}`,
  advice: `${oneWinner}: a conditional update or a lock of the row. Otherwise each reload sends goods and mails again.`,
  precedent: "Thank-you pages that sent the mail and lowered the stock did so again at each reload.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const way = await stage.wayBack(purchase);
    const goBack = () => stage.goBack(purchase, way);
    await stage.together("read", goBack, goBack);
    await stage.deliverAll(purchase);
    await stage.goBack(purchase);
    await stage.drain();
    const want = paidOnce(purchase);
    await stage.expect(purchase, want, "After the browser returned three times the order is wrong", "loses_payment");
    requireCounted(stage);
  },
});
