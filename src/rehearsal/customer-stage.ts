import { systemClock } from "../platform/clock.ts";
import { runForOutput } from "../platform/command.ts";
import type { Browser, BrowserAnswer } from "./browser.ts";
import { type ApiExchange, type ApiMatch, isMatch, isPerformed } from "./exchange.ts";
import { type PayerButton, pressButton, type WayBack, wayBack } from "./payer.ts";
import type { PlanAction } from "./plan.ts";
import { type CheckoutAttempt, type Purchase, purchaseOf, urlsIn } from "./purchase.ts";
import type { Run } from "./run.ts";
import { commandInput, runSteps, type Values } from "./steps.ts";
import { Timeline } from "./timeline.ts";
import { fail, lacks, notJudged } from "./verdict.ts";

/** Maximum time of what the sandbox itself does, in milliseconds. */
export const sandboxLimitMs = 5_000;
/** User-Agent of a phone, for merchants that choose the flow by it. */
const phoneAgent = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36";

/** Whose checkout it is, and what the customer buys. */
export interface CheckoutOptions {
  /** Continues in this browser; by default a new one. */
  readonly browser?: Browser;
  /** For `{amount}` of the plan, in HKD. */
  readonly amount?: string;
  readonly isPhone?: boolean;
}

/** The customer's side of a case: the checkout, the provider's pages and the return. Each call is recorded. */
export class CustomerStage {
  readonly run: Run;
  readonly timeline = new Timeline(systemClock.steady);
  /** The case that is played. */
  protected readonly caseId: string;
  /** Number of exchanges before this case. */
  readonly #firstExchange: number;

  constructor(run: Run, caseId: string) {
    this.run = run;
    this.caseId = caseId;
    this.#firstExchange = run.parts.gateway.exchanges.length;
  }

  get plan() {
    return this.run.parts.plan;
  }

  /** The handle of the world: its clock, payments, refunds and keys. */
  get world() {
    return this.run.parts.world;
  }

  get random() {
    return this.run.parts.random;
  }

  get server() {
    return this.run.parts.server;
  }

  has(hook: Parameters<Run["hooks"]["has"]>[0]): boolean {
    return this.run.hooks.has(hook);
  }

  /** Real time, in milliseconds, for the expiry of signatures. */
  nowMs(): number {
    return systemClock.now();
  }

  note(text: string, detail?: string): void {
    this.timeline.add("rehearsal", text, detail);
  }

  /** The merchant's requests to the API since this case began. */
  exchanges(match: ApiMatch = "any"): ApiExchange[] {
    const { exchanges } = this.run.parts.gateway;
    return exchanges.slice(this.#firstExchange).filter((exchange) => isMatch(match, exchange));
  }

  /** Runs the merchant's checkout as a customer, whatever comes of it. */
  async tryCheckout(options: CheckoutOptions = {}): Promise<CheckoutAttempt> {
    const values = { unique: this.run.unique(), amount: options.amount ?? "38.00" };
    const { checkout, checkoutOnPhone = checkout } = this.plan;
    const action = options.isPhone ? checkoutOnPhone : checkout;
    return this.#attempt(action, "starts a checkout", options, values);
  }

  /** Runs the checkout until the merchant has a payment. Fails the case if it makes none. */
  async checkout(options: CheckoutOptions = {}): Promise<Purchase> {
    return this.purchaseFrom(await this.tryCheckout(options));
  }

  /** The purchase of an attempt, by its newest payment. Fails the case if there is none. */
  purchaseFrom(attempt: CheckoutAttempt): Purchase {
    if (attempt.creates.some((create) => this.run.isOfLostOrder(create))) {
      notJudged("unclear", "After its restart the server uses the idempotency key of an order that it has lost.");
    }
    const create = attempt.creates.findLast(isPerformed);
    if (create === undefined) {
      const { status, body } = attempt.answers.at(-1) ?? { status: 0, body: "" };
      fail(`The checkout made no payment; its last response was ${status} ${body.slice(0, 200)}`, "no_payment");
    }
    const purchase = purchaseOf(attempt, create, this.plan.number);
    this.run.purchases.push(purchase);
    this.note(`order ${purchase.reference}: payment ${purchase.paymentId} of HKD ${purchase.amount}`);
    return purchase;
  }

  /** The customer tries again to pay an order (hook `payAgain`), in the same browser. */
  async payAgain({ browser, values }: Purchase): Promise<CheckoutAttempt> {
    if (this.plan.payAgain === undefined) lacks("payAgain");
    return this.#attempt(this.plan.payAgain, "tries again to pay", { browser }, values);
  }

  /** Runs another action of the plan, in a new browser by default. @param values besides those of the purchase. */
  async act(
    hook: "refund" | "cancel" | "change" | "jobs",
    purchase?: Purchase,
    values: Values = {},
    browser = hook === "change" ? purchase?.browser : undefined,
  ): Promise<CheckoutAttempt> {
    const action = this.plan[hook];
    if (action === undefined) lacks(hook);
    if (hook === "jobs") this.run.prompts.note();
    const options = browser === undefined ? {} : { browser };
    return this.#attempt(action, `runs ${hook}`, options, { ...purchase?.values, ...values });
  }

  async #attempt(
    action: PlanAction,
    text: string,
    { browser = this.run.newBrowser(), isPhone = false }: CheckoutOptions,
    values: Values,
  ): Promise<CheckoutAttempt> {
    const before = this.run.parts.gateway.exchanges.length;
    this.run.prompts.note(values.paymentId);
    this.timeline.add(text.startsWith("runs") ? "rehearsal" : "payer", text);
    const done = await this.#perform(action, browser, values, isPhone);
    const exchanges = this.run.parts.gateway.exchanges.slice(before);
    for (const exchange of exchanges) this.addExchange(exchange);
    for (const { status, url, error } of done.answers) {
      this.timeline.add("merchant", `answers ${new URL(url).pathname} with ${error ?? status}`);
    }
    return {
      browser,
      ...done,
      creates: exchanges.filter(({ operation }) => operation === "create"),
      sentTo: urlsIn(done.answers, new URL(this.run.baseUrl).origin),
    };
  }

