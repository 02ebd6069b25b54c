import type { WorldHandle } from "../client/handle.ts";
import { pause, systemClock } from "../platform/clock.ts";
import { signWebhookBody } from "../security/response-signature.ts";
import { Browser } from "./browser.ts";
import type { ApiExchange } from "./exchange.ts";
import type { Gateway } from "./gateway.ts";
import type { Mailbox } from "./mailbox.ts";
import type { MerchantServer } from "./merchant-server.ts";
import { isSameAmount, OrderNotFoundError, type OrderView, readOrder } from "./order.ts";
import { type Hook, hooksOf, type OrderState, type Plan } from "./plan.ts";
import { Prompts } from "./prompts.ts";
import type { Purchase } from "./purchase.ts";
import type { Random } from "./random.ts";
import { fail } from "./verdict.ts";

/** What a case expects of an order. */
export interface Expectation {
  /** The states that are right. */
  readonly states: readonly OrderState[];
  /** The states that are wrong at any time, so that the case need not wait for the limit. */
  readonly never?: readonly OrderState[];
  /** Number of fulfilments. Ignored without the hook. */
  readonly effects?: number;
  /** In HKD. Ignored without the hook. */
  readonly paidAmount?: number;
  readonly refundedAmount?: number;
}

/** An expectation that a case saw fulfilled. The end of the run looks again. */
export interface FulfilledExpectation {
  readonly caseId: string;
  readonly purchase: Purchase;
  readonly want: Expectation;
}

/** Parts that all cases of a run share. */
export interface RunParts {
  readonly plan: Plan;
  /** Folder of the plan, in which its commands run. */
  readonly directory: string;
  readonly world: WorldHandle;
  readonly gateway: Gateway;
  readonly mailbox: Mailbox;
  readonly server: MerchantServer;
  readonly random: Random;
  /** Requests a page of the sandbox. */
  readonly fetchPage: (url: string, init?: RequestInit) => Promise<Response>;
}

/** Maximum time between two looks at a condition, in milliseconds. */
const lookMaxMs = 100;

/** Least patience, in milliseconds. */
const patienceMinMs = 200;
/** How many times as long it is as the merchant's usual answer, up to half of the limit of a request. */
const patienceTimes = 5;

/** The state of a run: its parts, and what its cases leave for the end. */
export class Run {
  readonly parts: RunParts;
  readonly hooks: ReadonlySet<Hook>;
  readonly prompts = new Prompts();
  readonly expectations: FulfilledExpectation[] = [];
  readonly purchases: Purchase[] = [];
  /** Ids of the genuine notifications that the merchant took: the provider sends none of them again. */
  readonly taken = new Set<string>();
  /** Purchases of cases that failed, with the root cause. */
  readonly causes = new Map<Purchase, string>();
  /** Longest answer of the merchant to a notification or a return of the preflight, in milliseconds. */
  usualAnswerMs = 0;
  /** Number of exchanges when the server last lost its orders. */
  #exchangesOfLost = 0;
  readonly #name = Math.floor(systemClock.now()).toString(36);
  #count = 0;
  /** References of the orders that were found at least once. */
  readonly #found = new Set<string>();

  constructor(parts: RunParts) {
    this.parts = parts;
    this.hooks = hooksOf(parts.plan);
  }

  /** Base of the merchant's pages. */
  get baseUrl(): string {
    const { url, webhookUrl } = this.parts.plan;
    return url ?? new URL(webhookUrl).origin;
  }

  /** The URL that signatures of webhooks name. */
  get signedUrl(): string {
    return this.parts.plan.publicUrl ?? this.parts.plan.webhookUrl;
  }

  /** Where a URL of the merchant can be reached here: its public origin leads to a proxy that is not there. */
  reachable(url: string): string {
    const { publicUrl } = this.parts.plan;
    if (publicUrl === undefined || !URL.canParse(url)) return url;
    const { origin } = new URL(publicUrl);
    return new URL(url).origin === origin ? new URL(this.baseUrl).origin + url.slice(origin.length) : url;
  }

  newBrowser(): Browser {
    return new Browser(this.baseUrl, this.parts.plan.requestLimitMs);
  }

  /** A text that no other call returns, in no other run: the merchant may keep the orders of earlier runs. */
  unique(): string {
    this.#count += 1;
    return `${this.#name}-${this.#count}`;
  }

