import { type Movement, movement } from "./ledger.ts";
import { type Money, moneyFromMajor } from "./money.ts";
import { accept, type Refusal, type Result, refuse } from "./refusal.ts";
import type { AppliedScenario, ReturnPlan } from "./scenario.ts";

export const flowTypes = ["qr_link", "mobile_redirect"] as const;
/** How the payer gets to the wallet. [seed] */
export type FlowType = (typeof flowTypes)[number];

/** Every status that the provider names. [plugin] Alipay HK reaches those of `PaymentStatus`. */
export const providerStatuses = [
  "pending",
  "approved",
  "partially_captured",
  "captured",
  "partially_cancelled",
  "cancelled",
  "partially_refunded",
  "refunded",
  "failed",
  "aborted",
  "declined",
  "rejected",
  "unknown",
] as const;

export type PaymentStatus =
  | "pending"
  | "captured"
  | "partially_refunded"
  | "refunded"
  | "declined"
  | "aborted"
  | "failed";

export const payerActions = ["pay", "decline", "cancel", "expire", "fail"] as const;
/** What ends the wait for the payer, whoever does it: the payer, the clock, or a test. */
export type PayerAction = (typeof payerActions)[number];
type RefundAction = "refund_part" | "refund_rest";

/**
 * The life of a payment: status by action. What is not in the table does not happen. [ours, on the provider's statuses]
 * A partial refund is the last one a payment can have [seed], so nothing leads on from `partially_refunded`.
 */
export const transitions = {
  pending: { pay: "captured", decline: "declined", cancel: "aborted", expire: "aborted", fail: "failed" },
  captured: { refund_part: "partially_refunded", refund_rest: "refunded" },
  partially_refunded: {},
  refunded: {},
  declined: {},
  aborted: {},
  failed: {},
} as const satisfies Record<PaymentStatus, Partial<Record<PayerAction | RefundAction, PaymentStatus>>>;

function nextStatus(status: PaymentStatus, action: PayerAction | RefundAction): PaymentStatus | undefined {
  const row: Partial<Record<PayerAction | RefundAction, PaymentStatus>> = transitions[status];
  return row[action];
}

export const declineReasons = ["insufficient_funds", "limit_exceeded", "risk_rejected", "payment_declined"] as const;
/** Why a wallet says no. [ours] */
export type DeclineReason = (typeof declineReasons)[number];

export const payerWallets = ["hong_kong", "mainland"] as const;
/** Whose wallet the payer has: both consumer countries of the provider's page. Both pay in HKD. [seed] */
export type PayerWallet = (typeof payerWallets)[number];

/** How the payer does it, besides what is done. */
export interface PayerOptions {
  readonly wallet?: PayerWallet | undefined;
  /** What goes wrong with the way back, where the payer wants that and no scenario says otherwise. */
  readonly return?: ReturnPlan | undefined;
}

/** Why a payment is where it is; absent while there is nothing to say. */
export type PaymentReason =
  | "required_next_step"
  | DeclineReason
  | "cancelled_by_consumer"
  | "expired"
  | "processing_error";

export interface Payment {
  readonly id: string;
  readonly processingAccountId: string;
  /** Whose world it is. */
  readonly merchantId: string;
  readonly trackId: string;
  /** Names the payment in the URLs of its pages; whoever has it can pay. */
  readonly pageToken: string;
  readonly merchantReference: string;
  readonly amount: Money;
  readonly flowType: FlowType;
  readonly returnUrl: string;
  readonly status: PaymentStatus;
  readonly reason?: PaymentReason;
  readonly createTime: number;
  readonly updateTime: number;
  /** When a pending payment is given up. */
  readonly expireTime: number;
  /** When the payer first opened the wallet page. */
  readonly scanTime?: number;
  /** Which wallet the payer used; absent before an act of the payer. */
  readonly wallet?: PayerWallet;
  /** What goes wrong with the browser's way back. */
  readonly returnPlan?: ReturnPlan;
  /** What is planned for it, and what chose that. */
  readonly appliedScenario?: AppliedScenario;
}

/** The least that Alipay HK takes: HKD 0.10. [seed] */
export const minimumPayment = moneyFromMajor(0.1) as Money;

export interface PaymentRequest {
  readonly processingAccountId: string;
  readonly merchantReference: string;
  readonly amount: Money;
  readonly flowType: FlowType;
  readonly returnUrl: string;
}

/** Judges what only the world's settings can tell about a request. */
export function checkPaymentRequest(
  request: PaymentRequest,
  limits: { readonly amountMax: Money },
): Refusal | undefined {
  if (request.amount > limits.amountMax) return { code: "amount_above_maximum", maximum: limits.amountMax };
  return undefined;
}

/** A new payment waits for the payer, until it expires. */
export function createPayment(
  request: PaymentRequest,
  made: Pick<Payment, "id" | "merchantId" | "trackId" | "pageToken" | "appliedScenario">,
  now: number,
  expiryMs: number,
): Payment {
  return {
    ...made,
    ...request,
    status: "pending",
    reason: "required_next_step",
    createTime: now,
    updateTime: now,
    expireTime: now + expiryMs,
  };
}

/** A payment's next state and the money that moved on the way there. */
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
 * Ends the wait for the payer.
 * @param declineReason why the wallet declines; `payment_declined` where nothing is said. Other actions ignore it.
 * @returns the change, or `action_not_allowed` for a payment that is not pending.
 */
export function actOnPayment(
  payment: Payment,
  action: PayerAction,
  now: number,
  declineReason: DeclineReason = "payment_declined",
): Result<PaymentChange> {
  const status = nextStatus(payment.status, action);
  if (status === undefined)
    return refuse({ code: "action_not_allowed", action, subject: "a payment", status: payment.status });
  const { reason: _settled, ...rest } = payment;
  const changed: Payment = { ...rest, status, updateTime: now };
  if (action === "pay") {
    const captured = movement("payment_captured", payment.amount, { paymentId: payment.id, time: now });
    return accept({ payment: changed, movements: [captured] });
  }
  const reason = action === "decline" ? declineReason : reasonOf[action];
  return accept({ payment: { ...changed, reason }, movements: [] });
}

/** Moves a captured payment on when one of its refunds is done. Throws on a status that no refund can come from. */
export function settleRefundOnPayment(payment: Payment, leaves: Money, now: number): Payment {
  const status = nextStatus(payment.status, leaves === 0 ? "refund_rest" : "refund_part");
  if (status === undefined) throw new Error(`a refund was settled on a payment that is ${payment.status}`);
  return { ...payment, status, updateTime: now };
}

/** Notes how the payer did what was done. */
export function withPayerOptions(payment: Payment, { wallet, return: returnPlan }: PayerOptions): Payment {
  return {
    ...payment,
    ...(wallet === undefined ? {} : { wallet }),
    ...(returnPlan === undefined ? {} : { returnPlan }),
  };
}

/** Marks that the payer has opened the wallet. The first time counts, and only while the payment waits. */
export function scanPayment(payment: Payment, now: number): Payment {
  if (payment.status !== "pending" || payment.scanTime !== undefined) return payment;
  return { ...payment, scanTime: now };
}
