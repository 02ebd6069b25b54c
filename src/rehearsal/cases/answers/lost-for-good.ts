import { defineCase } from "../../case.ts";
import { lostAnswer } from "../../faults.ts";
import { expectPaidOnce } from "../paid-once.ts";
import { requireOnePayment } from "./judge-create.ts";

export const lostForGood = defineCase({
  id: "answer_lost_for_good",
  group: "answers",
  title: "The answer is lost for good, and the payment is paid",
  stake: "The provider holds a customer's money for an order that shows nothing of it.",
  severity: "serious",
  needs: ["order"],
  does:
    "Performs each create of the checkout, and loses each answer, so that the shop never learns the payment. The " +
    "payment is paid nevertheless, and the genuine notification comes.",
  rule:
    "The order becomes paid, or asks for attention, or the money is refunded. It does not stay silent. If only the " +
    "jobs of the server do this, the case warns.",
  advice:
    "Store the order and its key before the request. If a notification names an unknown payment of a known order, " +
    "repeat the create with the stored key: its answer is the payment. Otherwise money arrives that nobody sees.",
  precedent:
    "Shops that stored the provider's id only after the answer could not match the later notification, and answered " +
    "it with 404 until the provider gave up.",
  run: async (stage) => {
    const planned = stage.fault("create", lostAnswer, Infinity);
    const attempt = await stage.tryCheckout();
    planned.end();
    stage.requireApplied(planned, "the checkout creates no payment");
    await requireOnePayment(stage);
    const purchase = stage.purchaseFrom({ ...attempt, creates: planned.applied });
    await stage.pay(purchase);
    await stage.deliverAll(purchase);
    const sentence = "The answer to a create was lost, its payment was paid, and the order is wrong";
    await expectPaidOnce(stage, purchase, sentence, { or: ["attention", "refunded"] });
  },
});
