import type { Account } from "./account.ts";
import { attemptFor } from "./attempts.ts";
import { absent, causeOf, isRefusal } from "./causes.ts";
import type { Contract } from "./contract.ts";
import { addEntry, recordExchange } from "./exchange-record.ts";
import type { Item } from "./goods.ts";
import { type Exchange, NomuPay, type Notification, type Payment, type Send } from "./nomupay.ts";
import { isAbout, mayNameMissingPayment, readNotification, verdictOn } from "./notifications.ts";
import { type Attempt, amountOf, type Cause, centsOf, type Entry, type Order, referenceOf } from "./orders.ts";
import {
  hadMoney,
  isForeign,
  isOpen,
  isUnsettled,
  knownPayment,
  knownPayments,
  leftToRefund,
  newerOf,
  paymentOf,
} from "./states.ts";

const firstNumber = 1001;
const ordersMax = 500;
/** Poll interval while a page waits for a webhook, in milliseconds. */
const trackIntervalMs = 5000;

/** The shop: its orders, and its requests to the provider. Orders are kept in memory. */
export class Shop {
  readonly account: Account;
  readonly #contract: () => Contract;
  readonly #now: () => number;
  readonly #send: Send | undefined;
  readonly #orders = new Map<string, Order>();
  #count = 0;

  /**
   * @param contract of payments that are created now.
   * @param send sends a request to the provider; `fetch` by default.
   */
  constructor(account: Account, contract: () => Contract, now: () => number, send?: Send) {
    this.account = account;
    this.#contract = contract;
    this.#now = now;
    this.#send = send;
  }

