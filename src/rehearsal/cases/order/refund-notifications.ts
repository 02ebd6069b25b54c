import { defineCase } from "../../case.ts";
import type { Notification } from "../../mailbox.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { memberAt } from "../../steps.ts";
import { notJudged } from "../../verdict.ts";
import { deliverAgainUnlessTaken, paidOnce, stimulusLimitMs } from "../paid-once.ts";

async function completedOrder(stage: Stage): Promise<Purchase> {
  const purchase = await stage.checkout();
  await stage.complete(purchase);
  await stage.expect(purchase, paidOnce(purchase), "An ordinary order is not paid", "ordinary_payment");
  return purchase;
}

export const refundNotificationFirst = defineCase({
  id: "refund_notification_before_answer",
  group: "order",
  title: "A refund's notification before its answer",
  stake: "The refund is reported before the server knows its id, and counts twice or not at all.",
  severity: "serious",
  needs: ["order", "refund"],
  does: "Refunds an order in full, holds the answer of the API, sends the refund's notification, and lets the answer go.",
  rule: "The order is refunded, with the amount of one refund.",
  advice:
    "Keep refunds by their id, let the status of an answer not replace a later one, and answer 5xx for a refund that " +
    "you do not know yet. Otherwise the order shows a wrong sum, and the books do not match the account.",
  precedent:
    "Asynchronous refunds are reported within milliseconds. Trackers have reports of refunds that were booked twice, " +
    "once by the answer and once by the webhook.",
  run: async (stage) => {
    const purchase = await completedOrder(stage);
    const barrier = stage.hold("refund", "answers");
    const action = stage.act("refund", purchase);
    const isHeld = await stage.until(() => (barrier.held > 0 ? true : undefined));
    if (isHeld === undefined) {
      barrier.release();
      await action;
      notJudged("not_seen", "The server sent no request to refund the payment.");
    }
    const notification = await stage.notification({ purchase, type: "refund" });
    let isAnswered = false;
    const delivery = stage.deliver(notification).finally(() => {
      isAnswered = true;
    });
    // A merchant with a lock handles the notification only after the answer.
    await stage.until(() => (isAnswered ? true : undefined), stimulusLimitMs);
    barrier.release();
    await action;
    await deliverAgainUnlessTaken(stage, notification, [await delivery]);
    await stage.drain();
    const want = { states: ["refunded"], refundedAmount: purchase.amount } as const;
    await stage.expect(purchase, want, "The refund was reported before its answer, and the order is wrong");
  },
});

/** Refunds a part. @returns its notification. */
async function refundPart(stage: Stage, purchase: Purchase, value: number): Promise<Notification> {
  const amount = value.toFixed(2);
  await stage.act("refund", purchase, { amount });
  const notification = await stage.notification({ purchase, type: "refund" });
  if (Number(memberAt(notification.payload, "/amount/value")) !== Number(amount)) {
    notJudged("does_not_apply", "The action refund does not refund a part of an order.");
  }
  await stage.deliverAll(purchase);
  return notification;
}

export const oldRefundNotification = defineCase({
  id: "old_refund_notification",
  group: "order",
  title: "An old refund again after another",
  stake: "A refund that is reported again counts again.",
  severity: "serious",
  needs: ["order", "refund"],
  does: "Refunds 60 % of an order and then the rest, and sends the notification of the first refund again.",
  rule: "The order stays refunded, with the sum of the two refunds.",
  advice:
    "Compute the refunded sum from the refunds by their ids; do not add the amount of each notification, and do not " +
    "keep only the last one. Otherwise the order shows a sum that nobody refunded, or allows one refund too many.",
  precedent:
    "Plug-ins that copied each message into the order showed a part as the whole refund, or the reverse, when an old " +
    "message came again.",
  run: async (stage) => {
    const purchase = await completedOrder(stage);
    // The provider allows one refund of a part; a refund of the rest is none. [seed] [ours]
    const part = Math.floor(purchase.amount * 60) / 100;
    const old = await refundPart(stage, purchase, part);
    await refundPart(stage, purchase, purchase.amount - part);
    const want = { states: ["refunded"], refundedAmount: purchase.amount } as const;
    await stage.expect(purchase, want, "Two refunds of parts make the order wrong", "ordinary_refund");
    await stage.deliverUntilTaken(old);
    await stage.drain();
    const sentence = "The old notification of a refund changes the order";
    await stage.expect(purchase, { ...want, never: ["paid", "partially_refunded"] }, sentence, "steps_back");
  },
});
