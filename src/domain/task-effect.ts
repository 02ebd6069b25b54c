import type { PayerAction, RefundOutcome } from "./statuses.ts";

/** What a task did to a payment or refund, or to a notification: `sent` is an attempt that was acknowledged. */
export const taskEffects = [
  "captured",
  "expired",
  "declined",
  "cancelled",
  "failed",
  "refunded",
  "refund_failed",
  "sent",
  "unacknowledged",
] as const;
export type TaskEffect = (typeof taskEffects)[number];

/** Number of tasks by their effect. */
export type EffectCounts = Readonly<Partial<Record<TaskEffect, number>>>;

/** The effect of a task that ended the wait for the payer. */
export const effectOfAction: Readonly<Record<PayerAction, TaskEffect>> = {
  pay: "captured",
  decline: "declined",
  cancel: "cancelled",
  expire: "expired",
  fail: "failed",
};

/** The effect of a task that ended a refund. */
export const effectOfRefund: Readonly<Record<RefundOutcome, TaskEffect>> = {
  succeed: "refunded",
  fail: "refund_failed",
};

/** The counts of `after` beyond those of `before`. */
export function countsSince(before: EffectCounts, after: EffectCounts): EffectCounts {
  const counts = taskEffects.map((effect) => [effect, (after[effect] ?? 0) - (before[effect] ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
