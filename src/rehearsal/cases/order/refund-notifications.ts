import { defineCase } from "../../case.ts";
import type { Notification } from "../../mailbox.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { notJudged } from "../../verdict.ts";
import { deliverAgainUnlessTaken, paidOnce } from "../paid-once.ts";

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
  does: "Refunds an order in full, holds the answer, sends the refund's notification, and lets the answer go.",
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
    const action = stage.later(stage.act("refund", purchase));
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
    await stage.until(() => (isAnswered ? true : undefined), stage.run.patienceMs);
    barrier.release();
    await action;
    await deliverAgainUnlessTaken(stage, notification, [await delivery]);
    await stage.drain();
    const want = { states: ["refunded"], refundedAmount: purchase.amount } as const;
    await stage.expect(purchase, want, "The refund was reported before its answer, and the order is wrong");
  },
});

/** Refunds the whole order. @returns the notification about this refund; `undefined` if the server made none. */
async function refundOnce(stage: Stage, purchase: Purchase, isFailing: boolean): Promise<Notification | undefined> {
  const known = stage.run.parts.mailbox.all({ paymentId: purchase.paymentId, type: "refund" }).length;
  if (isFailing) await stage.world.scenarios.next({ on: "refund", outcome: "fail" });
  try {
    const before = stage.exchanges("refund").length;
    await stage.act("refund", purchase);
    const isAsked = await stage.until(() => (stage.exchanges("refund").length > before ? true : undefined));
    if (isAsked === undefined) return undefined;
    return await stage.until(
      () => stage.run.parts.mailbox.all({ paymentId: purchase.paymentId, type: "refund" })[known],
    );
  } finally {
    if (isFailing) await stage.world.scenarios.clear();
  }
}

export const oldRefundNotification = defineCase({
  id: "old_refund_notification",
  group: "order",
  title: "An old refund again after another",
  stake: "A failed refund is reported again after the second one succeeded, and the order becomes paid again.",
  severity: "serious",
  needs: ["order", "refund"],
  does:
    "Refunds an order, and the refund fails. Refunds it again, and this refund succeeds. Then sends the notification " +
    "of the failed refund again.",
  rule: "The order stays refunded, with the amount of one refund. A server that refuses a second refund is not judged.",
  advice:
    "Keep refunds by their id, and compute the order from all of them: do not copy the status of each message into " +
    "the order. Otherwise the order looks paid, and somebody refunds it once more or sends the goods.",
  precedent:
    "Plug-ins that keep one refund for each order take an old message about the first refund for the state of the " +
    "second one.",
  run: async (stage) => {
    const purchase = await completedOrder(stage);
    const failed = await refundOnce(stage, purchase, true);
    if (failed === undefined) notJudged("not_seen", "The server made no refund.");
    if (failed.payload.status !== "failed") notJudged("not_seen", "The refund did not fail.");
    await stage.deliverUntilTaken(failed);
    await stage.drain();
    const second = await refundOnce(stage, purchase, false);
    if (second === undefined) notJudged("does_not_apply", "The server makes no second refund after one that failed.");
    await stage.deliverUntilTaken(second);
    const want = { states: ["refunded", "attention"], refundedAmount: purchase.amount } as const;
    await stage.expect(purchase, want, "A refund after one that failed makes the order wrong", "ordinary_refund");
    await stage.deliverUntilTaken(failed);
    await stage.drain();
    const sentence = "The old notification of a failed refund changes the order";
    await stage.expect(purchase, { ...want, never: ["paid"] }, sentence, "steps_back");
  },
});
