import type { Account } from "./account.ts";
import type { Item } from "./goods.ts";
import { type Exchange, NomuPay, type Notification, type Payment, ProviderError } from "./nomupay.ts";
import { amountOf, centsOf, type Entry, isUnsettled, leftToRefund, type Order } from "./orders.ts";

const firstNumber = 1001;
const ordersMax = 500;
const entriesMax = 200;
/** What comes unsigned may fill this much of an order's record, and no more. */
const strangersMax = 20;
/** How often the provider is asked while a page waits and no webhook comes, in milliseconds. */
const lookEveryMs = 5000;

/** The shop: its orders, and what it does with the provider. Orders are kept in memory. */
export class Shop {
  readonly account: Account;
  readonly #now: () => number;
  readonly #orders = new Map<string, Order>();
  #count = 0;

  constructor(account: Account, now: () => number) {
    this.account = account;
    this.#now = now;
  }

  /** Newest first. */
  get orders(): readonly Order[] {
    return [...this.#orders.values()].reverse();
  }

  order(number: string): Order | undefined {
    return this.#orders.get(number);
  }

  /** Writes an order down. It is not paid yet, nor is the provider asked. */
  place(item: Item, flowType: Order["flowType"]): Order {
    const number = String(firstNumber + this.#count++);
    const order: Order = {
      ...{ number, item, flowType, refunds: [], entries: [], heard: new Set<string>() },
      ...{ version: 0, lookTime: 0, look: Promise.resolve() },
    };
    this.#orders.set(number, order);
    for (const oldest of [...this.#orders.keys()].slice(0, -ordersMax)) this.#orders.delete(oldest);
    return order;
  }

  /**
   * Starts the payment of an order. The key belongs to the order: asking again starts no second payment.
   * @returns where to send the payer, or nothing where it did not work: the order has a notice then.
   */
  async pay(order: Order): Promise<string | undefined> {
    return this.#attempt(order, async () => {
      const payment = await this.#provider(order).createPayment({
        merchantReference: referenceOf(order),
        amount: amountOf(order.item.price),
        returnUrl: `${this.account.publicUrl}/demo/orders/${order.number}/return`,
        flowType: order.flowType,
        idempotencyKey: referenceOf(order),
      });
      // A webhook may have been quicker than this answer, and knows more.
      order.payment ??= payment;
      order.version += 1;
      return payment.nextStep?.redirect.url;
    });
  }

