import { pause, systemClock } from "../platform/clock.ts";
import { type DeliveryOptions, isTaken, proxyHeaders, webhookRequest } from "./courier.ts";
import { CustomerStage, sandboxLimitMs } from "./customer-stage.ts";
import { type ApiFault, type ApiMatch, nameOf } from "./exchange.ts";
import { errorAnswer } from "./faults.ts";
import type { Barrier, PlannedFault } from "./gateway.ts";
import { type MerchantResponse, sendRequest } from "./http.ts";
import type { Notification, NotificationMatch } from "./mailbox.ts";
import type { OrderView } from "./order.ts";
import type { PayerButton } from "./payer.ts";
import type { OrderState } from "./plan.ts";
import type { Purchase } from "./purchase.ts";
import { causeOf, type Expectation, unfulfilled } from "./run.ts";
import { fail, notJudged } from "./verdict.ts";

/** Attempts to deliver a notification, until the merchant takes it. */
const attemptsMax = 5;
/** Time before the second attempt, in milliseconds; twice as long before each further one. */
const retryMs = 20;

/** States that `order.paidText` can tell apart; it reads a failed order as unpaid. */
const toldByText: readonly OrderState[] = ["paid", "unpaid"];

/** What waits at a barrier for two pieces of work. */
function heldText({ held, isTwice }: Barrier): string {
  if (isTwice) return "both wait at the API, and go on together";
  if (held > 0) return `${held} requests wait at the API, perhaps of only one of both: they go on now`;
  return "no request reaches the API, so nothing could be held: both only started at the same time";
}

/** What a case can do and see. Each call is recorded in the timeline. */
export class Stage extends CustomerStage {
  /** The notification that the sandbox made, before it is delivered. Its case is not judged if there is none. */
  async notification(match: Omit<NotificationMatch, "paymentId"> & { purchase: Purchase }): Promise<Notification> {
    const { purchase, ...rest } = match;
    const paymentId = purchase.paymentId;
    const found = await this.run.until(() => this.run.parts.mailbox.all({ ...rest, paymentId }).at(-1), sandboxLimitMs);
    return found ?? notJudged("not_seen", `The sandbox sent no notification ${JSON.stringify(rest)}.`);
  }

  /** Delivers a notification once. */
  async deliver(notification: Notification, options: DeliveryOptions = {}): Promise<MerchantResponse> {
    const { type, payload, id } = notification;
    const signatures = this.run.signaturesOf(options.body ?? notification.body, notification.url);
    const headers = { ...proxyHeaders(this.plan.publicUrl), ...options.headers };
    const request = webhookRequest(notification, signatures, { ...options, headers });
    this.timeline.add("provider", `sends the ${type} notification ${String(payload.status)} (${id})`, request.body);
    const { onStatus } = options;
    const paymentId = String(payload.paymentId ?? payload.id);
    this.run.prompts.note(paymentId);
    const answer = await sendRequest({
      ...request,
      ...(onStatus === undefined ? {} : { onStatus }),
      url: this.plan.webhookUrl,
      timeoutMs: this.plan.requestLimitMs,
    });
    this.timeline.add("merchant", `answers the notification with ${answer.error ?? answer.status}`, answer.body);
    const genuine = this.run.parts.mailbox.notifications.find((known) => known.id === id);
    if (isTaken(answer) && genuine !== undefined) {
      this.run.prompts.noteEnd(String(payload.id), String(payload.status));
      if (request.body === genuine.body && options.signatures === undefined) this.run.taken.add(id);
    }
    return answer;
  }

  /** Delivers a genuine notification until the merchant takes it, as the provider does. Fails if it never does. */
  async deliverUntilTaken(notification: Notification, options: DeliveryOptions = {}): Promise<void> {
    const answer = await this.deliverPatiently(notification, options, isTaken);
    if (isTaken(answer)) return;
    const last = answer.error ?? answer.status;
    fail(`The endpoint refuses a genuine notification ${attemptsMax} times; at last with ${last}.`, "refuses_genuine");
  }

