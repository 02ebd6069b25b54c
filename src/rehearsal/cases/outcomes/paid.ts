import { defineCase } from "../../case.ts";
import type { Stage } from "../../stage.ts";
import { paidOnce } from "../paid-once.ts";

async function buyAndPay(stage: Stage, isPhone: boolean): Promise<void> {
  const purchase = await stage.checkout({ isPhone });
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
  run: (stage) => buyAndPay(stage, false),
});

export const paidOnPhone = defineCase({
  ...shared,
  id: "paid_on_phone",
  title: "Paid on a phone",
  stake: "A customer with a phone pays in the app, and the order stays open.",
  does: "A customer buys with the browser of a phone, pays in the wallet, and returns.",
  precedent: "On a phone the browser leaves the shop, and may lose its session when it returns.",
  run: (stage) => buyAndPay(stage, true),
});
