import { defineCase } from "../../case.ts";
import { paidOnce } from "../paid-once.ts";

export const backWithoutPaying = defineCase({
  id: "back_without_paying",
  group: "outcomes",
  title: "Back without paying, and then paid",
  stake: "The payer looks back at the shop before paying, and the order is sent unpaid or stays open for ever.",
  severity: "critical",
  needs: ["order"],
  does: "The payer returns to the shop while the payment is pending, goes to the page again, and pays.",
  rule: "After the return the order is not paid. After the payment it is paid, with one fulfilment.",
  advice:
    "At the return ask the provider for the status, and leave a pending order open: it can still be paid. Otherwise " +
    "goods go out without money, or a customer pays for an order that was closed.",
  precedent:
    "Shops have cancelled the order when the payer used the back button, and then ignored the money that came after " +
    "it.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.goBack(purchase);
    await stage.drain();
    const open = { states: ["unpaid", "failed"], never: ["paid"], effects: 0 } as const;
    await stage.expect(purchase, open, "A return without a payment leaves a wrong order", "trusts_return");
    await stage.complete(purchase);
    const paid = paidOnce(purchase);
    await stage.expect(purchase, paid, "The payer paid after an early return, and the order is wrong");
  },
});