  /**
   * Time in which the merchant usually answers, with a reserve, in milliseconds. What has not happened until then need
   * not happen: a lock may let only one of two requests go on.
   */
  get patienceMs(): number {
    const longestMs = this.parts.plan.requestLimitMs / 2;
    return Math.min(Math.max(patienceMinMs, this.usualAnswerMs * patienceTimes), longestMs);
  }

  /** Forgets all orders after the end of the server, if the plan says that they are lost with it. */
  loseOrders(): void {
    if (this.parts.plan.start?.keepsOrders !== false) return;
    this.expectations.length = 0;
    this.purchases.length = 0;
    this.#found.clear();
    this.#exchangesOfLost = this.parts.gateway.exchanges.length;
  }

  /** Whether a create repeats one for an order that the server has lost: its numbers began again. */
  isOfLostOrder({ target }: ApiExchange): boolean {
    const before = this.parts.gateway.exchanges.slice(0, this.#exchangesOfLost);
    return target.includes("?") && before.some((create) => create.operation === "create" && create.target === target);
  }

  /** Fresh signatures of a webhook with all active keys. */
  signaturesOf(body: string, url = this.signedUrl): string[] {
    return signWebhookBody(Buffer.from(body), url, this.parts.world.credentials.hmacKeys, systemClock.now());
  }

  /**
   * The merchant's view of an order; `undefined` while the server does not answer. Fails the case if the order is not
   * found, although it was found before or has money.
   */
  async readOrder(purchase: Purchase): Promise<OrderView | undefined> {
    const { plan, directory } = this.parts;
    if (plan.order === undefined) throw new Error("A case reads orders without needing the hook.");
    const { values, browser, paymentId, reference } = purchase;
    this.prompts.note(paymentId);
    const { baseUrl } = this;
    const timeoutMs = plan.requestLimitMs;
    try {
      const view = await readOrder(plan.order, { baseUrl, directory, values, timeoutMs, browser });
      if (view !== undefined) this.#found.add(reference);
      return view;
    } catch (error) {
      if (error instanceof OrderNotFoundError && (await this.#mustExist(purchase))) {
        fail(`The order ${reference} is gone: the server answers 404.`, "order_gone");
      }
      throw error;
    }
  }

  /** Whether only a fault of the merchant explains that an order is not found. */
  async #mustExist({ reference, paymentId }: Purchase): Promise<boolean> {
    // To a customer whose session ended, a shop may answer 404 for an order that is there.
    if (this.parts.plan.order?.asCustomer) return false;
    if (this.#found.has(reference)) return true;
    // The preflight has found an order before it was paid; so one that was paid must be there too.
    if (this.#found.size === 0 || paymentId === "") return false;
    return (await this.parts.world.payments.get(paymentId)).amounts.captured > 0;
  }

  /** Maximum time until an order shows a change, in milliseconds. */
  get orderLimitMs(): number {
    return this.parts.plan.order?.limitMs ?? 5_000;
  }

  /**
   * Waits until a condition holds.
   * @param look returns `undefined` while it does not hold.
   * @returns its result; `undefined` after the limit.
   */
  async until<T>(look: () => T | undefined | Promise<T | undefined>, limitMs: number): Promise<T | undefined> {
    const deadline = systemClock.steady() + limitMs;
    for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, lookMaxMs)) {
      const result = await look();
      if (result !== undefined || systemClock.steady() >= deadline) return result;
      await pause(waitMs, new AbortController().signal);
    }
  }
}

/** Why a view does not fulfil an expectation; `undefined` if it does. */
export function unfulfilled(view: OrderView, want: Expectation): string | undefined {
  const says = `the order says ${JSON.stringify(view.word)}`;
  if (!want.states.includes(view.state)) return `${says} (${view.state}), expected ${want.states.join(" or ")}`;
  const numbers = [
    ["fulfilments", view.effects, want.effects],
    ["paid HKD", view.paidAmount, want.paidAmount],
    ["refunded HKD", view.refundedAmount, want.refundedAmount],
  ] as const;
  for (const [name, is, expected] of numbers) {
    if (is === undefined || expected === undefined || isSameAmount(is, expected)) continue;
    return `${says} with ${is} ${name}, expected ${expected}`;
  }
  return undefined;
}

/** The root cause that a wrong view shows, whatever its case is about: goods that went out more than once. */
export function causeOf(
  view: OrderView | undefined,
  { states, effects: wanted = 0 }: Expectation,
): "fulfils_twice" | undefined {
  if (view === undefined || !states.includes(view.state)) return undefined;
  return wanted > 0 && (view.effects ?? 0) > wanted ? "fulfils_twice" : undefined;
}
