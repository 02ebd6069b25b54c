/** Statuses that end a payment, with and without money. All others leave it open, unknown ones too. */
const paidStatuses = ["captured", "partially_refunded", "refunded"];
const unpaidStatuses = ["declined", "rejected", "aborted", "cancelled", "failed"];

export const isPaid = ({ status }) => paidStatuses.includes(status);
export const isOpen = ({ status }) => !paidStatuses.includes(status) && !unpaidStatuses.includes(status);
const cents = (value) => Math.round(value * 100);

/** An order with its attempts to pay it. */
export class Order {
  /** One for each idempotency key, the current one last. Each has at most one payment. */
  attempts = [];
  /** The attempt that paid the order. A second one that is paid is for the shopkeeper. */
  paidAttempt = undefined;
  /** By id: payment, status and value. */
  refunds = new Map();
  /** Ids of payments with money that does not fit this order: a person must look at them, and refund them. */
  toCheck = new Set();
  isCancelled = false;
  fulfilments = 0;

  constructor(reference) {
    this.reference = reference;
  }

  get latest() {
    return this.attempts.at(-1);
  }

  /** The attempt to continue. After one that ended without money, a new one has a new key. */
  attemptFor(value) {
    const { latest } = this;
    if (latest !== undefined && (latest.payment === undefined || isOpen(latest.payment))) return latest;
    const key = `order-${this.reference}-${this.attempts.length + 1}`;
    this.attempts.push({ key, amount: { value, currency: "hkd" }, payment: undefined });
    return this.latest;
  }

  attemptOf(paymentId) {
    return this.attempts.find(({ payment }) => payment !== undefined && payment.id === paymentId);
  }

  check(paymentId, reason) {
    this.toCheck.add(paymentId);
    console.error(`Check payment ${paymentId} of order ${this.reference}: ${reason}.`);
  }

  /** Paid minus refunded, in cents. */
  get left() {
    return this.paidAttempt === undefined ? 0 : cents(this.paidAttempt.amount.value) - this.#refunded;
  }

  get #refunded() {
    const done = [...this.refunds.values()].filter(
      ({ status, paymentId }) => isPaid({ status }) && paymentId === this.paidAttempt?.payment.id,
    );
    return done.reduce((sum, { value }) => sum + cents(value), 0);
  }

  get status() {
    if (this.toCheck.size > 0) return "attention";
    if (this.paidAttempt !== undefined) {
      return this.left <= 0 ? "refunded" : this.#refunded > 0 ? "partially_refunded" : "paid";
    }
    if (this.isCancelled) return "cancelled";
    const payment = this.latest?.payment;
    if (payment === undefined || isOpen(payment)) return "unpaid";
    return ["declined", "rejected"].includes(payment.status) ? "declined" : "expired";
  }

  view() {
    const { reference, status, paidAttempt, fulfilments, toCheck } = this;
    const paidAmount = paidAttempt?.amount.value ?? 0;
    return { reference, status, paidAmount, refundedAmount: this.#refunded / 100, fulfilments, toCheck: [...toCheck] };
  }
}
