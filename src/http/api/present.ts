import type { Transaction } from "../../domain/ledger.ts";
import { type Money, majorFromMoney } from "../../domain/money.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Refund } from "../../domain/refund.ts";
import { paymentReasons, refundProcessing } from "./refusals.ts";
import type {
  AmountResource,
  NotificationResource,
  PaymentResource,
  RefundResource,
  TrackedPaymentResource,
  TrackedRefundResource,
  TransactionResource,
} from "./responses.ts";

/** An instant on the wire: RFC 3339 in UTC, with milliseconds. */
export function presentTime(time: number): string {
  return new Date(time).toISOString();
}

export type {
  AmountResource,
  NotificationResource,
  PaymentResource,
  ReasonResource,
  RefundResource,
  TrackedPaymentResource,
  TrackedRefundResource,
} from "./responses.ts";

function presentAmount(money: Money): AmountResource {
  return { value: majorFromMoney(money), currency: "hkd" };
}

/**
 * A payment as the answer to its creation and as its track: the six members of the provider's example, in its order.
 * [seed] `reason` only while there is something to say, `nextStep` only while pending. [ours]
 * @param base where the hosted pages are.
 */
export function presentTrackedPayment(payment: Payment, base: string): TrackedPaymentResource {
  const { id, merchantReference, status, reason } = payment;
  return {
    id,
    merchantReference,
    status,
    trackingUrl: `/v1/tracks/payments/${payment.trackId}`,
    ...(reason === undefined ? {} : { reason: { code: reason, description: paymentReasons[reason] } }),
    ...(status === "pending"
      ? { nextStep: { type: "redirect", redirect: { method: "get", url: pageUrl(payment, base) } } }
      : {}),
  };
}

/** Where the payer is sent. */
function pageUrl(payment: Payment, base: string): string {
  return `${base}/pay/${payment.pageToken}`;
}

/** A payment with its amount and times, as it is read and as webhooks carry it. [ours] */
export function presentPayment(payment: Payment, base: string): PaymentResource {
  return { ...presentTrackedPayment(payment, base), ...amountAndTimes(payment) };
}

/** A refund as the answer to its creation and as its track. [ours] */
export function presentTrackedRefund(refund: Refund): TrackedRefundResource {
  const { id, merchantReference, status } = refund;
  return {
    id,
    merchantReference,
    status,
    trackingUrl: `/v1/tracks/refunds/${refund.trackId}`,
    ...(status === "pending" ? { reason: refundProcessing } : {}),
  };
}

/** A refund as webhooks carry it. [ours] */
export function presentRefund(refund: Refund): RefundResource {
  return { ...presentTrackedRefund(refund), paymentId: refund.paymentId, ...amountAndTimes(refund) };
}

function amountAndTimes(of: {
  readonly amount: Money;
  readonly createTime: number;
  readonly updateTime: number;
}): Pick<PaymentResource, "amount" | "createTime" | "updateTime"> {
  return {
    amount: presentAmount(of.amount),
    createTime: presentTime(of.createTime),
    updateTime: presentTime(of.updateTime),
  };
}

/** A movement of money. [ours] */
export function presentTransaction({ id, type, paymentId, amount, createTime }: Transaction): TransactionResource {
  return { id, type, paymentId, amount: presentAmount(amount), createTime: presentTime(createTime) };
}

/** One page of a list. [ours] */
export function presentPage<T>(
  list: string,
  { data, end }: { readonly data: readonly T[]; readonly end?: number },
  present: (item: T) => object,
): object {
  return { data: data.map(present), ...(end === undefined ? {} : { nextCursor: presentCursor(list, end) }) };
}

/** Where a page ended, as an opaque text that is good for its own list alone. [ours] */
export function presentCursor(list: string, end: number): string {
  return Buffer.from(`${list} ${end}`).toString("base64url");
}

/** The body of a webhook, as text. [plugin] Here nothing is ever live. */
export function renderNotification(
  { id, createTime }: { readonly id: string; readonly createTime: number },
  news: { readonly payment: Payment; readonly refund?: Refund },
): string {
  const head = { live: false, createTime: presentTime(createTime) } as const;
  const body: NotificationResource =
    news.refund === undefined
      ? { id, type: "payment", ...head, payload: presentPayment(news.payment, "") }
      : { id, type: "refund", ...head, payload: presentRefund(news.refund) };
  return JSON.stringify(body);
}
