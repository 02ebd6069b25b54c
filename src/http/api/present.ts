import { type Money, majorFromMoney } from "../../domain/money.ts";
import type { NotificationType } from "../../domain/notification.ts";
import type { Payment, PaymentStatus } from "../../domain/payment.ts";
import type { Refund, RefundStatus } from "../../domain/refund.ts";
import { paymentReasons, refundProcessing } from "./reasons.ts";

/** An instant on the wire: RFC 3339 in UTC, with milliseconds. */
export function presentTime(time: number): string {
  return new Date(time).toISOString();
}

export interface AmountResource {
  /** Major units: 200 is HKD 200.00. */
  readonly value: number;
  readonly currency: "hkd";
}

export interface ReasonResource {
  readonly code: string;
  readonly description: string;
}

/** A payment as the answer to its creation and as its track. */
export interface TrackedPaymentResource {
  readonly id: string;
  readonly merchantReference: string;
  readonly status: PaymentStatus;
  /** A path without host. */
  readonly trackingUrl: string;
  readonly reason?: ReasonResource;
  readonly nextStep?: {
    readonly type: "redirect";
    readonly redirect: { readonly method: "get"; readonly url: string };
  };
}

interface AmountAndTimes {
  readonly amount: AmountResource;
  /** RFC 3339. */
  readonly createTime: string;
  readonly updateTime: string;
}

/** A payment as it is read and as webhooks carry it. */
export type PaymentResource = TrackedPaymentResource & AmountAndTimes;

/** A refund as the answer to its creation and as its track. */
export interface TrackedRefundResource {
  readonly id: string;
  readonly merchantReference: string;
  readonly status: RefundStatus;
  /** A path without host. */
  readonly trackingUrl: string;
  readonly reason?: ReasonResource;
}

/** A refund as webhooks carry it. */
export type RefundResource = TrackedRefundResource & { readonly paymentId: string } & AmountAndTimes;

/** The body of a webhook. */
export interface NotificationResource {
  readonly id: string;
  readonly type: NotificationType;
  readonly live: false;
  readonly createTime: string;
  readonly payload: PaymentResource | RefundResource;
}

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
function presentRefund(refund: Refund): RefundResource {
  return { ...presentTrackedRefund(refund), paymentId: refund.paymentId, ...amountAndTimes(refund) };
}

function amountAndTimes(of: {
  readonly amount: Money;
  readonly createTime: number;
  readonly updateTime: number;
}): AmountAndTimes {
  return {
    amount: presentAmount(of.amount),
    createTime: presentTime(of.createTime),
    updateTime: presentTime(of.updateTime),
  };
}

/** The body of a webhook, as text. [plugin] Here nothing is ever live. */
export function renderNotification(
  { id, createTime }: { readonly id: string; readonly createTime: number },
  news: { readonly type: NotificationType; readonly payment: Payment; readonly refund?: Refund },
): string {
  const payload = news.refund === undefined ? presentPayment(news.payment, "") : presentRefund(news.refund);
  const body: NotificationResource = { id, type: news.type, live: false, createTime: presentTime(createTime), payload };
  return JSON.stringify(body);
}
