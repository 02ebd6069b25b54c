import { isTaken } from "../courier.ts";
import type { ApiExchange } from "../exchange.ts";
import type { Notification } from "../mailbox.ts";
import type { OrderView } from "../order.ts";
import type { OrderState } from "../plan.ts";
import type { Purchase } from "../purchase.ts";
import type { Expectation } from "../run.ts";
import type { Stage } from "../stage.ts";
import { jsonOf, memberAt } from "../steps.ts";
import { fail, warn } from "../verdict.ts";

/** The right end of a purchase that was paid. */
export function paidOnce({ amount }: Purchase): Expectation {
  return { states: ["paid"], effects: 1, paidAmount: amount };
}

/** A sentence of the rule of each case that lets two pieces of work meet at the API. */
export const heldRule =
  "A server that sends no request to the API cannot be held: both then only start at the same time, which finds a " +
  "race by chance, and the timeline says so.";

/** Delivers a notification again, as the provider does, if the merchant took none of its deliveries. */
export async function deliverAgainUnlessTaken(
  stage: Stage,
  notification: Notification,
  answers: readonly { readonly status: number }[],
): Promise<void> {
  if (!answers.some(isTaken)) await stage.deliverUntilTaken(notification);
}

/** Whether a request of the merchant is about this purchase, or is for a list that has it. */
export function isAbout({ paymentId, reference, create }: Purchase, { method, target, body }: ApiExchange): boolean {
  if (method === "GET" && /^\/v1\/(payments|transactions)(?=\?|$)(?!.*merchantReference=)/.test(target)) return true;
  const trackingUrl = memberAt(jsonOf(create.answer?.body ?? ""), "/trackingUrl");
  const names = [paymentId, reference, ...(typeof trackingUrl === "string" ? [trackingUrl] : [])];
  return names.some((name) => target.includes(name)) || memberAt(jsonOf(body), "/merchantReference") === reference;
}

/** What may differ where an order must become paid. */
interface PaidOptions {
  /** Root cause of an order that does not become paid. */
  readonly lost?: string;
  /** States that are right too, without a fulfilment that is counted. */
  readonly or?: readonly OrderState[];
}

/**
 * Expects that the order becomes paid by itself, with one fulfilment. If only the merchant's jobs make it paid, the
 * case warns. Otherwise it fails.
 * @param sentence what is wrong if it is not so.
 */
export async function expectPaidOnce(
  stage: Stage,
  purchase: Purchase,
  sentence: string,
  { lost = "loses_payment", or = [] }: PaidOptions = {},
): Promise<void> {
  const isRight = ({ state }: OrderView) => state === "paid" || or.includes(state);
  const end = () =>
    stage.until(async () => {
      const view = await stage.run.readOrder(purchase);
      return view !== undefined && isRight(view) ? view.state : undefined;
    });
  const expectEnd = (state: OrderState | undefined) => {
    const want = state === undefined || state === "paid" ? paidOnce(purchase) : { states: or };
    return stage.expect(purchase, want, sentence, lost);
  };
  const state = await end();
  if (state !== undefined) return expectEnd(state);
  const { word } = await stage.order(purchase);
  if (!stage.has("jobs")) fail(`${sentence}: the order says ${JSON.stringify(word)}.`, lost);
  await stage.act("jobs");
  await expectEnd(await end());
  warn(`${sentence}: the order says ${JSON.stringify(word)} until the jobs of the server run.`, "waits_for_jobs");
}

/**
 * Ends a case about goods that go out twice with a warning, if the plan shows no number of fulfilments. Call it last:
 * the order is paid, and more cannot be seen.
 */
export function requireCounted(stage: Stage): void {
  if (stage.has("effects")) return;
  warn("The order is paid, but fulfilments were not counted: add order.effects.", "not_counted");
}
