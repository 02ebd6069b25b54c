import { oneWinner } from "../../advice.ts";
import { defineCase } from "../../case.ts";
import { deliverAgainUnlessTaken, expectPaidOnce, heldRule, requireCounted } from "../paid-once.ts";

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
  rule: `The order is paid, and is fulfilled once. ${heldRule}`,
  advice: `${oneWinner}: a conditional update or a lock of the row. Otherwise goods and mails go out twice.`,
  precedent:
    "One shop plug-in sent two mails for 93 % of its payments, because webhook and return both saw the order open.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const way = await stage.wayBack(purchase);
    const [answer] = await stage.together(
      "any",
      () => stage.deliver(notification),
      () => stage.goBack(purchase, way),
    );
    await deliverAgainUnlessTaken(stage, notification, [answer]);
    await stage.drain();
    await expectPaidOnce(stage, purchase, "After webhook and return in the same instant the order is wrong");
    requireCounted(stage);
  },
});
