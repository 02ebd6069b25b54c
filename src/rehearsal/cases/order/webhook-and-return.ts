import { defineCase } from "../../case.ts";

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
    const barrier = stage.hold("read");
    let answered = 0;
    const count = () => {
      answered += 1;
    };
    const both = Promise.all([stage.deliver(notification).then(count), stage.goBack(purchase).then(count)]);
    await stage.until(() => (barrier.held + answered >= 2 ? true : undefined));
    barrier.release();
    await both;
    await stage.deliverUntilTaken(notification);
    await stage.drain();
    const want = { states: ["paid"], effects: 1, paidAmount: purchase.amount } as const;
    await stage.expect(purchase, want, "After webhook and return in the same instant the order is wrong", "races");
  },
});
