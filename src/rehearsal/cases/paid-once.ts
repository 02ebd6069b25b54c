import { isTaken } from "../courier.ts";
import type { ApiExchange } from "../exchange.ts";
import type { Notification } from "../mailbox.ts";
import type { Purchase } from "../purchase.ts";
import type { Expectation } from "../run.ts";
import type { Stage } from "../stage.ts";
import { jsonOf, memberAt } from "../steps.ts";
import { fail, warn } from "../verdict.ts";

/** The right end of a purchase that was paid. */
export function paidOnce({ amount }: Purchase): Expectation {
  return { states: ["paid"], effects: 1, paidAmount: amount };
}

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

/**
 * Expects that the order becomes paid by itself, with one fulfilment. If only the merchant's jobs make it paid, the
 * case warns. Otherwise it fails.
 * @param sentence what is wrong if it is not so.
 * @param causes root causes of an order that does not become paid, and of one that is fulfilled more than once.
 */
export async function expectPaidOnce(
  stage: Stage,
  purchase: Purchase,
  sentence: string,
  { lost = "loses_payment", twice = "fulfils_twice" }: { readonly lost?: string; readonly twice?: string } = {},
): Promise<void> {
  const isPaid = await stage.until(async () =>
    (await stage.run.readOrder(purchase))?.state === "paid" ? true : undefined,
  );
  if (isPaid) return stage.expect(purchase, paidOnce(purchase), sentence, twice);
  const { word } = await stage.order(purchase);
  if (!stage.has("jobs")) fail(`${sentence}: the order says ${JSON.stringify(word)}.`, lost);
  await stage.act("jobs");
  await stage.expect(purchase, paidOnce(purchase), sentence, lost);
  warn(`${sentence}: the order says ${JSON.stringify(word)} until the jobs of the server run.`, "waits_for_jobs");
}
