import { defineCase } from "../../case.ts";
import { isTaken } from "../../courier.ts";
import { slowAnswer } from "../../faults.ts";
import { fail, notJudged } from "../../verdict.ts";
import { deliverAgainUnlessTaken, expectPaidOnce, isAbout, paidOnce, requireCounted } from "../paid-once.ts";

const shared = {
  group: "outage",
  severity: "serious",
  needs: ["order", "start", "keepsOrders"],
  phase: "restart",
} as const;

/** Deliveries of a notification that the merchant refuses, before the case fails. */
const attemptsMax = 5;
/** Delay of each answer of the API, in milliseconds: work after the 2xx is not done when the server ends. */
const slowMs = 100;

export const killedAtAnswer = defineCase({
  ...shared,
  id: "killed_at_answer",
  title: "Killed at the 2xx",
  stake: "The server acknowledges a payment, ends, and has forgotten it.",
  does:
    "Sends the notification of a paid payment while the API answers slowly. Ends the server at once when its 2xx " +
    "begins, and starts it again. The notification does not come again, and no browser returns.",
  rule: "The order becomes paid, with one fulfilment. If only the jobs of the server make it paid, the case warns.",
  advice:
    "Answer 2xx only when the work is committed, or when the notification is stored where a restart finds it. Work " +
    "in memory after the answer is lost with each deployment and each crash.",
  precedent:
    "Handlers that answer first and work in the background of the process are common advice against timeouts. On " +
    "hosts that end the process after the response, merchants lose a part of their orders.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const fault = stage.fault("any", slowAnswer(slowMs), Infinity);
    let end: Promise<void> | undefined;
    const onStatus = (status: number) => {
      if (!isTaken({ status })) return;
      stage.note(`ends the server at its ${status}`);
      end = stage.server.kill();
    };
    for (let attempt = 0; attempt < attemptsMax && end === undefined; attempt += 1) {
      await stage.deliver(notification, { onStatus });
    }
    fault.end();
    if (end === undefined) {
      fail(`The endpoint refuses a genuine notification ${attemptsMax} times.`, "refuses_genuine");
    }
    await end;
    await stage.restart();
    const sentence = "The server was ended at its 2xx, and the order is wrong after the restart";
    await expectPaidOnce(stage, purchase, sentence, { lost: "acknowledges_too_early" });
    await stage.drain();
    await stage.expect(purchase, paidOnce(purchase), sentence, "acknowledges_too_early");
  },
});

export const killedInTheMiddle = defineCase({
  ...shared,
  id: "killed_in_the_middle",
  title: "Killed in the middle of the webhook",
  stake: "The server ends in the middle of its work, and takes the next delivery for work that is done.",
  does:
    "Sends the notification of a paid payment, holds the server's request to the API, ends the server, and starts it " +
    "again. The notification is sent again, unless it was acknowledged.",
  rule:
    "The order becomes paid, with one fulfilment. A server that sends no request to the API is not judged: the " +
    "sandbox cannot see the middle of its work.",
  advice:
    "Commit the mark of a handled notification together with the change of the order, in one transaction. A mark or " +
    "a lock that is written before stays after a crash, and the order is lost.",
  precedent:
    'Reports of orders that stay in "processing" for ever: the worker had set a flag, was ended by a deployment, and ' +
    "each further notification met the flag.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const barrier = stage.hold((exchange) => isAbout(purchase, exchange));
    let isAnswered = false;
    const delivery = stage.deliver(notification).finally(() => {
      isAnswered = true;
    });
    await stage.until(() => (barrier.held > 0 || isAnswered ? true : undefined), stage.plan.requestLimitMs);
    // A queue sends its request after the answer.
    const isInTheMiddle = await stage.untilIdle(() => barrier.held > 0);
    await stage.server.kill();
    // A server may ask the API while it starts.
    barrier.release();
    await stage.restart();
    await deliverAgainUnlessTaken(stage, notification, [await delivery]);
    await stage.drain();
    const sentence = "The server was ended in the middle of the webhook, and the order is wrong";
    await expectPaidOnce(stage, purchase, sentence, { lost: "marks_before_work" });
    if (!isInTheMiddle) notJudged("does_not_apply", "The server handles the webhook without the API.");
  },
});

export const restartedBetweenDuplicates = defineCase({
  ...shared,
  id: "restarted_between_duplicates",
  title: "Restarted between two deliveries",
  stake: "The server forgets what it has handled, and fulfils the order again.",
  does: "Sends the notification of a paid payment, ends the server, starts it again, and sends the notification again.",
  rule: "The order is paid, and is fulfilled once.",
  advice:
    "Keep what was handled in the database, together with the order, and not in the memory of the process or in a " +
    "cache that a restart empties. Otherwise each deployment can send goods twice.",
  precedent: "A set of handled ids in memory is the usual example code; it is empty after each deployment.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    await stage.deliverUntilTaken(notification);
    await expectPaidOnce(stage, purchase, "The webhook does not make the order paid");
    await stage.restart();
    await stage.deliverUntilTaken(notification);
    await stage.drain();
    await expectPaidOnce(stage, purchase, "After a restart and a second delivery the order is wrong");
    requireCounted(stage);
  },
});
