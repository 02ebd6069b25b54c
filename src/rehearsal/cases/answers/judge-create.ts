import { Browser } from "../../browser.ts";
import type { ApiExchange, ApiFault } from "../../exchange.ts";
import { type CheckoutAttempt, type Purchase, purchaseOf } from "../../purchase.ts";
import type { Stage } from "../../stage.ts";
import { jsonOf, memberAt } from "../../steps.ts";
import { fail } from "../../verdict.ts";
import { paidOnce } from "../paid-once.ts";

/** How the answer to a create is disturbed, and what is wrong at once. */
export interface CreateTrial {
  readonly fault: ApiFault;
  /** Number of creates that the fault applies to, until the first checkout has ended. */
  readonly times?: number;
  /** Time after the fault in which the merchant must send nothing, so that the customer waits too, in milliseconds. */
  readonly lockMs?: number;
  /** Throws a verdict if the merchant used an answer that it must not use. */
  readonly examine?: (attempt: CheckoutAttempt, applied: readonly ApiExchange[]) => void;
}

/**
 * Disturbs the answers to the creates of a checkout. If the merchant shows an error, the customer tries again. There
 * must be one payment that can be paid, and when it is paid the order must be paid once.
 * @returns the requests that the fault was applied to.
 */
export async function judgeCreate(
  stage: Stage,
  { fault, times = 1, lockMs = 0, examine = () => undefined }: CreateTrial,
): Promise<readonly ApiExchange[]> {
  const planned = stage.fault("create", fault, times);
  const { requestLimitMs } = stage.plan;
  // The customer waits longer than the provider.
  const browser = new Browser(stage.run.baseUrl, requestLimitMs + (fault.delayMs ?? 0));
  const first = await stage.tryCheckout({ browser });
  planned.end();
  stage.requireApplied(planned, "the checkout creates no payment");
  const { applied } = planned;
  await waitForUnlock(stage, applied, lockMs);
  examine(first, applied);
  const purchase = purchaseIn(stage, first) ?? (await tryAgain(stage, first, { applied, examine }));
  await requireOnePayment(stage);
  await stage.complete(purchase);
  const want = paidOnce(purchase);
  await stage.expect(purchase, want, `After ${fault.name} the customer has paid, and the order is wrong`);
  return applied;
}

/**
 * Waits until the lock of the merchant is over, so that the customer's next attempt, and the next case, can reach the
 * API. A create after that time shows that the merchant has waited by itself.
 */
async function waitForUnlock(stage: Stage, applied: readonly ApiExchange[], lockMs: number): Promise<void> {
  const endTime = (applied.at(-1)?.startTime ?? 0) + lockMs;
  if (lockMs === 0 || stage.exchanges("create").some(({ startTime }) => startTime >= endTime)) return;
  // Not only until the end time: the merchant counts from the moment at which it read the answer.
  stage.note(`the customer waits ${lockMs} ms`);
  await stage.pause(lockMs);
}

/** Whether the merchant received what the sandbox answered, and the sandbox made or repeated a payment. */
export function isGenuine({ answer, received }: ApiExchange): boolean {
  return answer !== undefined && answer === received && answer.status < 300;
}

const referenceOf = ({ body }: ApiExchange) => String(memberAt(jsonOf(body), "/merchantReference") ?? "");

/** The purchase of an attempt in which the customer saw no error; `undefined` if there is none. */
function purchaseIn(stage: Stage, attempt: CheckoutAttempt, creates = attempt.creates): Purchase | undefined {
  const { status = 0 } = attempt.answers.at(-1) ?? {};
  const create = creates.findLast(isGenuine);
  if (create === undefined || status === 0 || status >= 400) return undefined;
  return stage.purchaseFrom({ ...attempt, creates: [create] });
}

/** The customer tries again: with the hook `payAgain`, and else with another checkout in the same browser. */
async function tryAgain(
  stage: Stage,
  first: CheckoutAttempt,
  { applied, examine }: { readonly applied: readonly ApiExchange[] } & Required<Pick<CreateTrial, "examine">>,
): Promise<Purchase> {
  const create = applied.at(-1);
  if (stage.has("payAgain") && create !== undefined) {
    const attempt = await stage.payAgain(purchaseOf(first, create, stage.plan.number));
    examine(attempt, applied);
    // The merchant may send the customer to a payment whose answer it received after the error.
    const creates = stage.exchanges("create").filter((one) => referenceOf(one) === referenceOf(create));
    const purchase = purchaseIn(stage, attempt, creates);
    if (purchase !== undefined) return purchase;
    // A shop may have dropped the order after the error, but the button must not fail.
    const { status = 0 } = attempt.answers.at(-1) ?? {};
    if (status === 0 || status >= 500) failRetry(attempt, create);
  }
  const attempt = await stage.tryCheckout({ browser: first.browser });
  examine(attempt, applied);
  return purchaseIn(stage, attempt) ?? failRetry(attempt, create);
}

function failRetry({ answers }: CheckoutAttempt, create: ApiExchange | undefined): never {
  const { status, body, error } = answers.at(-1) ?? { status: 0, body: "", error: "no response" };
  fail(
    `After ${create?.fault} the customer tries again and cannot pay; the last response was ${error ?? status} ` +
      body.slice(0, 200),
    "cannot_pay_again",
  );
}

/** Fails the case if an order has two payments that can be paid. */
export async function requireOnePayment(stage: Stage): Promise<void> {
  const payments = new Map<string, Set<string>>();
  for (const create of stage.exchanges("create")) {
    const { status = 0, body = "" } = create.answer ?? {};
    if (status === 0 || status >= 300) continue;
    const ids = payments.get(referenceOf(create)) ?? new Set();
    payments.set(referenceOf(create), ids.add(String(memberAt(jsonOf(body), "/id"))));
  }
  for (const [reference, ids] of payments) {
    const found = await Promise.all([...ids].map((id) => stage.world.payments.get(id)));
    const payable = found.filter(({ status }) => status === "pending").map(({ id }) => id);
    if (payable.length < 2) continue;
    fail(
      `The order ${reference} has ${payable.length} payments that can be paid: ${payable.join(", ")}.`,
      "two_payments",
    );
  }
}
