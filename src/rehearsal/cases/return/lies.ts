import { defineCase } from "../../case.ts";
import { fail, notJudged } from "../../verdict.ts";

export const returnLies = defineCase({
  id: "return_lies",
  group: "return",
  title: "The return lies",
  stake: "Anybody can write status=captured into the address bar, and gets goods without paying.",
  severity: "critical",
  needs: ["order"],
  does:
    "The payment is declined, and the browser returns with status=captured and the amount in the URL. The genuine " +
    "notification (declined) follows.",
  rule: "The order is not paid, and nothing is fulfilled.",
  advice:
    "Read only the order from the return. Take the status from a verified notification, or ask the provider for it. " +
    "Otherwise whoever knows the return URL buys for nothing.",
  precedent:
    "Many shop plug-ins once read the status from the return URL. Security advisories still report new ones each year.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase, "lying-return");
    const way = await stage.wayBack(purchase);
    const said = `${way?.url} ${JSON.stringify(way?.form)}`;
    if (!said.includes("captured")) notJudged("not_seen", "The provider's page returned without the lie.");
    await stage.goBack(purchase);
    await stage.drain();
    const { state, effects = 0 } = await stage.order(purchase);
    if (!["unpaid", "failed", "attention"].includes(state) || effects > 0) {
      fail(`A return that claims a payment made the order ${state} with ${effects} fulfilments.`, "believes_return");
    }
    await stage.deliverAll(purchase);
    const want = { states: ["unpaid", "failed", "attention"], effects: 0, paidAmount: 0 } as const;
    await stage.expect(purchase, want, "After a declined payment and a return that lied the order is wrong");
  },
});
