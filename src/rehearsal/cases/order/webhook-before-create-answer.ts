import { defineCase } from "../../case.ts";
import { type CheckoutAttempt, purchaseOf } from "../../purchase.ts";
import { notJudged } from "../../verdict.ts";
import { deliverAgainUnlessTaken, expectPaidOnce } from "../paid-once.ts";

export const webhookBeforeCreateAnswer = defineCase({
  id: "webhook_before_create_answer",
  group: "order",
  title: "Webhook before the answer of the create",
  stake: "The payment is reported before the server knows its id, and the report is thrown away.",
  severity: "critical",
  needs: ["order"],
  does:
    "Holds the answer of the request that creates the payment. Meanwhile the payment is paid, and its notification " +
    "is sent. Then the answer goes on. The customer does not return.",
  rule: "The order becomes paid, with one fulfilment. The server may refuse the notification at first.",
  advice:
    "Store the order before the create, and find it by merchantReference. Answer 2xx only for a notification that " +
    "you have handled or stored; answer 5xx for a payment that you do not know yet, so that it is sent again. " +
    "Otherwise the customer has paid, and the order stays open.",
  precedent:
    "A common report in the trackers of shop plug-ins: a fast payment is notified while the checkout still waits, " +
    "the plug-in finds no order for the payment id, answers 200, and the order stays pending.",
  run: async (stage) => {
    const barrier = stage.hold("create", "answers");
    const checkout = stage.later(stage.tryCheckout());
    const create = await stage.until(() => stage.exchanges("create").find(({ answer }) => answer !== undefined));
    if (create === undefined || (create.answer?.status ?? 0) >= 300) {
      barrier.release();
      stage.purchaseFrom(await checkout);
      notJudged("not_seen", "The sandbox refused the first request to create the payment, or none came in time.");
    }
    const nothing = { answers: [], sentTo: [], values: {} };
    const unfinished: CheckoutAttempt = { browser: stage.run.newBrowser(), creates: [create], ...nothing };
    const early = purchaseOf(unfinished, create, stage.plan.number);
    await stage.pay(early);
    const notification = await stage.notification({ purchase: early, type: "payment" });
    let isAnswered = false;
    const delivery = stage.deliver(notification).finally(() => {
      isAnswered = true;
    });
    // A merchant may wait for the answer of the create, or repeat the create, which is held too.
    await stage.until(() => (isAnswered || barrier.held >= 2 ? true : undefined), stage.run.patienceMs);
    barrier.release();
    const purchase = stage.purchaseFrom(await checkout);
    await deliverAgainUnlessTaken(stage, notification, [await delivery]);
    await stage.drain();
    const sentence = "The webhook came before the answer of the create, and the order is wrong";
    await expectPaidOnce(stage, purchase, sentence, { lost: "forgets_early_webhook" });
  },
});