  async #perform(action: PlanAction, browser: Browser, values: Values, isPhone: boolean) {
    if ("command" in action) {
      const { output, failure } = await runForOutput({
        command: action.command,
        ...commandInput(values),
        timeoutMs: this.plan.requestLimitMs,
        directory: this.run.parts.directory,
      });
      const status = failure === undefined ? 200 : 500;
      const answer = { status, header: () => "", cookies: [], body: output, error: failure };
      return { answers: [{ ...answer, url: this.run.baseUrl, redirects: [] }] as BrowserAnswer[], values };
    }
    const steps = isPhone
      ? action.steps.map((step) => ({ ...step, headers: { "User-Agent": phoneAgent, ...step.headers } }))
      : action.steps;
    return runSteps(steps, { browser, baseUrl: this.run.baseUrl, values });
  }

  addExchange({ method, target, body, fault, received, answer }: ApiExchange): void {
    const got = received === undefined ? "no answer yet" : received === "cut" ? "no answer" : `${received.status}`;
    const applied = fault === undefined ? "" : ` (${fault})`;
    const detail = `${method} ${target}\n${body}\n\n${answer?.status ?? "-"}\n${answer?.body ?? ""}`;
    this.timeline.add("merchant", `${method} ${target.split("?")[0]}: ${got}${applied}`, detail);
  }

  /** Presses a button on the provider's pages, and waits until the payment has its outcome and the mailbox knows it. */
  async pay(purchase: Purchase, button: PayerButton = "pay", isOnPhone = purchase.flowType !== "qr_link") {
    this.timeline.add("payer", `presses ${button} on the provider's page`);
    const { fetchPage, mailbox } = this.run.parts;
    const { paymentId } = purchase;
    const known = mailbox.all({ paymentId }).length;
    await pressButton(fetchPage, purchase.pageUrl, button, isOnPhone);
    const outcome = await this.run.until(async () => {
      const { status } = await this.world.payments.get(paymentId);
      return status === "pending" || mailbox.all({ paymentId }).length <= known ? undefined : status;
    }, sandboxLimitMs);
    if (outcome === undefined) notJudged("not_seen", `The sandbox did not report the end of payment ${paymentId}.`);
  }

  /** The way back to the merchant, as the result page has it. */
  wayBack(purchase: Purchase): Promise<WayBack | undefined> {
    return wayBack(this.run.parts.fetchPage, purchase.pageUrl);
  }

  /** The payer's browser returns to the merchant. @param change for another way, or another browser. */
  async goBack(purchase: Purchase, change: Partial<WayBack> & { browser?: Browser } = {}): Promise<BrowserAnswer> {
    const { browser = purchase.browser, ...way } = change;
    const usual = { method: "GET", url: purchase.returnUrl, form: undefined } as const;
    const shown = way.url === undefined ? await this.wayBack(purchase) : undefined;
    const { method, url, form } = { ...usual, ...shown, ...way };
    this.timeline.add("payer", `returns by ${method} ${url}`);
    this.run.prompts.note(purchase.paymentId);
    const answer = await browser.open({ method, url: this.run.reachable(url), form, isCrossSite: true });
    this.timeline.add("merchant", `answers the return with ${answer.error ?? answer.status}`, answer.body);
    return answer;
  }
}
