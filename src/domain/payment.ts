import { type ContractChanges, contractMembers } from "./contract-rules.ts";
import { type Movement, movement } from "./ledger.ts";
import type { Members, RecordOf } from "./members.ts";
import type { Money } from "./money.ts";
import { accept, type Refusal, type Result, refuse } from "./refusal.ts";
import { appliedScenarioMembers, type ReturnPlan, returnPlans } from "./scenario.ts";
import {
  type DeclineReason,
  type PayerAction,
  type PaymentReason,
  type PaymentStatus,
  payerActions,
  paymentReasons,
  paymentStatuses,
} from "./statuses.ts";

export const flowTypes = ["qr_link", "mobile_redirect"] as const;
/** How the payer reaches the wallet. [seed] */
export type FlowType = (typeof flowTypes)[number];

const refundActions = ["refund_part", "refund_rest"] as const;
type RefundAction = (typeof refundActions)[number];

export const lateActions = ["pay_late", "reverse_part", "reverse_all"] as const;
/** Changes a payment that had ended. Only a scenario does it. */
export type LateAction = (typeof lateActions)[number];

type Action = PayerAction | RefundAction | LateAction;

/**
 * The transitions of a payment: the next status by status and action. Other transitions are refused. [ours, on the
 * provider's statuses] Only with `partialRefunds` `one_then_rest` is there a refund of `partially_refunded`.
 */
export const transitions = {
  pending: { pay: "captured", decline: "declined", cancel: "aborted", expire: "aborted", fail: "failed" },
  captured: { refund_part: "partially_refunded", refund_rest: "refunded" },
  partially_refunded: { refund_rest: "refunded", reverse_all: "captured" },
  refunded: { reverse_part: "partially_refunded", reverse_all: "captured" },
  declined: {},
  aborted: { pay_late: "captured" },
  failed: {},
} as const satisfies Record<PaymentStatus, Partial<Record<Action, PaymentStatus>>>;

/** A payment as far as its next transition depends on it. */
export type PaymentInStatus = Pick<Payment, "status" | "contract">;

function nextStatus({ status, contract }: PaymentInStatus, action: Action): PaymentStatus | undefined {
  const isRefund = refundActions.some((refund) => refund === action);
  if (isRefund && status === "partially_refunded" && contract?.partialRefunds !== "one_then_rest") return undefined;
  const row: Partial<Record<Action, PaymentStatus>> = transitions[status];
  return row[action];
}

/**
 * Whether a payment can get to another status, in any number of transitions.
 * @param planned the late actions that a scenario has planned.
 */
export function canBecome(payment: PaymentInStatus, to: PaymentStatus, planned: readonly LateAction[]): boolean {
  const possible = [...payerActions, ...refundActions, ...planned];
  const reached = new Set([payment.status]);
  for (const status of reached) {
    for (const action of possible) {
      const next = nextStatus({ ...payment, status }, action);
      if (next !== undefined) reached.add(next);
    }
  }
  return reached.has(to);
}

export const payerWallets = ["hong_kong", "mainland"] as const;
/** The country of the payer's wallet: the two of the provider's page. Both pay in HKD. [seed] */
export type PayerWallet = (typeof payerWallets)[number];

/** Options of a payer action. */
export interface PayerOptions {
  readonly wallet?: PayerWallet | undefined;
  /** How the return to the merchant fails. The scenario of the payment takes precedence. */
  readonly return?: ReturnPlan | undefined;
}

export const paymentMembers = {
  id: "ksuid",
  processingAccountId: "ksuid",
  /** The merchant that owns the world. */
  merchantId: "text",
  trackId: "token",
  /** Names the payment in the URLs of its pages. Whoever has it can pay. */
  pageToken: "token",
  merchantReference: "string",
  amount: "positiveMoney",
  flowType: { oneOf: flowTypes },
  returnUrl: "returnUrl",
  status: { oneOf: paymentStatuses },
  /** Absent after the capture. */
  reason: { optional: { oneOf: paymentReasons } },
  createTime: "time",
  updateTime: "time",
  /** When a pending payment expires. */
  expireTime: "time",
  /** When the payer first opened the wallet page. */
  scanTime: { optional: "time" },
  /** The wallet that the payer used; absent before the payer acts. */
  wallet: { optional: { oneOf: payerWallets } },
  /** How the browser's return to the merchant fails. */
  returnPlan: { optional: { oneOf: returnPlans } },
  /** Decides the outcome of this payment. */
  appliedScenario: { optional: { object: appliedScenarioMembers } },
  /** The rules of the provider, as they were at its creation, that differ from the defaults. */
  contract: { optional: { object: contractMembers } },
} as const satisfies Members;

export interface Payment extends RecordOf<typeof paymentMembers> {}

export interface PaymentRequest {
  readonly processingAccountId: string;
  readonly merchantReference: string;
  readonly amount: Money;
  readonly flowType: FlowType;
  readonly returnUrl: string;
}

