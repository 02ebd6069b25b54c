import { defineCase } from "../../case.ts";
import { fail } from "../../verdict.ts";
import { ledgerOf } from "../money/ledger.ts";
import { paidOnce } from "../paid-once.ts";
import { checkoutPaidLate, lateMinutes, receiveLateMoney, refundCourier, requireWords } from "./late-money.ts";

export const paidLate = defineCase({
  id: "paid_late",
  group: "outcomes",
  title: "Paid after it had expired",
  stake: "The customer's money arrives for an order that was given up, and nobody sees it.",
  severity: "critical",
  needs: ["order"],
  phase: "past",
  minutes: lateMinutes + 1,
  does: "The payment expires, with its notification. The money arrives ten minutes later: captured is notified.",
  rule: "The order becomes paid with one fulfilment, or is refunded in full through the API, or asks for attention.",
  advice:
    "Handle captured for an order that has failed: fulfil it, refund it, or show it to a human. Otherwise you keep a " +
    "customer's money without a trace in your shop.",
  precedent:
    "Shops that ignore all messages about a cancelled order have kept the money of payments that were confirmed late.",
  run: async (stage) => {
    const purchase = await checkoutPaidLate(stage);
    await stage.deliverUntilTaken(await stage.notification({ purchase, type: "payment", status: "aborted" }));
    await stage.goBack(purchase);
    await receiveLateMoney(stage, purchase);
    await stage.drain();
    if (stage.has("jobs")) await stage.act("jobs");
    const deliverRefunds = refundCourier(stage, [purchase]);
    const isRight = await stage.until(async () => {
      await deliverRefunds();
      const view = await stage.run.readOrder(purchase);
      if (view?.state === "attention" || view?.state === "paid") return true;
      return (await ledgerOf(stage, [purchase.paymentId])).held === 0 ? true : undefined;
    });
    const { state, word } = await stage.order(purchase);
    if (!isRight) {
      requireWords(stage, state);
      fail(`The payment was captured after its expiry, and the order only says ${word} (${state}).`, "loses_payment");
    }
    if (state !== "paid") return;
    const want = paidOnce(purchase);
    await stage.expect(purchase, want, "The order that was paid late is wrong", "loses_payment");
  },
});
