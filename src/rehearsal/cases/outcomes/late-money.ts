import type { Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, notJudged } from "../../verdict.ts";

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

/** What the provider holds for the merchant from these payments, in HKD. */
export async function heldBy(stage: Stage, purchases: readonly Purchase[]): Promise<number> {
  let cents = 0;
  for (const { paymentId } of purchases) {
    const { captured, refunded } = (await stage.world.payments.get(paymentId)).amounts;
    cents += Math.round(captured * 100) - Math.round(refunded * 100);
  }
  return cents / 100;
}

/**
 * Judges an order with several captures: either a human must look, or the merchant gives back what is too much.
 * @param purchases the payments of the order, all of them captured.
 */
export async function judgeSeveralCaptures(stage: Stage, purchases: readonly Purchase[], order: Purchase) {
  for (const { paymentId } of purchases) {
    const { captured } = (await stage.world.payments.get(paymentId)).amounts;
    if (captured === 0) notJudged("not_seen", `The payment ${paymentId} was not captured.`);
  }
  await stage.drain();
  if (stage.has("jobs")) await stage.act("jobs");
  const isRight = await stage.until(async () => {
    for (const purchase of purchases) await deliverRefunds(stage, purchase);
    const view = await stage.run.readOrder(order);
    if (view?.state === "attention") return true;
    const isHeldOnce = Math.abs((await heldBy(stage, purchases)) - order.amount) < 0.005;
    return isHeldOnce && (view?.state === "paid" || view?.state === "partially_refunded") ? true : undefined;
  });
  const { word, state, effects } = await stage.order(order);
  if ((effects ?? 0) > 1) fail(`Two payments of one order made ${effects} fulfilments.`, "fulfils_twice");
  if (isRight) return;
  const held = await heldBy(stage, purchases);
  fail(
    `The order costs HKD ${order.amount}, HKD ${held} are held for it, and it says ${word} (${state}).`,
    "two_payments",
  );
}

/** Delivers new notifications about refunds, so that a merchant who waits for them goes on. */
export async function deliverRefunds(stage: Stage, { paymentId }: Purchase): Promise<void> {
  const seen = stage.run.parts.mailbox.all({ paymentId, type: "refund" });
  for (const one of seen) await stage.deliver(one);
}
