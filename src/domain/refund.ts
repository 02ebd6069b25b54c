import { contractMembers } from "./contract-rules.ts";
import { balances, type Movement, movement } from "./ledger.ts";
import type { Members, RecordOf } from "./members.ts";
import { addMoney, type Money, moneyFromMajor, negateMoney } from "./money.ts";
import { type Payment, reverseRefundOnPayment, settleRefundOnPayment } from "./payment.ts";
import { accept, type Result, refuse } from "./refusal.ts";
import { appliedScenarioMembers } from "./scenario.ts";
import { type ProviderRefundStatus, type RefundOutcome, refundStatuses } from "./statuses.ts";

export const refundMembers = {
  id: "ksuid",
  processingAccountId: "ksuid",
  paymentId: "ksuid",
  trackId: "token",
  merchantReference: "string",
  amount: "positiveMoney",
  /** Whether it asked for less than the refundable amount at its creation. */
  partial: "boolean",
  status: { oneOf: refundStatuses },
  /** What was left of the payment when it succeeded, also if it failed later. Older records do not have it. */
  left: { optional: "money" },
  createTime: "time",
  updateTime: "time",
  /** Decides the outcome of this refund. */
  appliedScenario: { optional: { object: appliedScenarioMembers } },
  /** The rules of its payment. */
  contract: { optional: { object: contractMembers } },
} as const satisfies Members;

export interface Refund extends RecordOf<typeof refundMembers> {}

/** The smallest refund: HKD 0.01. [ours] */
export const minimumRefund = moneyFromMajor(0.01) as Money;

export interface RefundRequest {
  /** Defaults to that of the payment. */
  readonly merchantReference?: string | undefined;
  /** Defaults to the whole refundable amount. */
  readonly amount?: Money | undefined;
}

/** What the decision about a refund depends on. */
export interface RefundCase {
  readonly payment: Payment;
  readonly refunds: readonly Refund[];
  readonly entries: readonly Movement[];
}

/**
 * Decides whether a payment can be refunded, and the amount.
 * A payment has one partial refund [seed]: while one is pending or done, every further refund is refused [ours
 * reading]. With `one_then_rest`, one of exactly all that is left is allowed.
 * @returns the amount and whether it is partial, or the first of `payment_not_refundable`, `refund_window_closed`,
 * `partial_refund_limit_reached`, `refund_amount_exceeded` that applies.
 */
export function decideRefund(
  { payment, refunds, entries }: RefundCase,
  asked: Money | undefined,
  now: number,
  windowMs: number,
): Result<{ readonly amount: Money; readonly partial: boolean }> {
  const captured = entries.find((entry) => entry.kind === "payment_captured");
  const refundable = payment.status === "captured" || payment.status === "partially_refunded";
  if (!refundable || captured === undefined) {
    return refuse({ code: "payment_not_refundable", status: payment.status });
  }
  const closedTime = captured.time + windowMs;
  if (now > closedTime) return refuse({ code: "refund_window_closed", closedTime });
  const { left } = balances(entries);
  const amount = asked ?? left;
  const made = refunds.filter((refund) => refund.status !== "failed");
  const allowsRest = payment.contract?.partialRefunds === "one_then_rest";
  // Any refund counts here: that of the rest becomes a partial one when the other fails.
  const isLimited = allowsRest ? made.length > 0 && amount < left : made.some(({ partial }) => partial);
  if (isLimited) return refuse({ code: "partial_refund_limit_reached" });
  if (amount > left || left === 0) return refuse({ code: "refund_amount_exceeded", left });
  return accept({ amount, partial: amount < left });
}

/** How a refund ends, by its scenario. */
export function plannedOutcome({ appliedScenario }: Refund): RefundOutcome {
  return appliedScenario?.scenario.outcome === "fail" ? "fail" : "succeed";
}

/** Creates a pending refund, which reserves its amount. */
export function createRefund(
  payment: Payment,
  request: { readonly merchantReference: string; readonly amount: Money; readonly partial: boolean },
  made: Pick<Refund, "id" | "trackId" | "appliedScenario">,
  now: number,
): { readonly refund: Refund; readonly movements: readonly Movement[] } {
  const { contract } = payment;
  const refund: Refund = {
    ...made,
    processingAccountId: payment.processingAccountId,
    paymentId: payment.id,
    ...request,
    status: "pending",
    createTime: now,
    updateTime: now,
    ...(contract === undefined ? {} : { contract }),
  };
  const subject = { paymentId: payment.id, refundId: refund.id, time: now };
  return { refund, movements: [movement("refund_reserved", refund.amount, subject)] };
}

/** The end of a refund, with its payment and the movements of money. */
export interface RefundChange {
  readonly payment: Payment;
  readonly refund: Refund;
  readonly movements: readonly Movement[];
}

/** Ends a pending refund: pays the amount to the payer, or releases the reservation. Throws if it is not pending. */
export function finishRefund(
  { payment, entries }: RefundCase,
  refund: Refund,
  outcome: RefundOutcome,
  now: number,
): RefundChange {
  if (refund.status !== "pending") throw new Error(`refund ${refund.id} was finished while ${refund.status}`);
  const subject = { paymentId: payment.id, refundId: refund.id, time: now };
  if (outcome === "fail") {
    return {
      payment,
      refund: { ...refund, status: "failed", updateTime: now },
      movements: [movement("refund_released", refund.amount, subject)],
    };
  }
  const { captured, refunded } = balances(entries);
  const left = addMoney(captured, negateMoney(refunded), negateMoney(refund.amount));
  return {
    payment: settleRefundOnPayment(payment, left, now),
    refund: { left, ...refund, status: "refunded", updateTime: now },
    movements: [movement("refund_settled", refund.amount, subject)],
  };
}

/**
 * Fails a refund that is done: the money goes back to the merchant, and the refund counts no longer. Only a scenario
 * does it.
 * @returns `undefined` for a refund that is not done.
 */
export function failRefundLate(
  { payment, entries }: RefundCase,
  refund: Refund,
  now: number,
): RefundChange | undefined {
  if (refund.status !== "refunded") return undefined;
  const reversal = movement("refund_reversed", refund.amount, {
    paymentId: payment.id,
    refundId: refund.id,
    time: now,
  });
  return {
    payment: reverseRefundOnPayment(payment, balances([...entries, reversal]).refunded, now),
    refund: { ...refund, status: "failed", updateTime: now },
    movements: [reversal],
  };
}

/** The status of a refund on the provider's API, by the profile that its payment was created under. */
export function providerRefundStatusOf({ status, left, partial, contract }: Refund): ProviderRefundStatus {
  if (status !== "refunded" || contract?.refundedStatus === "refunded") return status;
  const isPartial = left === undefined ? partial : left > 0;
  return isPartial ? "partially_refunded" : status;
}
