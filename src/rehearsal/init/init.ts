import { systemClock } from "../../platform/clock.ts";
import { Browser } from "../browser.ts";
import { type ApiExchange, isPerformed } from "../exchange.ts";
import { type PlanInput, readPlan, SetupError } from "../plan.ts";
import type { Purchase } from "../purchase.ts";
import { Run } from "../run.ts";
import { withSafeErrors } from "../secrets.ts";
import { openSetting } from "../setting.ts";
import { Stage } from "../stage.ts";
import { fill } from "../steps.ts";
import { Verdict } from "../verdict.ts";
import { checkoutSteps } from "./checkout-steps.ts";
import { orderFindings, type SeenOrders } from "./order-plan.ts";
import { openRecorder } from "./recorder.ts";

/** What a person says, before the checkout is recorded. */
export interface InitOptions {
  readonly webhookUrl: string;
  /** The command of the server; without it the server must run already. */
  readonly start?: string | undefined;
  /** Base of the shop's pages; by default the origin of `webhookUrl`. */
  readonly url?: string | undefined;
  /** Path of an order's page or resource, with {reference} or {number}; by default where the return leads to. */
  readonly order?: string | undefined;
  readonly directory: string;
  /** Port that the merchant knows as the provider. */
  readonly port: number;
  /** Port of the shop's copy that records; 0 takes any free one. */
  readonly recorderPort: number;
  /** Maximum time until a customer has reached the provider's page, in milliseconds. */
  readonly limitMs: number;
  /** Prints a line for the person. */
  readonly say: (line: string) => void;
}

/** A plan, and what a person should check in it. */
export interface NewPlan {
  readonly plan: PlanInput;
  readonly notes: readonly string[];
}

const requestLimitMs = 10_000;

/**
 * Makes a plan from one checkout that a person does in a browser. Then it repeats the checkout itself: it pays one
 * order and refunds it, and declines another, to learn the merchant's words. Rejects with `SetupError`.
 */
export async function initPlan(options: InitOptions): Promise<NewPlan> {
  const { webhookUrl, start, url, directory, port, say } = options;
  const base = {
    webhookUrl,
    ...(start === undefined ? {} : { start: { command: start } }),
    ...(url === undefined ? {} : { url }),
  };
  const draft = readPlan({ ...base, checkout: { command: "true" } }, "The options");
  await using setting = await openSetting({ plan: draft, directory, seed: "init", port, pastMs: 0 });
  const { run } = setting;
  await withSafeErrors(run.parts.server.start(), run);
  await run.parts.world.clock.run();
  const steps = await recordCheckout(run, options);
  const checkout = { ...base, checkout: { steps } };
  say(`Recorded ${steps.length} ${steps.length === 1 ? "request" : "requests"} of the checkout. Repeating it:`);
  const replay = new Run({ ...run.parts, plan: readPlan(checkout, "The recorded plan") });
  try {
    const learnt = await learnOrders(new Stage(replay, "init"), options);
    return { plan: { ...checkout, ...learnt.plan }, notes: learnt.notes };
  } catch (error) {
    if (!(error instanceof Verdict)) throw error;
    throw new SetupError(`The recorded checkout could not be repeated: ${error.message}`);
  }
}

/** Waits until a person has done a checkout, and returns its steps. */
async function recordCheckout(run: Run, { url, webhookUrl, recorderPort, limitMs, say }: InitOptions) {
  const shopUrl = url ?? new URL(webhookUrl).origin;
  await using recorder = await openRecorder(shopUrl, recorderPort, requestLimitMs);
  say(`Open ${recorder.url} and buy something, until the provider's page appears. Do not pay.`);
  const isMade = (exchange: ApiExchange) => exchange.operation === "create" && isPerformed(exchange);
  const create = await run.until(() => run.parts.gateway.exchanges.find(isMade), limitMs);
  if (create === undefined) {
    const refused = run.parts.gateway.exchanges.find(({ operation }) => operation === "create")?.answer;
    const why = refused === undefined ? "" : ` The sandbox refused one with ${refused.status} ${refused.body}`;
    throw new SetupError(`The shop made no payment within ${limitMs / 1000} s.${why}`);
  }
  await run.until(() => recorder.requests.every(({ response }) => response !== undefined) || undefined, requestLimitMs);
  return checkoutSteps(recorder.requests, create);
}

