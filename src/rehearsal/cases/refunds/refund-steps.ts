import { isSameAmount } from "../../order.ts";
import type { OrderState } from "../../plan.ts";
import type { CheckoutAttempt, Purchase } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { fail, notJudged } from "../../verdict.ts";

/** A payment in the sandbox, with its refunds and its ledger. */
export type PaymentView = Awaited<ReturnType<Stage["world"]["payments"]["get"]>>;

/** Members that the cases of refunds share. */
export const shared = { group: "refunds", severity: "serious", needs: ["order", "refund"] } as const;

/** Buys and pays, so that there is something to refund. */
export async function buy(stage: Stage): Promise<Purchase> {
  const purchase = await stage.checkout();
  await stage.complete(purchase);
  const want = { states: ["paid"] } as const;
  await stage.expect(purchase, want, "The order to refund did not become paid", "ordinary_payment");
  return purchase;
}

/** An employee refunds an amount, in HKD; by default the whole. */
export function refund(stage: Stage, purchase: Purchase, amount = purchase.amount): Promise<CheckoutAttempt> {
  return stage.act("refund", purchase, { amount: amount.toFixed(2) });
}

/** A part of the amount that is no round number. Not judged if the plan can only refund whole orders. */
export function partOf(stage: Stage, { amount }: Purchase, divisor = 3): number {
  const part = Math.floor(Math.round(amount * 100) / divisor) / 100;
  if (!takesAmount(stage)) notJudged("does_not_apply", "The plan's refund has no {amount}: it refunds whole orders.");
  if (part < 0.01) notJudged("does_not_apply", `The order of HKD ${amount} is too small for a refund of a part.`);
  return part;
}

/** Whether the plan's refund has an amount. A command gets it as a variable. */
export function takesAmount({ plan }: Stage): boolean {
  return plan.refund !== undefined && ("command" in plan.refund || JSON.stringify(plan.refund).includes("{amount}"));
}

/**
 * Waits until the provider has ended the refunds of a payment. Fails the case if there is none.
 * @param attempt what the employee did, for the sentence of the failure.
 */
export async function endedRefunds(stage: Stage, purchase: Purchase, attempt?: CheckoutAttempt): Promise<PaymentView> {
  const ended = await stage.until(async () => {
    const view = await stage.world.payments.get(purchase.paymentId);
    return view.refunds.length > 0 && view.refunds.every(({ status }) => status !== "pending") ? view : undefined;
  });
  if (ended !== undefined) {
    const { captured, refunded } = ended.amounts;
    stage.note(`the provider's ledger: captured HKD ${captured}, refunded HKD ${refunded}`);
    return ended;
  }
  const { status, body } = attempt?.answers.at(-1) ?? { status: 0, body: "" };
  fail(`The refund did not reach the provider; the last response was ${status} ${body.slice(0, 200)}`, "no_refund");
}

/** Fails the case if the ledger has another refunded amount. */
export function requireRefunded({ amounts }: PaymentView, amount: number, sentence: string, cause?: string): void {
  if (isSameAmount(amounts.refunded, amount)) return;
  fail(`${sentence}: the provider refunded HKD ${amounts.refunded}, expected HKD ${amount}.`, cause);
}

/** Delivers the notifications about the refunds of a payment that are not delivered yet. */
export async function deliverRefunds(
  stage: Stage,
  purchase: Purchase,
  { refunds }: PaymentView,
  delivered: Set<string> = new Set(),
): Promise<void> {
  for (const { id } of refunds) await stage.notification({ purchase, type: "refund", refundId: id });
  for (const one of stage.run.parts.mailbox.all({ paymentId: purchase.paymentId, type: "refund" })) {
    if (delivered.has(one.id)) continue;
    delivered.add(one.id);
    await stage.deliverUntilTaken(one);
  }
}

/** The state of an order whose money is that of the ledger. */
function stateByLedger({ amounts: { captured, refunded } }: PaymentView): OrderState {
  if (refunded === 0) return "paid";
  return refunded < captured ? "partially_refunded" : "refunded";
}

/** Expectation that the order shows what the ledger has. @param orAttention whether a human may look at it instead. */
export async function expectLedger(
  stage: Stage,
  purchase: Purchase,
  ledger: PaymentView,
  { sentence, cause, orAttention = false }: { sentence: string; cause?: string; orAttention?: boolean },
): Promise<void> {
  const state = stateByLedger(ledger);
  const isNow = { states: [state], refundedAmount: ledger.amounts.refunded };
  if (orAttention) {
    await stage.expect(purchase, { states: [state, "attention"] }, sentence, cause);
    if ((await stage.order(purchase)).state === "attention") return;
  }
  await stage.expect(purchase, isNow, sentence, cause);
}
