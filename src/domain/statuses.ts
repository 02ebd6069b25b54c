/** Every payment status of the provider. [plugin] Alipay HK reaches those of `paymentStatuses`. */
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

export const paymentStatuses = [
  "pending",
  "captured",
  "partially_refunded",
  "refunded",
  "declined",
  "aborted",
  "failed",
] as const satisfies readonly (typeof providerStatuses)[number][];
export type PaymentStatus = (typeof paymentStatuses)[number];

export const payerActions = ["pay", "decline", "cancel", "expire", "fail"] as const;
/** Ends a pending payment. The payer, the clock, a scenario or a test does it. */
export type PayerAction = (typeof payerActions)[number];

export const declineReasons = ["insufficient_funds", "limit_exceeded", "risk_rejected", "payment_declined"] as const;
/** Why a wallet declines. [ours] */
export type DeclineReason = (typeof declineReasons)[number];

export const paymentReasons = [
  "required_next_step",
  ...declineReasons,
  "cancelled_by_consumer",
  "expired",
  "processing_error",
] as const;
/** Why a payment has its status. */
export type PaymentReason = (typeof paymentReasons)[number];

export const refundStatuses = ["pending", "refunded", "failed"] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** The statuses of a refund on the provider's API. The plugin lists the middle two for webhooks. */
export const providerRefundStatuses = [
  "pending",
  "partially_refunded",
  "refunded",
  "failed",
] as const satisfies readonly (typeof providerStatuses)[number][];
export type ProviderRefundStatus = (typeof providerRefundStatuses)[number];

export const refundOutcomes = ["succeed", "fail"] as const;
/** Ends a pending refund. */
export type RefundOutcome = (typeof refundOutcomes)[number];
