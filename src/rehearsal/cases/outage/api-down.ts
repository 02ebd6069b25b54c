import { defineCase } from "../../case.ts";
import type { PlannedFault } from "../../gateway.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { notJudged } from "../../verdict.ts";
import { deliverAgainUnlessTaken, expectPaidOnce, isAbout } from "../paid-once.ts";

/** Answers all requests about the purchase with 503. */
function downFor(stage: Stage, purchase: Purchase): PlannedFault {
  return stage.apiDown((exchange) => isAbout(purchase, exchange));
}

/** Waits until the fault was applied, or the merchant has done its work without the API, and ends it. */
async function endWhenApplied(stage: Stage, fault: PlannedFault): Promise<boolean> {
  const isApplied = await stage.untilIdle(() => fault.applied.length > 0);
  fault.end();
  stage.note("the API answers again");
  if (isApplied) stage.requireApplied(fault, "503");
  return isApplied;
}

export const apiDownAtWebhook = defineCase({
  id: "api_down_at_webhook",
  group: "outage",
  title: "The API is down while the webhook is handled",
  stake: "The server acknowledges a payment that it could not check, and never looks at it again.",
  severity: "critical",
  needs: ["order"],
  does:
    "Sends the notification of a paid payment while all requests about it get 503. Then the API works again. The " +
    "notification is sent again if it was refused, and only then.",
  rule:
    "The order becomes paid, with one fulfilment. If only the jobs of the server make it paid, the case warns. A " +
    "server that asks the API nothing is not judged.",
  advice:
    "Answer 5xx while the work cannot be done, or store the notification and work through it later. Note its id only " +
    "together with the work: an id that is noted before turns the next delivery into a duplicate, and the order is " +
    "lost. If your queue waits longer before it tries again, raise order.limitMs.",
  precedent:
    "Guides for duplicates advise to store the id of the event first. Trackers have the result: the work failed, the " +
    "event came again, was known already, and was answered with 200.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const fault = downFor(stage, purchase);
    const answer = await stage.deliver(notification);
    const isApplied = await endWhenApplied(stage, fault);
    await deliverAgainUnlessTaken(stage, notification, [answer]);
    await stage.drain();
    const sentence = "The API was down while the webhook was handled, and the order is wrong";
    await expectPaidOnce(stage, purchase, sentence, { lost: "acknowledges_too_early" });
    if (!isApplied) notJudged("does_not_apply", "The server handles the webhook without the API.");
  },
});

export const apiDownAtReturn = defineCase({
  id: "api_down_at_return",
  group: "outage",
  title: "The API is down while the return is handled",
  stake: "The server cannot check the payment of a customer who returns, and takes it for a failure.",
  severity: "critical",
  needs: ["order"],
  does:
    "Lets the browser return from a paid payment while all requests about it get 503. Then the API works again, and " +
    "the notification is sent.",
  rule: "The order becomes paid, with one fulfilment. A server that asks the API nothing at the return is not judged.",
  advice:
    "An error of the API says nothing about the payment: leave the order open, tell the customer that the payment is " +
    "being checked, and let the notification or a job decide. Otherwise paid orders end as failed.",
  precedent:
    "Plug-ins that cancelled the order after any error on the return page restocked goods that were paid; the " +
    "webhook then found a closed order.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const fault = downFor(stage, purchase);
    await stage.goBack(purchase);
    const isApplied = await endWhenApplied(stage, fault);
    await stage.deliverUntilTaken(notification);
    await stage.drain();
    const sentence = "The API was down while the return was handled, and the order is wrong";
    await expectPaidOnce(stage, purchase, sentence, { lost: "takes_errors_for_failures" });
    if (!isApplied) notJudged("does_not_apply", "The server handles the return without the API.");
  },
});
