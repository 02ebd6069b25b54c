import type { Money } from "../../domain/money.ts";
import type { Notification, NotificationState } from "../../domain/notification.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Refund } from "../../domain/refund.ts";
import type { RefundStatus } from "../../domain/statuses.ts";

/** A payment with its notifications and refunds. */
export interface PaymentRow {
  readonly payment: Payment;
  readonly notifications: readonly Notification[];
  readonly refunds: readonly Refund[];
}

/** What the payments of a search have in common. Without any filter every payment matches. */
export interface PaymentFilters {
  readonly status?: string | undefined;
  /** Part of the reference or the id, in any case. */
  readonly text?: string | undefined;
  /** The text as an amount, if it is one. */
  readonly amount?: Money | undefined;
  readonly amountMin?: Money | undefined;
  readonly amountMax?: Money | undefined;
  /** First instant of the range, in milliseconds. */
  readonly fromTime?: number | undefined;
  /** First instant after the range, in milliseconds. */
  readonly toTime?: number | undefined;
  /** State of at least one of its notifications. */
  readonly notification?: NotificationState | undefined;
  /** Status of at least one of its refunds. */
  readonly refund?: RefundStatus | undefined;
}

/** Whether a time is in the range. */
export function isWithin({ fromTime, toTime }: Pick<PaymentFilters, "fromTime" | "toTime">, time: number): boolean {
  return (fromTime === undefined || time >= fromTime) && (toTime === undefined || time < toTime);
}

/** Whether a payment matches the filters that need nothing but the payment. */
export function matchesPayment(payment: Payment, filters: PaymentFilters): boolean {
  const { status, amountMin, amountMax } = filters;
  return (
    (status ?? payment.status) === payment.status &&
    (amountMin ?? payment.amount) <= payment.amount &&
    (amountMax ?? payment.amount) >= payment.amount &&
    isWithin(filters, payment.createTime) &&
    matchesText(payment, filters)
  );
}

function matchesText({ id, merchantReference, amount }: Payment, { text = "", amount: wanted }: PaymentFilters) {
  const part = text.toLowerCase();
  return amount === wanted || [merchantReference, id].some((whole) => whole.toLowerCase().includes(part));
}

/** Whether a row matches the other filters. */
export function matchesRow(
  { notifications, refunds }: Omit<PaymentRow, "payment">,
  { notification, refund }: PaymentFilters,
): boolean {
  return (
    (notification === undefined || notifications.some(({ state }) => state === notification)) &&
    (refund === undefined || refunds.some(({ status }) => status === refund))
  );
}
