import { type Money, moneyFromMajor } from "./money.ts";
import { type DeclineReason, minimumPayment, type PayerAction } from "./payment.ts";
import type { RefundOutcome } from "./refund.ts";

export const scenarioSubjects = ["payment", "refund", "read"] as const;
/** What a scenario strikes: a payment that is created, a refund that is created, or one of them that is read. */
export type ScenarioSubject = (typeof scenarioSubjects)[number];

export const webhookPlans = [
  "twice",
  "late",
  "never",
  "before_response",
  "bad_signature",
  "expired_signature",
  "out_of_order",
  "amount_mismatch",
] as const;
/** What goes wrong with the notification. */
export type WebhookPlan = (typeof webhookPlans)[number];

export const returnPlans = ["never", "lying", "by_post"] as const;
/** What goes wrong with the browser's way back to the merchant. */
export type ReturnPlan = (typeof returnPlans)[number];

export const faults = [
  "response_lost",
  "server_error_before",
  "server_error_after",
  "rate_limited",
  "slow_response",
] as const;
/** What goes wrong with the answer. */
export type Fault = (typeof faults)[number];

/** How a refund ends, and when. */
export interface RefundPlan {
  readonly outcome?: RefundOutcome;
  /** After its creation, in milliseconds of world time; without it, the world's `refundDelayMs`. */
  readonly afterMs?: number;
}

/** What is to happen. [ours] */
export interface Scenario {
  /** Its name in the catalogue; one of a test's own has none. */
  readonly name?: ScenarioName;
  readonly on: ScenarioSubject;
  /** How the payment or the refund ends. */
  readonly outcome?: PayerAction | RefundOutcome;
  /** Why the wallet declines. */
  readonly reason?: DeclineReason;
  /**
   * When, after the creation, in milliseconds of world time; `payer`: when the payer wants to pay. Without it, the
   * world's `outcomeDelayMs`, or `refundDelayMs` for a refund.
   */
  readonly afterMs?: number | "payer";
  /** How the refunds of this payment end. */
  readonly refunds?: RefundPlan;
  readonly webhook?: WebhookPlan;
  readonly return?: ReturnPlan;
  readonly fault?: Fault;
}

/** What chose a scenario, in order of precedence. */
export type ScenarioTrigger = "header" | "queue" | "amount";

/** A scenario that struck, and what chose it. */
export interface AppliedScenario {
  readonly scenario: Scenario;
  readonly trigger: ScenarioTrigger;
}

interface CatalogueEntry {
  /** The amount that chooses it, in major HKD. */
  readonly amount: number;
  readonly description: string;
  readonly scenario: Omit<Scenario, "name" | "on">;
}

const paid = { outcome: "pay" } as const;
const declined = (reason: DeclineReason) => ({ outcome: "decline", reason }) as const;
const slowRefundMs = 5 * 60_000;

