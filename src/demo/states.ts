import type { Payment } from "./nomupay.ts";
import { type Attempt, centsOf, type Order, type OrderRefund, type StrangePayment } from "./orders.ts";

/** State of a payment, in the shop's terms. */
export type PaymentState =
  | "waiting"
  | "paid"
  | "declined"
  | "cancelled"
  | "expired"
  | "failed"
  | "refund_pending"
  | "partly_refunded"
  | "refunded";

/** State of an order. In `attention` the shopkeeper must compare the payments. */
export type State = PaymentState | "not_started" | "attention";

const statesByStatus: Readonly<Record<string, PaymentState>> = {
  captured: "paid",
  // Alipay HK has no separate capture: an approved payment is paid.
  approved: "paid",
  declined: "declined",
  // The reason says whether the payer cancelled it or it expired.
  aborted: "failed",
  cancelled: "cancelled",
  failed: "failed",
  rejected: "failed",
  partially_refunded: "partly_refunded",
  refunded: "refunded",
};

/** The reason is more exact than the status, whose word depends on the contract. */
const statesByReason: Readonly<Record<string, PaymentState>> = {
  cancelled_by_consumer: "cancelled",
  expired: "expired",
  processing_error: "failed",
};

/** State of a payment. An unknown status counts as not yet paid. */
export function stateOfPayment(payment: Payment, refunds: readonly OrderRefund[]): PaymentState {
  const { id, status, reason } = payment;
  const ended = isOpen(payment) || hadMoney(payment) ? undefined : statesByReason[reason?.code ?? ""];
  if (ended !== undefined) return ended;
  const isPending = refunds.some((refund) => refund.paymentId === id && refund.status === "pending");
  return isPending && holdsMoney(payment) ? "refund_pending" : (statesByStatus[status] ?? "waiting");
}

/** State of an order. */
export function stateOf(order: Order): State {
  if (needsAttention(order)) return "attention";
  const payment = paymentOf(order);
  return payment === undefined ? "not_started" : stateOfPayment(payment, order.refunds);
}

/** The order for programs: its state, and the money in HKD of the payments that the shop started. */
export function summaryOf(order: Order) {
  const { attempts, item, refunds } = order;
  const started = attempts.flatMap(({ payment }) => payment ?? []);
  const returned = refunds.filter(
    ({ paymentId, status }) => status.endsWith("refunded") && started.some(({ id }) => id === paymentId),
  );
  return {
    state: stateOf(order),
    paid: (item.price * started.filter(hadMoney).length) / 100,
    refunded: returned.reduce((sum, { amount }) => sum + amount, 0) / 100,
    /** For the form of the next refund, so that a double click is one refund. */
    refundAttempt: refunds.length + 1,
  };
}

/** The payment that counts: one with money, else one that can still be paid, else a refunded one, else the last. */
export function paymentOf({ attempts }: Order): Payment | undefined {
  const payments = attempts.flatMap(({ payment }) => (payment === undefined ? [] : [payment]));
  const byPriority = [holdsMoney, isOpen, hadMoney, () => true];
  return byPriority.flatMap((isIt) => payments.findLast(isIt) ?? [])[0];
}

/** All known payments of an order: those of its attempts, and the strange ones. */
export function knownPayments({ attempts, strangers }: Order): (Required<Attempt> | StrangePayment)[] {
  return [...attempts.filter((attempt): attempt is Required<Attempt> => attempt.payment !== undefined), ...strangers];
}

/** The known payment with an id; by default the one that counts for the order. */
export function knownPayment(order: Order, id = paymentOf(order)?.id) {
  return knownPayments(order).find(({ payment }) => payment.id === id);
}

/** Whether a payment is in an account that the shop cannot read. */
export function isForeign(one: Attempt | StrangePayment): boolean {
  return "isForeign" in one && one.isForeign;
}

/** Whether the money of a payment is with the shop, in part at least. */
function holdsMoney({ status }: Pick<Payment, "status">): boolean {
  return statesByStatus[status] === "paid" || status === "partially_refunded";
}

/** Whether a payment was ever paid. */
export function hadMoney(payment: Pick<Payment, "status">): boolean {
  return holdsMoney(payment) || payment.status === "refunded";
}

/** Whether a payment can still be paid, or fail. */
export function isOpen({ status }: Payment): boolean {
  return statesByStatus[status] === undefined;
}

/**
 * Whether the money does not fit the order: a payment that the shop did not start, two paid attempts, or a paid attempt
 * beside one that the payer can still pay.
 */
function needsAttention({ attempts, strangers }: Order): boolean {
  const paid = attempts.filter(({ payment }) => payment !== undefined && holdsMoney(payment)).length;
  const isPayable = attempts.some(({ payment, isUnsure }) => (payment === undefined ? isUnsure : isOpen(payment)));
  return paid > 1 || (paid === 1 && isPayable) || strangers.some(({ payment }) => holdsMoney(payment));
}

/**
 * The newer of two states of a payment. A paid payment stays paid, a final one does not open again, and only a refund
 * that failed gives the money back to the shop.
 */
export function newerOf(before: Payment, after: Payment, refunds: readonly OrderRefund[]): Payment {
  const rank = (payment: Payment) => (hadMoney(payment) ? 2 : isOpen(payment) ? 0 : 1);
  if (rank(after) < rank(before)) return before;
  const steps: (PaymentState | undefined)[] = ["paid", "partly_refunded", "refunded"];
  const stepOf = ({ status }: Payment) => steps.indexOf(statesByStatus[status]);
  const isStepBack = stepOf(after) < stepOf(before);
  const hasFailed = refunds.some(({ paymentId, status }) => paymentId === before.id && status === "failed");
  return isStepBack && !hasFailed ? before : after;
}

/** Whether the state will still change. */
export function isUnsettled(order: Order): boolean {
  const isPending = knownPayments(order).some(({ payment }) => isOpen(payment));
  return isPending || order.refunds.some(({ status }) => status === "pending");
}

/** What can still be refunded of a payment, in cents. */
export function leftToRefund(order: Order, payment = paymentOf(order)): number {
  if (payment === undefined || !holdsMoney(payment)) return 0;
  return order.refunds.reduce(
    (left, { paymentId, status, amount }) => left - (paymentId !== payment.id || status === "failed" ? 0 : amount),
    amountReceived(order, payment),
  );
}

/** Amount of a payment, in hundredths of its currency. */
function amountReceived({ item, strangers }: Order, { id }: Payment): number {
  const stranger = strangers.find(({ payment }) => payment.id === id);
  return stranger === undefined ? item.price : centsOf(stranger.amount, stranger.contract);
}

/** Refunds that the contract allows now of a payment with money: of any amount, of all that is left, or none. */
export function allowedRefunds(order: Order, one = knownPayment(order)): "any" | "rest" | "none" {
  if (one === undefined || leftToRefund(order, one.payment) === 0) return "none";
  const received = amountReceived(order, one.payment);
  const isPartly = order.refunds.some(
    ({ paymentId, status, amount }) => paymentId === one.payment.id && status !== "failed" && amount < received,
  );
  if (!isPartly) return "any";
  return one.contract.partialRefunds === "one_then_rest" ? "rest" : "none";
}
