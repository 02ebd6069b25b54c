import type { Account } from "./account.ts";
import type { Item } from "./goods.ts";
import { type Exchange, NomuPay, type Notification, type Payment, ProviderError, type Send } from "./nomupay.ts";
import {
  amountOf,
  type Cause,
  centsOf,
  type Entry,
  isUnsettled,
  leftToRefund,
  type Order,
  type Verdict,
} from "./orders.ts";

const firstNumber = 1001;
const ordersMax = 500;
const entriesMax = 200;
/** Maximum number of webhooks without a valid signature in an order's record. */
const unsignedMax = 20;
/** Poll interval while a page waits for a webhook, in milliseconds. */
const trackIntervalMs = 5000;

/** The shop: its orders, and its requests to the provider. Orders are kept in memory. */
export class Shop {
  readonly account: Account;
  readonly #now: () => number;
  readonly #send: Send | undefined;
  readonly #orders = new Map<string, Order>();
  #count = 0;

  /** @param send sends a request to the provider; `fetch` by default. */
  constructor(account: Account, now: () => number, send?: Send) {
    this.account = account;
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
      ...{ number, item, flowType, refunds: [], entries: [], processed: new Set<string>() },
      ...{ version: 0, trackTime: 0, tracking: Promise.resolve() },
    };
    this.#orders.set(number, order);
    for (const oldest of [...this.#orders.keys()].slice(0, -ordersMax)) this.#orders.delete(oldest);
    return order;
  }

  /**
   * Starts the payment of an order. The idempotency key belongs to the order, so a repeated call starts no second
   * payment.
   * @param shopUrl base URL of the shop for the payer's browser, which returns there.
   * @returns where to redirect the payer; `undefined` after a failure, which is in the order's notice.
   */
  async pay(order: Order, shopUrl: string): Promise<string | undefined> {
    order.returnUrl ??= `${shopUrl}/demo/orders/${order.number}/return`;
    const { returnUrl } = order;
    return this.#attempt(order, async () => {
      const payment = await this.#provider(order).createPayment({
        merchantReference: referenceOf(order),
        amount: amountOf(order.item.price),
        returnUrl,
        flowType: order.flowType,
        idempotencyKey: referenceOf(order),
      });
      // A webhook may have arrived before this response, with a newer state.
      order.payment ??= payment;
      order.version += 1;
      return payment.nextStep?.redirect.url;
    });
  }

  /** Reads the state of an order from the provider. Browsers and webhooks only trigger this read. */
  async track(order: Order): Promise<void> {
    delete order.trouble;
    await this.#trackInTurn(order).catch((error: unknown) => {
      order.trouble = causeOf(error);
    });
  }

  /** Tracks an unsettled order at the poll interval. Usually a webhook arrives first. */
  async trackIfDue(order: Order): Promise<void> {
    if (isUnsettled(order) && this.#now() - order.trackTime >= trackIntervalMs) await this.track(order);
  }

  /** Records that the payer's browser returned. */
  async recordReturn(order: Order, method: string, target: string): Promise<void> {
    this.#addEntry(order, { kind: "return", method, target });
    if (order.payment !== undefined) await this.track(order);
  }

  /**
   * Refunds an order.
   * @param cents the whole remaining amount if absent.
   * @param attempt part of the idempotency key, so that a form submitted twice refunds once.
   */
  async refund(order: Order, cents: number | undefined, attempt: number): Promise<void> {
    const { payment } = order;
    if (payment === undefined) return this.setNotice(order, { shop: "no_payment" });
    const amount = cents ?? leftToRefund(order);
    await this.#attempt(order, async () => {
      const reference = `refund-${order.number}-${attempt}`;
      const refund = await this.#provider(order).refund(
        payment,
        reference,
        cents === undefined ? undefined : amountOf(cents),
      );
      this.#addRefund(order, { ...refund, amount });
    });
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
    const order = notification && this.#orderOf(notification);
    if (notification === undefined || order === undefined) return genuine ? 204 : 401;

    const isRepeated = order.processed.has(notification.id);
    const verdict = genuine ? verdictOn(notification, order, isRepeated) : "unsigned";
    const entry: Entry = {
      ...{ kind: "webhook", headers: Object.fromEntries(headers), signature: signature ?? "", body: text },
      ...{ time: this.#now(), genuine, verdict },
    };
    this.#addEntry(order, entry);
    if (!genuine) return answered(entry, 401);
    if (isRepeated) return answered(entry, 204);
    order.processed.add(notification.id);
    try {
      await this.#process(notification, order);
      return answered(entry, 204);
    } catch {
      order.processed.delete(notification.id);
      return answered(entry, 500);
    }
  }

  async #process({ type, payload }: Notification, order: Order): Promise<void> {
    if (type === "payment") order.payment ??= payload;
    if (type === "refund") this.#addRefund(order, { ...payload, status: "pending", amount: centsOf(payload.amount) });
    await this.#trackInTurn(order, payload.id);
  }

  #addRefund(order: Order, refund: Order["refunds"][number]): void {
    if (order.refunds.some(({ id }) => id === refund.id)) return;
    order.refunds = [...order.refunds, refund];
    order.version += 1;
  }

  #orderOf({ type, payload }: Notification): Order | undefined {
    return this.orders.find((order) => {
      if (type === "refund") return order.payment !== undefined && order.payment.id === payload.paymentId;
      return referenceOf(order) === payload.merchantReference;
    });
  }

  /** One request at a time, so that an older response never overwrites a newer one. */
  #trackInTurn(order: Order, notifiedId?: string): Promise<void> {
    const tracking = order.tracking.catch(() => undefined).then(() => this.#trackNow(order, notifiedId));
    order.tracking = tracking;
    return tracking;
  }

  /** @param notifiedId a refund that is read although it has ended: it can fail after its success. */
  async #trackNow(order: Order, notifiedId: string | undefined): Promise<void> {
    if (order.payment === undefined) return;
    order.trackTime = this.#now();
    const provider = this.#provider(order);
    const before = JSON.stringify([order.payment, order.refunds]);
    for (const refund of order.refunds) {
      if (refund.status !== "pending" && refund.id !== notifiedId) continue;
      const { status } = await provider.track(refund);
      order.refunds = order.refunds.map((one) => (one.id === refund.id ? { ...one, status } : one));
    }
    order.payment = await provider.track<Payment>(order.payment);
    if (JSON.stringify([order.payment, order.refunds]) !== before) order.version += 1;
  }

  /** The client of the provider. It records its exchanges with an order. */
  #provider(order?: Order): NomuPay {
    const record = (exchange: Exchange) => {
      if (order === undefined) return;
      const last = order.entries.at(-1);
      if (last?.kind === "request" && isSame(last.exchange, exchange)) last.times += 1;
      else this.#addEntry(order, { kind: "request", exchange, time: this.#now(), times: 1 });
    };
    return new NomuPay(this.account.credentials, this.#now, record, this.#send);
  }

  #addEntry(order: Order, entry: Entry): void {
    const unsigned = order.entries.filter((one) => one.kind === "webhook" && !one.genuine).length;
    if (entry.kind === "webhook" && !entry.genuine && unsigned >= unsignedMax) return;
    order.entries.push(entry);
    if (order.entries.length > entriesMax) order.entries.shift();
    order.version += 1;
  }

  /** Runs an action. If the provider refuses it, the order gets a notice. */
  async #attempt<T>(order: Order, work: () => Promise<T>): Promise<T | undefined> {
    delete order.notice;
    return work().catch((error: unknown) => {
      this.setNotice(order, causeOf(error));
      return undefined;
    });
  }
}

