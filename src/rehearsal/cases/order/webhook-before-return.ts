import { defineCase } from "../../case.ts";
import { expectPaidOnce } from "../paid-once.ts";

export const webhookBeforeReturn = defineCase({
  id: "webhook_before_return",
  group: "order",
  title: "Webhook before the return",
  stake: "The order waits for the customer's browser, which may never come back.",
  severity: "critical",
  needs: ["order"],
  does: "Sends the notification of a paid payment, looks at the order, and only then lets the browser return.",
  rule: "The order is paid before the return, with one fulfilment, and the return adds none.",
  advice:
    "Let the notification do the whole work, and let the return only show the order. Otherwise a customer who closes " +
    "the browser has paid for nothing.",
  precedent:
    "Shops that fulfil on the thank-you page lose the orders of customers who close the wallet: the support forums " +
    "of most payment providers have the question.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    await stage.deliverUntilTaken(await stage.notification({ purchase, type: "payment" }));
    await expectPaidOnce(stage, purchase, "The webhook alone does not make the order paid");
    await stage.goBack(purchase);
    await stage.drain();
    await expectPaidOnce(stage, purchase, "After webhook and return the order is wrong");
  },
});