  /** Asks the provider how an order stands. What a browser or a webhook says is a reason to look, never the truth. */
  async look(order: Order): Promise<void> {
    delete order.trouble;
    await this.#lookInTurn(order).catch((error: unknown) => {
      order.trouble = sentenceOf(error);
    });
  }

  /** For a page that waits: looks only every few seconds, for the webhook tells sooner. */
  async glance(order: Order): Promise<void> {
    if (isUnsettled(order) && this.#now() - order.lookTime >= lookEveryMs) await this.look(order);
  }

  /** The payer's browser is back, by whatever URL. */
  async welcomeBack(order: Order, method: string, target: string): Promise<void> {
    this.#note(order, { kind: "return", method, target });
    if (order.payment !== undefined) await this.look(order);
  }

  /**
   * Refunds an order.
   * @param cents all that is left where it is missing.
   * @param attempt makes the key: a form that is sent twice refunds once.
   */
  async refund(order: Order, cents: number | undefined, attempt: number): Promise<void> {
    const { payment } = order;
    if (payment === undefined) return this.complain(order, "There is no payment to refund.");
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

  /** Notes what did not work, for the order's page. */
  complain(order: Order, sentence: string): void {
    order.notice = sentence;
    order.version += 1;
  }

  /**
   * Takes in a webhook. The provider sends it again until it is answered with 2xx, so that is the answer only once the
   * work is done; and it may send it twice, so each id counts once.
   * @returns the status of the answer.
   */
  async hear(headers: Headers, body: Uint8Array): Promise<204 | 401 | 500> {
    const signature = headers.get("X-Signature");
    const genuine = this.#provider().isGenuine(signature, body, this.account.webhookUrl);
    const text = new TextDecoder().decode(body);
    const notification = readNotification(text);
    const order = notification && this.#orderOf(notification);
    if (notification === undefined || order === undefined) return genuine ? 204 : 401;

    const again = order.heard.has(notification.id);
    const verdict = genuine ? verdictOn(notification, order, again) : "Not signed by the provider: refused.";
    const entry: Entry = {
      ...{ kind: "webhook", headers: Object.fromEntries(headers), signature: signature ?? "", body: text },
      ...{ time: this.#now(), genuine, verdict },
    };
    this.#note(order, entry);
    if (!genuine) return answered(entry, 401);
    if (again) return answered(entry, 204);
    order.heard.add(notification.id);
    try {
      await this.#takeIn(notification, order);
      return answered(entry, 204);
    } catch {
      order.heard.delete(notification.id);
      return answered(entry, 500);
    }
  }

  async #takeIn({ type, payload }: Notification, order: Order): Promise<void> {
    if (type === "payment") order.payment ??= payload;
    if (type === "refund") this.#addRefund(order, { ...payload, status: "pending", amount: centsOf(payload.amount) });
    await this.#lookInTurn(order);
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

  /** One look at a time, so that an older answer never overwrites a newer one. */
  #lookInTurn(order: Order): Promise<void> {
    const look = order.look.catch(() => undefined).then(() => this.#lookNow(order));
    order.look = look;
    return look;
  }

  async #lookNow(order: Order): Promise<void> {
    if (order.payment === undefined) return;
    order.lookTime = this.#now();
    const provider = this.#provider(order);
    const before = JSON.stringify([order.payment, order.refunds]);
    for (const refund of order.refunds) {
      if (refund.status !== "pending") continue;
      const { status } = await provider.track(refund);
      order.refunds = order.refunds.map((one) => (one.id === refund.id ? { ...one, status } : one));
    }
    order.payment = await provider.track<Payment>(order.payment);
    if (JSON.stringify([order.payment, order.refunds]) !== before) order.version += 1;
  }

  /** The provider; what is asked on behalf of an order is noted there. */
  #provider(order?: Order): NomuPay {
    const note = (exchange: Exchange) => {
      if (order === undefined) return;
      const last = order.entries.at(-1);
      if (last?.kind === "request" && isSame(last.exchange, exchange)) last.times += 1;
      else this.#note(order, { kind: "request", exchange, time: this.#now(), times: 1 });
    };
    return new NomuPay(this.account.credentials, this.#now, note);
  }

  #note(order: Order, entry: Entry): void {
    const strangers = order.entries.filter((one) => one.kind === "webhook" && !one.genuine).length;
    if (entry.kind === "webhook" && !entry.genuine && strangers >= strangersMax) return;
    order.entries.push(entry);
    if (order.entries.length > entriesMax) order.entries.shift();
    order.version += 1;
  }

  /** Does what was asked for; where that does not work, the order says why. */
  async #attempt<T>(order: Order, work: () => Promise<T>): Promise<T | undefined> {
    delete order.notice;
    return work().catch((error: unknown) => {
      this.complain(order, sentenceOf(error));
      return undefined;
    });
  }
}

/** The provider's words for what did not work. Anything else is a defect and thrown on. */
function sentenceOf(error: unknown): string {
  if (error instanceof ProviderError) return error.message;
  throw error;
}

function referenceOf({ number }: Order): string {
  return `order-${number}`;
}

function answered<S extends 204 | 401 | 500>(entry: Entry & { status?: number }, status: S): S {
  entry.status = status;
  return status;
}

function verdictOn({ type, payload }: Notification, order: Order, again: boolean): string {
  if (again) return "Signed by the provider, and heard before: counted once.";
  if (type === "payment" && centsOf(payload.amount) !== order.item.price) {
    return "Signed by the provider, but its amount is not the order's: the shop goes by its own.";
  }
  return "Signed by the provider: a reason to track.";
}

/** The same answer to the same question. */
function isSame(one: Exchange, other: Exchange): boolean {
  return (
    one.method === "GET" &&
    one.target === other.target &&
    one.answer?.status === other.answer?.status &&
    one.answer?.body === other.answer?.body
  );
}

/** Reads what may come from anybody: undefined where it is no notification. */
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
