import { isSameAmount } from "../../order.ts";
import type { OrderState } from "../../plan.ts";
import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, notJudged } from "../../verdict.ts";
import { ledgerOf } from "../money/ledger.ts";

/** Time from the expiry until the money of the scenario `paid_late` arrives, in minutes. */
export const lateMinutes = 10;

/** A checkout whose payment expires at once, and whose money will come late. */
export async function checkoutPaidLate(stage: Stage): Promise<Purchase> {
  const { scenarios } = stage.world;
  try {
    stage.note("the next payment expires, and is paid 10 minutes later");
    await scenarios.next("paid_late");
    return await stage.checkout();
  } finally {
    await scenarios.clear();
  }
}

/** Lets the late money arrive, and delivers its notification. */
export async function receiveLateMoney(stage: Stage, purchase: Purchase): Promise<void> {
  stage.note(`advances the clock by ${lateMinutes} minutes: the money arrives`);
  await stage.world.clock.advance(`PT${lateMinutes}M`);
  await stage.deliverUntilTaken(await stage.notification({ purchase, type: "payment", status: "captured" }));
}

/**
 * Judges an order with several captures: either a human must look, or the merchant gives back what is too much.
 * @param purchases the payments of the order, all of them captured.
 */
export async function judgeSeveralCaptures(stage: Stage, purchases: readonly Purchase[], order: Purchase) {
  const paymentIds = purchases.map(({ paymentId }) => paymentId);
  for (const paymentId of paymentIds) {
    const { captured } = await ledgerOf(stage, [paymentId]);
    if (captured === 0) notJudged("not_seen", `The payment ${paymentId} was not captured.`);
  }
  await stage.drain();
  if (stage.has("jobs")) await stage.act("jobs");
  const deliverRefunds = refundCourier(stage, purchases);
  const isRight = await stage.until(async () => {
    await deliverRefunds();
    const view = await stage.run.readOrder(order);
    if (view?.state === "attention") return true;
    const isHeldOnce = isSameAmount((await ledgerOf(stage, paymentIds)).held, order.amount);
    return isHeldOnce && (view?.state === "paid" || view?.state === "partially_refunded") ? true : undefined;
  });
  const { word, state, effects } = await stage.order(order);
  if ((effects ?? 0) > 1) fail(`Two payments of one order made ${effects} fulfilments.`, "fulfils_twice");
  if (isRight) return;
  requireWords(stage, state);
  const { held } = await ledgerOf(stage, paymentIds);
  fail(
    `The order costs HKD ${order.amount}, HKD ${held} are held for it, and it says ${word} (${state}).`,
    "keeps_both_payments",
  );
}

/** Ends the case if the order does not look paid, and the plan cannot tell `attention` from `unpaid`. */
export function requireWords(stage: Stage, state: OrderState): void {
  if (stage.plan.order?.paidText === undefined || state === "paid") return;
  notJudged("unclear", "With paidText an order that asks for attention looks unpaid. Set order.words.");
}

/** Delivers notifications about refunds, each of them once, so that a merchant who waits for them goes on. */
export function refundCourier(stage: Stage, purchases: readonly Purchase[]): () => Promise<void> {
  const delivered = new Set<string>();
  return async () => {
    for (const { paymentId } of purchases) {
      for (const one of stage.run.parts.mailbox.all({ paymentId, type: "refund" })) {
        if (delivered.has(one.id)) continue;
        delivered.add(one.id);
        await stage.deliverUntilTaken(one);
      }
    }
  };
}