/** Every scenario that has a name. [ours] */
const entries = {
  paid: { amount: 8888.9, description: "captured without a payer, unless the payer acts first", scenario: paid },
  declined_insufficient_funds: {
    amount: 8888.01,
    description: "declined: the wallet has too little money",
    scenario: declined("insufficient_funds"),
  },
  declined_limit_exceeded: {
    amount: 8888.02,
    description: "declined: above a limit of the wallet",
    scenario: declined("limit_exceeded"),
  },
  declined_risk: {
    amount: 8888.03,
    description: "declined: the wallet's risk control refuses",
    scenario: declined("risk_rejected"),
  },
  declined: { amount: 8888.04, description: "declined by the wallet", scenario: declined("payment_declined") },
  cancelled_by_consumer: {
    amount: 8888.05,
    description: "aborted: the payer cancels",
    scenario: { outcome: "cancel" },
  },
  expired: { amount: 8888.06, description: "aborted: the payer does not pay in time", scenario: { outcome: "expire" } },
  failed: { amount: 8888.07, description: "failed: it could not be processed", scenario: { outcome: "fail" } },
  paid_never_returns: {
    amount: 8888.1,
    description: "captured, and the browser does not go back to the merchant",
    scenario: { ...paid, return: "never" },
  },
  lying_return: {
    amount: 8888.11,
    description: "declined, but the browser goes back with status=captured and an amount in the query",
    scenario: { ...declined("payment_declined"), return: "lying" },
  },
  return_by_post: {
    amount: 8888.12,
    description: "captured, and the browser goes back by POST",
    scenario: { ...paid, return: "by_post" },
  },
  webhook_twice: {
    amount: 8888.2,
    description: "captured; the notification is sent again as soon as its first attempt ends",
    scenario: { ...paid, webhook: "twice" },
  },
  webhook_late: {
    amount: 8888.21,
    description: "captured; the notification's first attempt starts 10 minutes later",
    scenario: { ...paid, webhook: "late" },
  },
  webhook_never: {
    amount: 8888.22,
    description: "captured; the notification is suppressed until somebody resends it",
    scenario: { ...paid, webhook: "never" },
  },
  webhook_before_response: {
    amount: 8888.23,
    description:
      "captured at once; the answer to the creation is held until the notification was attempted, 5 s at most",
    scenario: { ...paid, webhook: "before_response" },
  },
  webhook_bad_signature: {
    amount: 8888.24,
    description: "captured; the first attempt's signature is wrong, and those after it are right",
    scenario: { ...paid, webhook: "bad_signature" },
  },
  webhook_expired_signature: {
    amount: 8888.25,
    description: "captured; the first attempt's signature has expired, and those after it have not",
    scenario: { ...paid, webhook: "expired_signature" },
  },
  webhook_out_of_order: {
    amount: 8888.26,
    description: "captured; the notification is held until its first refund's was attempted, 24 hours at most",
    scenario: { ...paid, webhook: "out_of_order" },
  },
  webhook_amount_mismatch: {
    amount: 8888.27,
    description: "captured; the amount in the notification is 1.00 too low",
    scenario: { ...paid, webhook: "amount_mismatch" },
  },
  refund_fails: {
    amount: 8888.3,
    description: "captured; its refunds fail",
    scenario: { ...paid, refunds: { outcome: "fail" } },
  },
  refund_slow: {
    amount: 8888.31,
    description: "captured; its refunds take 5 minutes",
    scenario: { ...paid, refunds: { afterMs: slowRefundMs } },
  },
  response_lost: {
    amount: 8888.4,
    description: "created, and then the connection is cut",
    scenario: { fault: "response_lost" },
  },
  server_error_before: {
    amount: 8888.41,
    description: "500, and nothing was created",
    scenario: { fault: "server_error_before" },
  },
  server_error_after: {
    amount: 8888.42,
    description: "created, and answered with 500",
    scenario: { fault: "server_error_after" },
  },
  rate_limited: {
    amount: 8888.43,
    description: "429 with Retry-After: 1, and nothing was created",
    scenario: { fault: "rate_limited" },
  },
  slow_response: {
    amount: 8888.44,
    description: "created, and answered after 10 seconds of real time",
    scenario: { fault: "slow_response" },
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ScenarioName = keyof typeof entries;

/** A scenario with its name, the amount that chooses it, and what it does in words. */
export interface CatalogueScenario {
  readonly name: ScenarioName;
  readonly amount: Money;
  readonly description: string;
  readonly scenario: Scenario;
}

/** The catalogue, in its order. */
export const catalogue: readonly CatalogueScenario[] = Object.entries(entries).map(
  ([name, { amount, description, scenario }]: [string, CatalogueEntry]) => ({
    name: name as ScenarioName,
    amount: moneyFromMajor(amount) as Money,
    description,
    scenario: { name: name as ScenarioName, on: "payment", ...scenario },
  }),
);

export const scenarioNames: readonly ScenarioName[] = catalogue.map(({ name }) => name);

/** The scenario of a name, if the catalogue has it. */
export function scenarioNamed(name: string): Scenario | undefined {
  return catalogue.find((entry) => entry.name === name)?.scenario;
}

/** The scenario that an amount chooses. */
export function scenarioOfAmount(amount: Money): Scenario | undefined {
  return catalogue.find((entry) => entry.amount === amount)?.scenario;
}

/** Faults that strike before anything is committed: the request leaves nothing. */
export function isBeforeCommit(fault: Fault): fault is "server_error_before" | "rate_limited" {
  return fault === "server_error_before" || fault === "rate_limited";
}

/**
 * A named scenario of payments as a request of another kind can carry it in its header: the fault alone, and for a refund
 * what is planned for refunds.
 * @returns `undefined` where the scenario has nothing for such a request.
 */
export function scenarioFor(subject: ScenarioSubject, scenario: Scenario): Scenario | undefined {
  if (scenario.on === subject) return scenario;
  const { name, fault, refunds } = scenario;
  const named = { ...(name === undefined ? {} : { name }), on: subject };
  if (fault !== undefined) return { ...named, fault };
  if (subject === "refund" && refunds !== undefined) return { ...named, ...refunds };
  return undefined;
}

const lateMs = 10 * 60_000;
const heldMaxMs = 24 * 3_600_000;

/** How long after its creation a notification's first attempt is due, in milliseconds of world time. */
export function webhookDelayMs(plan: WebhookPlan | undefined): number {
  if (plan === "late") return lateMs;
  return plan === "out_of_order" ? heldMaxMs : 0;
}

const mismatch = moneyFromMajor(1) as Money;

/** The amount that a notification tells where it is to tell a wrong one: 1.00 lower, or higher where nothing would be left. */
export function mismatchedAmount(amount: Money): Money {
  const lower = amount - mismatch;
  return (lower >= minimumPayment ? lower : amount + mismatch) as Money;
}

/** A scenario that waits for its turn, and how many times it still has. */
export interface QueuedScenario {
  readonly id: string;
  readonly processingAccountId: string;
  readonly scenario: Scenario;
  readonly times: number;
}

/** That a fault before the commit struck a reference by its amount: the next request with it goes through. [ours] */
export interface ConsumedAmountFault {
  readonly id: string;
  readonly processingAccountId: string;
}

export function consumedAmountFaultId(
  processingAccountId: string,
  merchantReference: string,
  name: ScenarioName,
): string {
  return JSON.stringify([processingAccountId, merchantReference, name]);
}
