import type { Notification } from "./nomupay.ts";
import { type Attempt, amountOf, type Order, referenceOf, type Verdict } from "./orders.ts";
import { isForeign, knownPayments } from "./states.ts";

/** Parses untrusted text; `undefined` if it is no notification. */
export function readNotification(text: string): Notification | undefined {
  try {
    const { id, type, payload } = JSON.parse(text);
    const { merchantReference, status, trackingUrl, paymentId = "", amount } = payload;
    const texts = [id, type, payload.id, merchantReference, status, trackingUrl, paymentId, amount.currency];
    if (!texts.every((one) => typeof one === "string") || typeof amount.value !== "number") return undefined;
    // The path is added to the address of the provider.
    return trackingUrl.startsWith("/") ? { id, type, payload } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a notification is about an order: about one of its payments, or with its reference. */
export function isAbout({ type, payload }: Notification, order: Order): boolean {
  if (type === "refund") {
    return knownPayments(order).some((one) => one.payment.id === payload.paymentId && !isForeign(one));
  }
  return isKnown(order, payload.id) || payload.merchantReference === referenceOf(order);
}

/**
 * The shop's judgement of a signed notification. Its reference proves nothing: any payment can have it. The payment
 * must be one that the shop started for this order, and have the order's amount, currency and account.
 */
export function verdictOn(notification: Notification, order: Order, processingAccountId: string): Verdict {
  const { type, payload } = notification;
  if (type !== "payment" && type !== "refund") return "unknown_type";
  if (type === "refund") return "genuine";
  const attempt = order.attempts.find(({ payment }) => payment?.id === payload.id);
  if (attempt === undefined) return "other_payment";
  return hasAmountOf(attempt, order, notification, processingAccountId) ? "genuine" : "other_amount";
}

/** Whether a notification has the amount, the currency and, if it names one, the account of an attempt. */
function hasAmountOf(
  { contract }: Attempt,
  { item }: Order,
  { payload }: Notification,
  processingAccountId: string,
): boolean {
  const { amount, processingAccountId: account = processingAccountId } = payload;
  const { value, currency } = amountOf(item.price, contract);
  return amount.value === value && amount.currency === currency && account === processingAccountId;
}

/** Whether a notification can be about the payment of the latest attempt, whose response is missing. */
export function mayNameMissingPayment(notification: Notification, order: Order, processingAccountId: string): boolean {
  const latest = order.attempts.at(-1);
  if (notification.type !== "payment" || latest?.payment !== undefined || !latest?.isUnsure) return false;
  const isNew = !isKnown(order, notification.payload.id);
  return isNew && hasAmountOf(latest, order, notification, processingAccountId);
}

function isKnown(order: Order, id: string): boolean {
  return knownPayments(order).some(({ payment }) => payment.id === id);
}
