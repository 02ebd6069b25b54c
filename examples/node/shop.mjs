import { isOpen, isPaid, Order } from "./order.mjs";

/** Orders that are paid with Alipay HK, in memory. */
export class Shop {
  #orders = new Map();
  #handled = new Set();

  /**
   * @param fulfil sends the goods of an order. If it throws, the order stays unpaid, and the next webhook or return tries
   * again. It is synchronous, so that two webhooks at the same instant cannot send the goods twice.
   */
  constructor(provider, url, fulfil = () => {}) {
    Object.assign(this, { provider, url, fulfil });
  }

  order(reference) {
    return this.#orders.get(reference);
  }

  /** Starts the payment of an order. @returns status and content of the response to the customer. */
  async create({ reference, amount }) {
    if (typeof reference !== "string" || !/^[\w-]{1,30}$/.test(reference)) {
      return { status: 400, content: { error: "The reference must be 1 to 30 letters, digits, _ or -." } };
    }
    const order = this.#orders.get(reference) ?? new Order(reference);
    this.#orders.set(reference, order);
    await this.track(order);
    if (order.paidAttempt !== undefined || order.isCancelled) return { status: 409, content: order.view() };
    const attempt = order.attemptFor(amount);
    if (attempt.payment === undefined) {
      const answer = await this.#start(order, attempt);
      if (answer.status >= 300) return answer;
    }
    const paymentUrl = attempt.payment.nextStep?.redirect.url;
    return { status: 201, content: { reference, status: order.status, paymentUrl } };
  }

  /** Creates the payment of an attempt, or gets it again: a repeated key makes no second payment. */
  async #start(order, attempt) {
    const alipayHk = { flowType: "qr_link", returnUrl: `${this.url}/return?reference=${order.reference}` };
    const answer = await this.provider.call("POST", `/v1/payments?idempotencyKey=${attempt.key}`, {
      processingAccountId: this.provider.account,
      merchantReference: order.reference,
      amount: attempt.amount,
      paymentMethod: { type: "alipay_hk", alipayHk },
    });
    const { status, content } = answer;
    // A refused body does not use its key: a corrected amount can have it.
    if (status === 400) order.attempts = order.attempts.filter((one) => one !== attempt);
    if (status < 300 && content.merchantReference !== order.reference) throw new Error("A response to another order.");
    if (status < 300) attempt.payment ??= content;
    return answer;
  }

  /** Cancels an order without money. Money that comes later is for a person. */
  async cancel(order) {
    await this.track(order);
    order.isCancelled = order.paidAttempt === undefined;
    return { status: order.isCancelled ? 200 : 409, content: order.view() };
  }

  /** Tracks all orders, as neither the webhook nor the payer may come. An error ends only the work on its order. */
  async trackAll() {
    for (const order of this.#orders.values()) await this.track(order).catch(console.error);
  }

  /** Reads the open payments of an order. Browsers and webhooks only trigger reads: they prove nothing. */
  async track(order) {
    for (const attempt of order.attempts) {
      // A missing response is learned by its key. It is the first one: the payment may have ended since.
      if (attempt.payment === undefined) await this.#start(order, attempt);
      if (attempt.payment !== undefined && isOpen(attempt.payment)) await this.#read(order, attempt);
    }
  }

  /** Reads the payment of an attempt. Paid stays paid, and a status without a meaning changes nothing. */
  async #read(order, attempt) {
    const current = await this.provider.read(attempt.payment);
    const { payment } = attempt;
    if (isPaid(payment) || isOpen(current)) return;
    if (isPaid(current)) {
      if (order.isCancelled) order.check(payment.id, "the order was cancelled");
      else if (order.paidAttempt !== undefined) order.check(payment.id, "the order was already paid");
      else this.#pay(order, attempt, current);
    }
    payment.status = current.status;
  }

  /** Fulfils an order, once. Money that is already back buys nothing. */
  #pay(order, attempt, { status }) {
    if (status !== "refunded") {
      this.fulfil(order.reference);
      order.fulfilments += 1;
    }
    order.paidAttempt = attempt;
  }

  /** Refunds the payment of an order. @returns status and content of the provider's response. */
  async refund(order, { amount }) {
    const payment = (order.paidAttempt ?? order.latest)?.payment;
    if (payment === undefined) return { status: 409, content: order.view() };
    const key = `refund-${order.reference}-${order.refunds.size + 1}`;
    const value = amount ?? order.left / 100;
    const target = `/v1/payments/${payment.id}/refunds?idempotencyKey=${key}`;
    const part = amount === undefined ? {} : { amount: { value: amount, currency: "hkd" } };
    const answer = await this.provider.call("POST", target, { merchantReference: key, ...part });
    const { id, status } = answer.content;
    // The webhook may have been faster.
    if (answer.status < 300 && !order.refunds.has(id)) order.refunds.set(id, { paymentId: payment.id, status, value });
    return answer;
  }

  /** Handles a verified notification once. If it throws, the provider sends the notification again. */
  async receive({ id, type, payload }) {
    if (this.#handled.has(id)) return;
    if (type === "payment") await this.#receivePayment(payload);
    if (type === "refund") await this.#receiveRefund(payload);
    this.#handled.add(id);
  }

  /** The reference proves nothing, because any payment can have it: the payment must be one that this shop started. */
  async #receivePayment(payload) {
    const named = this.order(payload.merchantReference);
    const latest = named?.latest;
    if (latest !== undefined && latest.payment === undefined && this.#hasTermsOf(latest, payload)) {
      const { status } = await this.#start(named, latest);
      if (status >= 300) throw new Error("The response that names this payment is still missing.");
    }
    const order = this.#orderWith(payload.id);
    const attempt = order?.attemptOf(payload.id);
    if (attempt !== undefined && this.#hasTermsOf(attempt, payload)) return this.#read(order, attempt);
    if (!isPaid(payload)) return;
    // Money that does not fit is never ignored, and never pays the order.
    if (attempt === undefined) named?.check(payload.id, "this shop did not start it");
    else order.check(payload.id, "its amount, currency or account is not that of the order");
  }

  async #receiveRefund({ id, paymentId, trackingUrl, amount }) {
    const order = this.#orderWith(paymentId);
    if (order === undefined) return;
    const { status } = await this.provider.read({ id, trackingUrl });
    order.refunds.set(id, { paymentId, status, value: amount.value });
    const attempt = order.attemptOf(paymentId);
    if (attempt !== undefined) await this.#read(order, attempt);
    if (!order.toCheck.has(paymentId)) return;
    const payment = await this.provider.read({ id: paymentId, trackingUrl: `/v1/payments/${paymentId}` });
    if (payment.status === "refunded") order.toCheck.delete(paymentId);
  }

  /** The order that started a payment, or that has it to check. */
  #orderWith(paymentId) {
    return [...this.#orders.values()].find(
      (order) => order.attemptOf(paymentId) !== undefined || order.toCheck.has(paymentId),
    );
  }

  #hasTermsOf({ amount }, payload) {
    const { account } = this.provider;
    const isAmount = payload.amount?.value === amount.value && payload.amount.currency === amount.currency;
    return isAmount && (payload.processingAccountId ?? account) === account;
  }
}
