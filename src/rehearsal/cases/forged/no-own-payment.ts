import { defineCase } from "../../case.ts";
import { type ApiFault, isPerformed } from "../../exchange.ts";
import { lostAnswer } from "../../faults.ts";
import { OrderNotFoundError } from "../../order.ts";
import { SetupError } from "../../plan.ts";
import { type Purchase, purchaseOf } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { notJudged } from "../../verdict.ts";
import { completeRightPayment, createForeignPayment, foreignPayment, judgeForeignPayment } from "./foreign-payment.ts";

/** A checkout whose request to create the payment has no answer for the merchant. */
async function checkoutWithFault(stage: Stage, fault: ApiFault): Promise<Purchase> {
  const planned = stage.fault("create", fault, Infinity);
  const attempt = await stage.tryCheckout();
  planned.end();
  stage.requireApplied(planned, "the create of a payment");
  const create = attempt.creates.at(-1);
  if (create === undefined) notJudged("not_seen", "The checkout ended before the merchant asked for a payment.");
  const purchase = purchaseOf(attempt, create, stage.plan.number);
  if (!(await isShown(stage, purchase))) {
    notJudged("does_not_apply", "The merchant shows no order whose payment was not created.");
  }
  return purchase;
}

/** Whether the merchant shows the order after a checkout that failed. Its captures may be empty then. */
async function isShown(stage: Stage, purchase: Purchase): Promise<boolean> {
  const { url = "", command } = stage.plan.order ?? {};
  const names = [...url.matchAll(/\{([a-z]\w*)\}/gi)].map(([, name = ""]) => name);
  if (names.some((name) => (purchase.values[name] ?? "") === "")) return false;
  try {
    await stage.order(purchase);
    return true;
  } catch (error) {
    const isMissing = error instanceof OrderNotFoundError || (error instanceof SetupError && command !== undefined);
    if (isMissing) return false;
    throw error;
  }
}

/** The customer tries again, and pays; nothing without the hook `payAgain`. */
async function completeNextAttempt(stage: Stage, purchase: Purchase): Promise<void> {
  if (!stage.has("payAgain")) return;
  const attempt = await stage.payAgain(purchase).catch((error: unknown) => {
    // The steps need a value of the checkout that failed.
    if (error instanceof SetupError) return undefined;
    throw error;
  });
  if (attempt === undefined) return;
  const isNew = attempt.creates.some(isPerformed);
  const right = isNew ? stage.purchaseFrom(attempt) : purchase;
  if (right.pageUrl === "") return;
  if (!isNew) stage.run.purchases.push(purchase);
  await completeRightPayment(stage, right, "a payment of HKD 1 for an order without a payment of its own");
}

async function judgeWithout(stage: Stage, fault: ApiFault): Promise<void> {
  const purchase = await checkoutWithFault(stage, fault);
  const foreign = await createForeignPayment(stage, purchase, { amount: 1 });
  const what = "A payment of HKD 1, for an order whose own payment is not known,";
  await judgeForeignPayment(stage, purchase, foreign, what);
  await completeNextAttempt(stage, purchase);
}

const shared = {
  ...foreignPayment,
  advice:
    "Take no payment for an order just because the order has none yet. Ask for your own payment again, with the same " +
    "idempotency key, and compare id and amount. Let a person look at a payment that you did not start. Otherwise " +
    "anybody who knows the reference of such an order gets its goods for HKD 1.",
} as const;

export const failedCreate = defineCase({
  ...shared,
  id: "forged_one_dollar_create_failed",
  title: "A payment of HKD 1 for an order whose create failed",
  stake: "The order has no payment to compare with, so the shop takes the first one that comes.",
  does:
    "Answers the request to create the payment with 500. Then a genuine payment of HKD 1 under the order's " +
    "reference is paid and notified; its payer returns. Then the customer tries again, where the plan has " +
    "`payAgain`.",
  precedent:
    "The demo shop of this sandbox once showed Paid on an order of HKD 38 whose create had failed, after a payment " +
    "of HKD 1 under its reference.",
  run: (stage) => judgeWithout(stage, stage.errorAnswer(500, false)),
});

export const lostCreate = defineCase({
  ...shared,
  id: "forged_one_dollar_create_lost",
  title: "A payment of HKD 1 for an order whose create had no answer",
  stake: "The merchant does not know its payment yet, and takes a cheap one for it.",
  does:
    "Creates the payment and cuts the connection before the answer. Then a genuine payment of HKD 1 under the " +
    "order's reference is paid and notified; its payer returns. Then the customer tries again, where the plan has " +
    "`payAgain`.",
  precedent: "After a timeout of the create, shops look for their payment by its reference, and take the newest.",
  run: (stage) => judgeWithout(stage, lostAnswer),
});