  /** Delivers a notification until an answer ends it, but a few times at most. @returns the last answer. */
  async deliverPatiently(
    notification: Notification,
    options: DeliveryOptions,
    isEnd: (answer: MerchantResponse) => boolean,
  ): Promise<MerchantResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.deliver(notification, options);
      if (isEnd(answer) || attempt >= attemptsMax) return answer;
      await this.pause(retryMs * 2 ** (attempt - 1));
    }
  }

  /** Delivers all notifications about the purchase and its refunds, until the merchant takes each of them. */
  async deliverAll(purchase: Purchase): Promise<void> {
    for (const one of this.run.parts.mailbox.all({ paymentId: purchase.paymentId })) await this.deliverUntilTaken(one);
  }

  /** Pays, delivers the notification, and returns: an ordinary purchase to its end. */
  async complete(purchase: Purchase, button: PayerButton = "pay"): Promise<void> {
    await this.pay(purchase, button);
    await this.deliverAll(purchase);
    await this.goBack(purchase);
  }

  /** The merchant's view of an order now. */
  async order(purchase: Purchase): Promise<OrderView> {
    const view = await this.run.until(() => this.run.readOrder(purchase), this.run.orderLimitMs);
    if (view === undefined) fail("The server answers no request for the order, or only with 5xx.", "server_down");
    this.timeline.add("merchant", `says that order ${purchase.reference} is ${view.word}`, view.evidence);
    return view;
  }

  /**
   * Waits until the order is as expected; the end of the run looks again. Fails the case otherwise.
   * @param sentence what is wrong if it is not so, such as "The paid order is not paid".
   * @param cause root cause that the case may share with others, unless the order was fulfilled more than once.
   */
  async expect(purchase: Purchase, want: Expectation, sentence: string, cause?: string): Promise<void> {
    if (this.plan.order?.paidText !== undefined && want.states.every((state) => !toldByText.includes(state))) {
      notJudged("unclear", `order.paidText cannot tell ${want.states.join(" or ")}: use order.command or a JSON view.`);
    }
    let last: OrderView | undefined;
    const isDone = await this.run.until(async () => {
      last = await this.run.readOrder(purchase);
      if (last === undefined) return undefined;
      if (want.never?.includes(last.state) || (last.effects ?? 0) > (want.effects ?? Infinity)) return "wrong";
      return unfulfilled(last, want) === undefined ? "right" : undefined;
    }, this.run.orderLimitMs);
    const word = last === undefined ? "nothing: the server does not answer" : last.word;
    this.timeline.add("merchant", `says that order ${purchase.reference} is ${word}`, last?.evidence);
    if (isDone === "right") {
      this.run.expectations.push({ caseId: this.caseId, purchase, want });
      return;
    }
    const why = last === undefined ? "the server does not answer" : (unfulfilled(last, want) ?? `it says ${word}`);
    fail(`${sentence}: ${why}.`, causeOf(last, want) ?? cause);
  }

  /**
   * Buys something else, and waits until it is paid. Then the merchant has also done what it had queued before, so that
   * nothing that must not happen can still come. The case is not judged if that order does not become paid.
   */
  async drain(): Promise<void> {
    if (!this.has("order")) return;
    const other = await this.#buyAnother();
    const done = await this.until(() => this.#isPaid(other));
    if (done === undefined) notJudged("unclear", "The ordinary purchase that closes this case was not paid.");
  }

  /**
   * Waits until a condition holds, or until the merchant has done what it had queued: then something else that is
   * bought after it becomes paid. @returns whether the condition holds.
   */
  async untilIdle(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
    const look = async () => ((await isTrue()) ? true : undefined);
    if (await this.until(look, this.run.patienceMs)) return true;
    const other = await this.#buyAnother();
    await this.until(async () => (await look()) ?? this.#isPaid(other));
    return isTrue();
  }

  async #buyAnother(): Promise<Purchase> {
    const other = await this.checkout();
    // Not on the provider's pages: this purchase judges nothing, and is made for almost every case.
    await this.world.payments.act(other.paymentId, "pay");
    await this.notification({ purchase: other, type: "payment" });
    await this.deliverAll(other);
    await this.goBack(other, { method: "GET", url: other.returnUrl });
    return other;
  }

  async #isPaid(purchase: Purchase): Promise<true | undefined> {
    return (await this.run.readOrder(purchase))?.state === "paid" ? true : undefined;
  }

  /**
   * Starts two pieces of work at once, and holds the merchant's requests to the API until both wait there; then lets
   * them go together. That both wait is certain only if the same request is held twice: one handler may send several
   * different requests at once. Otherwise the requests go after the time in which the merchant usually answers, such as
   * those of a merchant with a lock, or with a queue. The timeline says what was held.
   */
  async together<First, Second>(
    match: ApiMatch,
    first: () => Promise<First>,
    second: () => Promise<Second>,
  ): Promise<[First, Second]> {
    const barrier = this.hold(match);
    let hasEnded = false;
    const watched = <T>(work: Promise<T>) =>
      work.finally(() => {
        hasEnded = true;
      });
    const both = this.later(Promise.all([watched(first()), watched(second())]));
    await this.until(() => (barrier.held > 0 || hasEnded ? true : undefined), this.plan.requestLimitMs);
    // A merchant with a queue answers before it sends its requests.
    await this.until(() => (barrier.isTwice ? true : undefined), this.run.patienceMs);
    this.note(heldText(barrier));
    barrier.release();
    return both;
  }

  /** Applies a fault to the merchant's next matching requests. */
  fault(match: ApiMatch, fault: ApiFault, times = 1): PlannedFault {
    this.note(`plans for the next ${nameOf(match)} request: ${fault.name}`);
    return this.run.parts.gateway.plan(match, fault, times);
  }

  /** Answers the merchant's requests with signed 503s, until the fault is ended. */
  apiDown(match: ApiMatch): PlannedFault {
    return this.fault(match, this.errorAnswer(503, false), Infinity);
  }

  /** A signed error of the provider. @param isForwarded whether the request is performed before. */
  errorAnswer(status: number, isForwarded: boolean): ApiFault {
    const keys = () => this.world.credentials.hmacKeys;
    return errorAnswer(status, { isForwarded, keys, now: systemClock.now });
  }

  /** Ends the case without a judgement if a fault was applied to no request. */
  requireApplied({ applied }: PlannedFault, what: string): void {
    if (applied.length === 0) notJudged("not_seen", `The merchant made no request that the fault applies to: ${what}.`);
    for (const exchange of applied) this.addExchange(exchange);
  }

  /** Holds requests, or their answers, until the release. */
  hold(match: ApiMatch, what: "requests" | "answers" = "requests"): Barrier {
    this.note(`holds the merchant's ${nameOf(match)} ${what}`);
    return this.run.parts.gateway.hold(match, what);
  }

  /** Waits for a condition. @returns its result; `undefined` after the limit. */
  until<T>(look: () => T | undefined | Promise<T | undefined>, limitMs = this.run.orderLimitMs) {
    return this.run.until(look, limitMs);
  }

  /** Lets real time pass between two attempts. No verdict may depend on it. */
  pause(delayMs: number): Promise<void> {
    return pause(delayMs, new AbortController().signal);
  }

  /** Work that the case awaits later. If it fails before that, it must not end the process. */
  later<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return work;
  }

  /** Ends the server as a crash does, and starts it again. */
  async restart(): Promise<void> {
    this.note("ends the merchant's server at once, and starts it again");
    // A server may look after all its payments when it starts.
    this.run.prompts.note();
    await this.server.kill();
    await this.server.start();
    this.run.loseOrders();
  }
}