/** The cause of a failure. Errors that are not the provider's are defects and are thrown again. */
function causeOf(error: unknown): Cause {
  if (!(error instanceof ProviderError)) throw error;
  const { code, message } = error;
  return code === "no_answer" || code === "not_genuine" ? { shop: code } : { provider: message };
}

function referenceOf({ number }: Order): string {
  return `order-${number}`;
}

function answered<S extends 204 | 401 | 500>(entry: Entry & { status?: number }, status: S): S {
  entry.status = status;
  return status;
}

function verdictOn({ type, payload }: Notification, order: Order, isRepeated: boolean): Verdict {
  if (isRepeated) return "repeated";
  return type === "payment" && centsOf(payload.amount) !== order.item.price ? "other_amount" : "genuine";
}

/** Whether two reads are equal in request and response. */
function isSame(one: Exchange, other: Exchange): boolean {
  return (
    one.method === "GET" &&
    one.target === other.target &&
    one.answer?.status === other.answer?.status &&
    one.answer?.body === other.answer?.body
  );
}

/** Parses untrusted text; `undefined` if it is no notification. */
function readNotification(text: string): Notification | undefined {
  try {
    const { id, type, payload } = JSON.parse(text);
    const { merchantReference, paymentId, amount } = payload;
    const texts = [id, type, merchantReference, ...(paymentId === undefined ? [] : [paymentId])];
    if (!texts.every((one) => typeof one === "string") || typeof amount.value !== "number") return undefined;
    return { id, type, payload };
  } catch {
    return undefined;
  }
}