/** Buys twice, and compares what the order says in each state. */
async function learnOrders(stage: Stage, { order: given, say }: InitOptions) {
  const paid = await stage.checkout();
  await stage.pay(paid);
  await stage.deliverUntilTaken(await stage.notification({ purchase: paid, type: "payment" }));
  const returned = await stage.goBack(paid);
  say(`- paid order ${paid.reference}; the return leads to ${returned.url}`);
  const { path, number } = orderPath(given, returned.url, paid);
  const open = async (purchase: Purchase, browser: Browser) => {
    const found = number === undefined ? undefined : new RegExp(number).exec(purchase.returnUrl)?.[1];
    const values = { ...purchase.values, ...(found === undefined ? {} : { number: found }) };
    const target = new URL(fill(path, values, encodeURIComponent), stage.run.baseUrl).href;
    return browser.open({ method: "GET", url: target, headers: { Accept: "application/json, text/html;q=0.9" } });
  };
  const stranger = new Browser(stage.run.baseUrl, requestLimitMs);
  // A page that only the customer may see redirects to a sign-in, or is refused.
  const { status, redirects } = await open(paid, stranger);
  const asCustomer = status >= 400 || redirects.length > 0;
  const read = async (purchase: Purchase) => (await open(purchase, asCustomer ? purchase.browser : stranger)).body;
  const paidBody = await read(paid);
  const other = await stage.checkout();
  const unpaid = await read(other);
  await stage.pay(other, "decline");
  await stage.deliverUntilTaken(await stage.notification({ purchase: other, type: "payment" }));
  const failed = await read(other);
  say(`- declined order ${other.reference}`);
  await stage.world.payments.refund(paid.paymentId);
  await stage.deliverUntilTaken(await stage.notification({ purchase: paid, type: "refund" }));
  const refunded = await changed(stage, () => read(paid), paidBody);
  say(`- refunded order ${paid.reference}`);
  const seen: SeenOrders = { unpaid, paid: paidBody, failed, refunded };
  const { order, notes } = orderFindings(seen, paid.amount);
  const plan = {
    ...(number === undefined ? {} : { number }),
    ...(order === undefined
      ? {}
      : { order: { url: path, ...(asCustomer ? { asCustomer } : {}), ...order } as NonNullable<PlanInput["order"]> }),
  };
  return { plan, notes };
}

/** Reads until the text is another one, but only for a short time: an order may not show its refund. */
async function changed(stage: Stage, read: () => Promise<string>, before: string): Promise<string> {
  const limitMs = 2_000;
  const deadline = systemClock.steady() + limitMs;
  const text = await stage.until(async () => {
    const now = await read();
    return now !== before || systemClock.steady() > deadline ? now : undefined;
  }, limitMs);
  return text ?? before;
}

/** The path of an order with placeholders, and the pattern that finds its number in the `returnUrl`. */
function orderPath(given: string | undefined, landedUrl: string, { reference, returnUrl }: Purchase) {
  const { pathname, search } = new URL(landedUrl);
  const path = (given ?? pathname + search).replaceAll(reference, "{reference}");
  if (path.includes("{reference}") || path.includes("{number}")) {
    return { path, number: path.includes("{number}") ? numberPattern(returnUrl) : undefined };
  }
  const part = path.split(/[/?&=]/).find((piece) => /\d/.test(piece) && returnUrl.includes(piece));
  if (part === undefined) {
    throw new SetupError(`${landedUrl} does not name the order; use --order with {reference} or {number}.`);
  }
  return { path: path.replace(part, "{number}"), number: patternOf(returnUrl, part) };
}

/** The pattern of the last number in a URL. */
function numberPattern(url: string): string {
  const part = url.match(/\d+/g)?.at(-1);
  if (part === undefined) throw new SetupError(`The returnUrl ${url} has no number; use {reference} in --order.`);
  return patternOf(url, part);
}

function patternOf(url: string, part: string): string {
  const before = url.slice(0, url.lastIndexOf(part)).split("/").at(-1) ?? "";
  const escaped = (before === "" ? "/" : before).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const parent = url.slice(0, url.lastIndexOf(part)).split("/").at(-2) ?? "";
  return before === "" ? `/${parent}/([^/?&#]+)` : `${escaped}([^/?&#]+)`;
}