/** Checks a request against the limits of its world. */
export function checkPaymentRequest(
  request: PaymentRequest,
  limits: { readonly amountMax: Money },
): Refusal | undefined {
  if (request.amount > limits.amountMax) return { code: "amount_above_maximum", maximum: limits.amountMax };
  return undefined;
}

/** Creates a pending payment. */
export function createPayment(
  request: PaymentRequest,
  made: Pick<Payment, "id" | "merchantId" | "trackId" | "pageToken" | "appliedScenario">,
  now: number,
  { expiryMs, contract }: { readonly expiryMs: number; readonly contract?: ContractChanges | undefined },
): Payment {
  const { appliedScenario } = made;
  // Each member is named: JavaScript engines store an object from several spreads with a description of its own.
  const payment: Payment = {
    id: made.id,
    processingAccountId: request.processingAccountId,
    merchantId: made.merchantId,
    trackId: made.trackId,
    pageToken: made.pageToken,
    merchantReference: request.merchantReference,
    amount: request.amount,
    flowType: request.flowType,
    returnUrl: request.returnUrl,
    status: "pending",
    reason: "required_next_step",
    createTime: now,
    updateTime: now,
    expireTime: now + expiryMs,
  };
  const planned = appliedScenario === undefined ? payment : { ...payment, appliedScenario };
  return contract === undefined ? planned : { ...planned, contract };
}

/** The next state of a payment, and the movements of money to record with it. */
export interface PaymentChange {
  readonly payment: Payment;
  readonly movements: readonly Movement[];
}

const reasonOf: Record<Exclude<PayerAction, "pay" | "decline">, PaymentReason> = {
  cancel: "cancelled_by_consumer",
  expire: "expired",
  fail: "processing_error",
};

/**
 * Ends a pending payment.
 * @param declineReason why the wallet declines. Other actions ignore it.
 * @returns the change, or `action_not_allowed` if the payment is not pending.
 */
export function actOnPayment(
  payment: Payment,
  action: PayerAction,
  now: number,
  declineReason: DeclineReason = "payment_declined",
): Result<PaymentChange> {
  const status = nextStatus(payment, action);
  if (status === undefined)
    return refuse({ code: "action_not_allowed", action, subject: "a payment", status: payment.status });
  const { reason: _ended, ...rest } = payment;
  const changed: Payment = { ...rest, status, updateTime: now };
  if (action === "pay") {
    const captured = movement("payment_captured", payment.amount, { paymentId: payment.id, time: now });
    return accept({ payment: changed, movements: [captured] });
  }
  const reason = action === "decline" ? declineReason : reasonOf[action];
  return accept({ payment: { ...changed, reason }, movements: [] });
}

/** Captures an expired payment: its money arrives late. @returns `undefined` for a payment that has not expired. */
export function payLate(payment: Payment, now: number): PaymentChange | undefined {
  const status = nextStatus(payment, "pay_late");
  if (status === undefined || payment.reason !== "expired") return undefined;
  const { reason: _expired, ...rest } = payment;
  const captured = movement("payment_captured", payment.amount, { paymentId: payment.id, time: now });
  return { payment: { ...rest, status, updateTime: now }, movements: [captured] };
}

/**
 * Updates a captured payment after a refund succeeded.
 * @param left the amount that was not refunded.
 * @throws if the status of the payment allows no refund.
 */
export function settleRefundOnPayment(payment: Payment, left: Money, now: number): Payment {
  const status = nextStatus(payment, left === 0 ? "refund_rest" : "refund_part");
  if (status === undefined) throw new Error(`a refund was settled on a payment that is ${payment.status}`);
  return { ...payment, status, updateTime: now };
}

/**
 * Updates a payment after a refund that was done has failed.
 * @param refunded the amount of its other refunds that are done.
 * @throws if the status of the payment allows no reversal.
 */
export function reverseRefundOnPayment(payment: Payment, refunded: Money, now: number): Payment {
  const status = nextStatus(payment, refunded === 0 ? "reverse_all" : "reverse_part");
  if (status === undefined) throw new Error(`a refund was reversed on a payment that is ${payment.status}`);
  return { ...payment, status, updateTime: now };
}

/** Records the options of a payer action. */
export function withPayerOptions(payment: Payment, { wallet, return: returnPlan }: PayerOptions): Payment {
  return {
    ...payment,
    ...(wallet === undefined ? {} : { wallet }),
    ...(returnPlan === undefined ? {} : { returnPlan }),
  };
}

/** Records that the payer opened the wallet. Only the first time counts, and only while the payment is pending. */
export function scanPayment(payment: Payment, now: number): Payment {
  if (payment.status !== "pending" || payment.scanTime !== undefined) return payment;
  return { ...payment, scanTime: now };
}
