import { defineCase } from "../../case.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { notJudged } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";

async function buyAndPay(stage: Stage, purchase: Purchase): Promise<void> {
  await stage.complete(purchase);
  const sentence = "A payment that was paid and notified did not make the order paid";
  await stage.expect(purchase, paidOnce(purchase), sentence, "ordinary_payment");
}

const shared = {
  group: "outcomes",
  severity: "critical",
  needs: ["order"],
  rule: "The order becomes paid, with one fulfilment and the whole amount.",
  advice:
    "Make the order paid when the notification comes; the timeline shows the step that failed. Otherwise customers " +
    "pay, and nobody sends their goods.",
} as const;

export const paidByQr = defineCase({
  ...shared,
  id: "paid_by_qr",
  title: "Paid with the QR code",
  stake: "A customer at a computer pays, and the order stays open.",
  does: "A customer buys at a computer, scans the code with a phone, pays, and returns.",
  precedent: "The ordinary purchase: all other cases rest on it.",
  run: async (stage) => buyAndPay(stage, await stage.checkout()),
});

export const paidOnPhone = defineCase({
  ...shared,
  id: "paid_on_phone",
  title: "Paid on a phone",
  stake: "A customer with a phone pays in the app, and the order stays open.",
  does:
    "A customer buys with the browser of a phone (checkoutOnPhone of the plan, if it is there), pays in the wallet, " +
    "and returns. The payment must have the flow mobile_redirect.",
  precedent: "On a phone the browser leaves the shop, and may lose its session when it returns.",
  run: async (stage) => {
    const purchase = await stage.checkout({ isPhone: true });
    if (purchase.flowType === "qr_link") {
      const otherwise = "If its pages ask for mobile_redirect, say how with checkoutOnPhone.";
      notJudged("does_not_apply", `The shop uses the QR code on a phone too. ${otherwise}`);
    }
    await buyAndPay(stage, purchase);
  },
});
