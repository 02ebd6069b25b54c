import { oneWinner } from "../../advice.ts";
import { defineCase } from "../../case.ts";
import type { Notification } from "../../mailbox.ts";
import type { Stage } from "../../stage.ts";
import { deliverAgainUnlessTaken, expectPaidOnce, heldRule, requireCounted } from "../paid-once.ts";

const shared = {
  group: "order",
  severity: "critical",
  needs: ["order"],
  rule: "The order is paid, and is fulfilled once.",
} as const;

async function deliverTwice(stage: Stage, second: (first: Notification) => Notification): Promise<void> {
  const purchase = await stage.checkout();
  await stage.pay(purchase);
  const notification = await stage.notification({ purchase, type: "payment" });
  await stage.deliverUntilTaken(notification);
  await expectPaidOnce(stage, purchase, "The webhook does not make the order paid");
  await stage.deliverUntilTaken(second(notification));
  await stage.drain();
  await expectPaidOnce(stage, purchase, "After a second notification of the same payment the order is wrong");
  requireCounted(stage);
}

export const notificationTwice = defineCase({
  ...shared,
  id: "notification_twice",
  title: "The same notification twice",
  stake: "The provider sends a notification again, and the order is fulfilled again.",
  does: "Sends the notification of a paid payment, and sends it again after it was taken.",
  advice:
    "Fulfil only in the step that moves the order from unpaid to paid, and answer the second notification with 2xx. " +
    "Otherwise goods, credit or mails go out twice each time that an answer is lost.",
  precedent:
    "All providers deliver at least once. Credit that was added twice for one top-up is a classic report in public " +
    "trackers.",
  run: (stage) => deliverTwice(stage, (first) => first),
});

export const notificationTwin = defineCase({
  ...shared,
  id: "notification_twin",
  title: "The same report with another id",
  stake: "Two notifications with different ids report one payment, and each of them fulfils the order.",
  does: "Sends the notification of a paid payment, and then one with the same payload under another id.",
  advice:
    "Do not rely on the id of the notification alone: the state of the order must decide whether it is fulfilled. " +
    "Otherwise a report that was made twice sends the goods twice.",
  precedent:
    "Several providers note that one event can be reported under two ids, and ask for checks by object and status.",
  run: (stage) =>
    deliverTwice(stage, ({ id, ...first }) => {
      const twinId = `${id.slice(0, -4)}${id.endsWith("Twin") ? "Tw1n" : "Twin"}`;
      return { ...first, id: twinId, body: first.body.replaceAll(id, twinId) };
    }),
});

export const notificationsAtOnce = defineCase({
  ...shared,
  id: "notifications_at_once",
  title: "The same notification twice at once",
  rule: `${shared.rule} ${heldRule}`,
  stake: "Two workers handle one notification in the same instant, and each of them fulfils the order.",
  does:
    "Sends the same notification twice at the same time. The merchant's requests to the API are held until both " +
    "wait, and then go on together.",
  advice:
    `${oneWinner}: a conditional update, a lock of the row, or a unique key. A check before the work is not enough: ` +
    "both workers pass it, and the goods go out twice.",
  precedent:
    "Merchants with several workers report two orders for one notification, although they look for a known id first: " +
    "the provider had sent it again before the first answer.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const deliver = () => stage.deliver(notification);
    await deliverAgainUnlessTaken(stage, notification, await stage.together("any", deliver, deliver));
    await stage.drain();
    await expectPaidOnce(stage, purchase, "After two notifications in the same instant the order is wrong");
    requireCounted(stage);
  },
});