  /** Newest first. */
  get orders(): readonly Order[] {
    return [...this.#orders.values()].reverse();
  }

  order(number: string): Order | undefined {
    return this.#orders.get(number);
  }

  /** Adds an order. Its payment is not started yet. */
  place(item: Item, flowType: Order["flowType"]): Order {
    const number = String(firstNumber + this.#count++);
    const order: Order = {
      ...{ number, item, flowType, attempts: [], strangers: [], refunds: [], entries: [] },
      ...{ processed: new Set<string>() },
      ...{ version: 0, trackTime: 0, tracking: Promise.resolve() },
    };
    this.#orders.set(number, order);
    for (const oldest of [...this.#orders.keys()].slice(0, -ordersMax)) this.#orders.delete(oldest);
    return order;
  }

  /**
   * Starts the payment of an order. A repeated call starts no second payment, because the attempt keeps its idempotency
   * key. After an attempt that ended without money, a new attempt has a new key.
   * @param shopUrl base URL of the shop for the payer's browser, which returns there.
   * @returns where to redirect the payer; `undefined` if there is nothing to pay, or after a failure, which is in the
   * order's notice.
   */
  async pay(order: Order, shopUrl: string): Promise<string | undefined> {
    return this.#act(order, () => this.#start(order, shopUrl));
  }

  async #start(order: Order, shopUrl: string): Promise<string | undefined> {
    await this.#trackInTurn(order);
    const attempt = attemptFor(order, shopUrl, this.#contract());
    if (attempt === undefined) return undefined;
    if (attempt.payment !== undefined) return attempt.payment.nextStep?.redirect.url;
    const mayBeOld = attempt.isUnsure;
    const payment = await this.#create(order, attempt);
    // The response to a repeated key is the first one: the payment may have ended since.
    return mayBeOld ? this.#start(order, shopUrl) : payment.nextStep?.redirect.url;
  }

  /** Creates the payment of an attempt, or gets it again: the provider answers a repeated key with the same payment. */
  async #create(order: Order, attempt: Attempt): Promise<Payment> {
    const wasUnsure = attempt.isUnsure;
    attempt.isUnsure = true;
    // Only a request that may have been carried out must be repeated as it was.
    if (!wasUnsure) attempt.contract = this.#contract();
    try {
      const { flowType, item } = order;
      const { key: idempotencyKey, returnUrl } = attempt;
      const amount = amountOf(item.price, attempt.contract);
      const content = { merchantReference: referenceOf(order), amount, returnUrl, flowType };
      const payment = await this.#provider(order).createPayment({ ...content, idempotencyKey });
      // A webhook may have arrived before this response, with a newer state.
      attempt.payment ??= payment;
      attempt.isUnsure = false;
      order.strangers = order.strangers.filter((one) => one.payment.id !== payment.id);
      order.version += 1;
      return payment;
    } catch (error) {
      if (!wasUnsure && isRefusal(error)) attempt.isUnsure = false;
      throw error;
    }
  }

  /**
   * Reads the state of an order from the provider. Browsers and webhooks only trigger this read.
   * @param ids of payments and refunds that are read although they have ended.
   */
  async track(order: Order, ids: readonly string[] = []): Promise<void> {
    delete order.trouble;
    await this.#trackInTurn(order, ids).catch((error: unknown) => {
      order.trouble = causeOf(error);
    });
  }

  /** Tracks an unsettled order at the poll interval. Usually a webhook arrives first. */
  async trackIfDue(order: Order): Promise<void> {
    if (isUnsettled(order) && this.#now() - order.trackTime >= trackIntervalMs) await this.track(order);
  }

  /** Records that the payer's browser returned. */
  async recordReturn(order: Order, method: string, target: string): Promise<void> {
    addEntry(order, { kind: "return", method, target });
    if (paymentOf(order) !== undefined) await this.track(order);
  }

  /**
   * Refunds a payment of an order.
   * @param cents the whole remaining amount if absent.
   * @param attempt part of the idempotency key, so that a form submitted twice refunds once.
   * @param id of the payment; by default the one that counts for the order.
   */
  async refund(order: Order, cents: number | undefined, attempt: number, id?: string): Promise<void> {
    const one = knownPayment(order, id);
    if (one === undefined) return this.setNotice(order, { shop: "no_payment" });
    const { payment, contract } = one;
    const amount = cents ?? leftToRefund(order, payment);
    const status = await this.#act(order, async () => {
      const reference = `refund-${order.number}-${attempt}`;
      const refund = await this.#provider(order).refund(
        payment,
        reference,
        cents === undefined ? undefined : amountOf(cents, contract),
      );
      this.#addRefund(order, { ...refund, amount, paymentId: payment.id });
      return refund.status;
    });
    // A refund that is final at once has changed the payment.
    if (status !== undefined && status !== "pending") await this.track(order, [payment.id]);
  }

  /** Sets the notice on the order's page. */
  setNotice(order: Order, cause: Cause): void {
    order.notice = cause;
    order.version += 1;
  }

  /**
   * Processes a webhook. The provider repeats it until the response is 2xx, so the shop responds after the work. The
   * provider may also send it twice, so each id is processed once.
   * @returns the status of the response.
   */
  async receiveWebhook(headers: Headers, body: Uint8Array): Promise<204 | 401 | 500> {
    const signature = headers.get("X-Signature");
    const genuine = this.#provider().isGenuine(signature, body, this.account.webhookUrl);
    const text = new TextDecoder().decode(body);
    const notification = readNotification(text);
    const order = notification && this.orders.find((one) => isAbout(notification, one));
    if (notification === undefined || order === undefined) return genuine ? 204 : 401;

    const isRepeated = order.processed.has(notification.id);
    const entry: Entry & { kind: "webhook" } = {
      ...{ kind: "webhook", headers: Object.fromEntries(headers), signature: signature ?? "", body: text },
      ...{ time: this.#now(), genuine, verdict: genuine ? (isRepeated ? "repeated" : "genuine") : "unsigned" },
    };
    addEntry(order, entry);
    if (!genuine) return answered(entry, 401);
    if (isRepeated) return answered(entry, 204);
    order.processed.add(notification.id);
    try {
      await this.#process(notification, order, entry);
      return answered(entry, 204);
    } catch {
      order.processed.delete(notification.id);
      return answered(entry, 500);
    }
  }

  /** A webhook only triggers a read of a payment that the shop started. It never says itself that an order is paid. */
  async #process(notification: Notification, order: Order, entry: Entry & { kind: "webhook" }): Promise<void> {
    const { type, payload } = notification;
    const { processingAccountId } = this.account.credentials;
    const latest = order.attempts.at(-1);
    if (latest !== undefined && mayNameMissingPayment(notification, order, processingAccountId)) {
      await this.#create(order, latest);
    }
    entry.verdict = verdictOn(notification, order, processingAccountId);
    if (entry.verdict === "other_payment") return this.#inTurn(order, () => this.#noteStranger(notification, order));
    if (entry.verdict !== "genuine") return;
    const { paymentId = "", amount } = payload;
    const refunded = type === "refund" ? knownPayment(order, paymentId) : undefined;
    if (refunded !== undefined) {
      const cents = centsOf(amount, refunded.contract);
      this.#addRefund(order, { ...payload, status: "pending", amount: cents, paymentId });
    }
    await this.#trackInTurn(order, [payload.id, paymentId]);
  }

  /** Records a payment that the shop did not start, so that the shopkeeper sees its money. */
  async #noteStranger({ payload }: Notification, order: Order): Promise<void> {
    const known = order.strangers.find(({ payment }) => payment.id === payload.id);
    const read = await this.#provider(order).track<Payment>(payload).catch(absent);
    const payment = read ?? payload;
    if (known !== undefined) known.payment = newerOf(known.payment, payment, order.refunds);
    else if (hadMoney(payment)) {
      const stranger = { amount: payload.amount, contract: this.#contract(), isForeign: read === undefined, payment };
      order.strangers = [...order.strangers, stranger];
    }
    order.version += 1;
  }

  #addRefund(order: Order, refund: Order["refunds"][number]): void {
    if (order.refunds.some(({ id }) => id === refund.id)) return;
    order.refunds = [...order.refunds, refund];
    order.version += 1;
  }

  #trackInTurn(order: Order, notifiedIds: readonly string[] = []): Promise<void> {
    return this.#inTurn(order, () => this.#trackNow(order, notifiedIds));
  }

  /** One read at a time, so that an older response never overwrites a newer one. */
  #inTurn(order: Order, work: () => Promise<void>): Promise<void> {
    const tracking = order.tracking.catch(() => undefined).then(work);
    order.tracking = tracking;
    return tracking;
  }

  /**
   * Reads what can change: refunds and payments that are open; if there are none, the payment that counts.
   * @param notifiedIds of a refund or payment that is read although it has ended: a refund can fail after its success,
   * and a payment can be paid after its expiry.
   */
  async #trackNow(order: Order, notifiedIds: readonly string[]): Promise<void> {
    const known = knownPayments(order);
    if (known.length === 0) return;
    order.trackTime = this.#now();
    const provider = this.#provider(order);
    const before = JSON.stringify([known, order.refunds]);
    const touched = new Set([...notifiedIds, ...(isUnsettled(order) ? [] : [paymentOf(order)?.id])]);
    for (const refund of order.refunds) {
      if (refund.status !== "pending" && !notifiedIds.includes(refund.id)) continue;
      touched.add(refund.paymentId);
      const { status } = await provider.track(refund);
      order.refunds = order.refunds.map((one) => (one.id === refund.id ? { ...one, status } : one));
    }
    for (const one of known) {
      if (isForeign(one) || (!isOpen(one.payment) && !touched.has(one.payment.id))) continue;
      one.payment = newerOf(one.payment, await provider.track<Payment>(one.payment), order.refunds);
    }
    if (JSON.stringify([known, order.refunds]) !== before) order.version += 1;
  }

  /** The client of the provider. It records its exchanges with an order. */
  #provider(order?: Order): NomuPay {
    const record = (exchange: Exchange) => {
      if (order !== undefined) recordExchange(order, exchange, this.#now());
    };
    return new NomuPay(this.account.credentials, this.#now, record, this.#send);
  }

  /** Runs an action. If the provider refuses it, the order gets a notice. */
  async #act<T>(order: Order, work: () => Promise<T>): Promise<T | undefined> {
    delete order.notice;
    return work().catch((error: unknown) => {
      this.setNotice(order, causeOf(error));
      return undefined;
    });
  }
}

function answered<S extends 204 | 401 | 500>(entry: Entry & { status?: number }, status: S): S {
  entry.status = status;
  return status;
}
