import { defineCase } from "../../case.ts";
import { deliverAgainUnlessTaken, expectPaidOnce, stimulusLimitMs } from "../paid-once.ts";

export const webhookAndReturn = defineCase({
  id: "webhook_and_return_together",
  group: "order",
  title: "Webhook and return in the same instant",
  stake: "Both report the payment, and each of them fulfils the order.",
  severity: "critical",
  needs: ["order"],
  does:
    "Sends the notification and the browser's return at the same time. The merchant's requests to the API are held " +
    "until both wait, and then go on together.",
  rule: "The order is paid, and is fulfilled once.",
  advice:
    "Change the state of the order and fulfil it in one step that only one caller can win: a conditional update or a " +
    "lock of the row. Otherwise goods and mails go out twice.",
  precedent:
    "One shop plug-in sent two mails for 93 % of its payments, because webhook and return both saw the order open.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const barrier = stage.hold("any");
    let answered = 0;
    const count = () => {
      answered += 1;
    };
    const delivery = stage.deliver(notification).finally(count);
    const way = stage.later(stage.goBack(purchase).finally(count));
    // A merchant with a lock lets only one of them reach the API.
    await stage.until(() => (barrier.held + answered >= 2 ? true : undefined), stimulusLimitMs);
    barrier.release();
    await way;
    await deliverAgainUnlessTaken(stage, notification, [await delivery]);
    await stage.drain();
    await expectPaidOnce(stage, purchase, "After webhook and return in the same instant the order is wrong", {
      twice: "races",
    });
  },
});
