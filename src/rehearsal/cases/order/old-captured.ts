import { defineCase } from "../../case.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, warn } from "../../verdict.ts";

const shared = {
  group: "order",
  severity: "serious",
  precedent:
    "Notifications come in any order, and old ones come again. Handlers that copy the status of each message into " +
    "the order are the usual cause of orders that are refunded and paid again in public trackers.",
} as const;

export const capturedAfterRefund = defineCase({
  ...shared,
  id: "captured_after_refund",
  title: "An old captured after the refund",
  stake: "A refunded order becomes paid again, and its goods go out.",
  needs: ["order", "refund"],
  does: "Completes an order, refunds it in full, and sends the old notification of the captured payment again.",
  rule: "The order stays refunded, and is not fulfilled again.",
  advice:
    "Let an order move only forward: a message that a payment was captured changes nothing in an order that was paid " +
    "before. Otherwise the customer has the money and the goods.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const old = await stage.notification({ purchase, type: "payment" });
    await stage.deliverAll(purchase);
    await stage.goBack(purchase);
    await stage.act("refund", purchase);
    await stage.notification({ purchase, type: "refund" });
    await stage.deliverAll(purchase);
    const want = { states: ["refunded"], effects: 1, refundedAmount: purchase.amount } as const;
    await stage.expect(purchase, want, "The refund does not make the order refunded", "ordinary_refund");
    await stage.deliverUntilTaken(old);
    await stage.drain();
    const sentence = "An old notification of the captured payment changes a refunded order";
    await stage.expect(purchase, { ...want, never: ["paid"] }, sentence, "steps_back");
  },
});

/** Whether the provider holds no money of this payment any more. */
async function isRefundedInFull(stage: Stage, { paymentId }: Purchase): Promise<boolean> {
  return (await stage.world.payments.get(paymentId)).status === "refunded";
}

export const capturedAfterCancel = defineCase({
  ...shared,
  id: "captured_after_cancel",
  title: "An old captured after the cancellation",
  stake: "The customer has paid an order that the merchant cancelled, and nobody notices the money.",
  needs: ["order", "cancel"],
  does: "Pays an order, cancels it before its notification arrives, and then sends the notification.",
  rule:
    "If the server takes the cancellation, the order ends refunded, or asks for attention, without a fulfilment. If " +
    "it refuses the cancellation, the order is paid. An order that is paid after the cancellation gets a warning.",
  advice:
    "Track the payment before you cancel an order. If money arrives for a cancelled order, refund it through the " +
    "API, or show the order to an employee. Otherwise the customer pays for nothing, or gets what was cancelled.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const { answers } = await stage.act("cancel", purchase);
    const { state: before } = await stage.order(purchase);
    const isCancelled = before !== "paid" && answers.every(({ status }) => status > 0 && status < 400);
    await stage.deliverUntilTaken(notification);
    await stage.deliverAll(purchase);
    await stage.drain();
    const isSettled = await stage.until(async () => {
      const view = await stage.run.readOrder(purchase);
      if (view === undefined) return undefined;
      if (["paid", "attention", "refunded"].includes(view.state)) return true;
      return (await isRefundedInFull(stage, purchase)) ? true : undefined;
    });
    const { state, word, effects } = await stage.order(purchase);
    if (isSettled === undefined) {
      fail(`Money arrived for a cancelled order, and the order only says ${JSON.stringify(word)}.`, "silent_money");
    }
    const wanted = state === "paid" ? 1 : 0;
    if (effects !== undefined && effects !== wanted) {
      fail(
        `The order says ${JSON.stringify(word)} after a cancellation, and was fulfilled ${effects} times.`,
        "steps_back",
      );
    }
    if (state === "paid" && isCancelled) {
      warn("A cancelled order became paid and was fulfilled when its notification arrived.", "steps_back");
    }
  },
});
