import { defineCase } from "../../case.ts";
import { paidOnce } from "../paid-once.ts";

export const webhookNever = defineCase({
  id: "webhook_never",
  group: "order",
  title: "No webhook and no return",
  stake: "The payment is made, and nothing ever reports it.",
  severity: "serious",
  needs: ["order", "jobs"],
  does: "Pays, sends no notification, lets no browser return, and runs the jobs of the server.",
  rule: "The jobs find the payment: the order is paid, with one fulfilment.",
  advice:
    "Let a job track each open payment, for some minutes often and then less often, until it has a final status. " +
    "Otherwise a wrong setting of the endpoint costs every order of a customer who does not return. If the job skips " +
    "young payments, let the hook jobs run it without that limit.",
  precedent:
    "Shops found weeks later that a firewall or an expired certificate had stopped their webhooks, and had to " +
    "compare all orders with the provider's list by hand.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    await stage.notification({ purchase, type: "payment" });
    await stage.act("jobs");
    const sentence = "Without webhook and return the jobs do not make the order paid";
    await stage.expect(purchase, paidOnce(purchase), sentence, "jobs_miss_payments");
  },
});
