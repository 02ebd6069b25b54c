import type { Members, RecordOf } from "./members.ts";
import { type Money, moneyFromMajor } from "./money.ts";
import type { Refusal } from "./refusal.ts";
import { type DeclineReason, declineReasons, payerActions, refundOutcomes } from "./statuses.ts";

export const scenarioSubjects = ["payment", "refund", "read"] as const;
/** The request that a scenario applies to: the creation of a payment, the creation of a refund, or a read. */
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
/** How the delivery of a notification is changed. */
export type WebhookPlan = (typeof webhookPlans)[number];

export const returnPlans = ["never", "lying", "by_post"] as const;
/** How the browser's return to the merchant fails. */
export type ReturnPlan = (typeof returnPlans)[number];

export const faults = [
  "response_lost",
  "server_error_before",
  "server_error_after",
  "rate_limited",
  "slow_response",
] as const;
/** How the response to a request fails. */
export type Fault = (typeof faults)[number];

/** How a refund ends, and when. */
const refundPlanMembers = {
  outcome: { optional: { oneOf: refundOutcomes } },
  /** World time from its creation to its end, in milliseconds; defaults to the world's `refundDelayMs`. */
  afterMs: { optional: "delayMs" },
} as const satisfies Members;

const effectMembers = {
  /** How the payment or the refund ends. */
  outcome: { optional: { oneOf: [...payerActions, ...refundOutcomes] } },
  /** Why the wallet declines. */
  reason: { optional: { oneOf: declineReasons } },
  /**
   * World time from the creation to the outcome, in milliseconds; `payer`: when the payer confirms. Defaults to the
   * world's `outcomeDelayMs`, or `refundDelayMs` for a refund.
   */
  afterMs: { optional: { either: ["delayMs", { oneOf: ["payer"] }] } },
  /** How the refunds of this payment end. */
  refunds: { optional: { object: refundPlanMembers } },
  webhook: { optional: { oneOf: webhookPlans } },
  return: { optional: { oneOf: returnPlans } },
  fault: { optional: { oneOf: faults } },
} as const satisfies Members;

interface CatalogueEntry {
  /** The amount that chooses it, in major HKD. */
  readonly amount: number;
  readonly description: string;
  readonly scenario: RecordOf<typeof effectMembers>;
}

const paid = { outcome: "pay" } as const;
const declined = (reason: DeclineReason) => ({ outcome: "decline", reason }) as const;
const slowRefundMs = 5 * 60_000;

/** The named scenarios. [ours] */
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
export const scenarioNames = Object.keys(entries) as readonly ScenarioName[];

const scenarioMembers = {
  /** The name in the catalogue; absent for a scenario of a test. */
  name: { optional: { oneOf: scenarioNames } },
  on: { oneOf: scenarioSubjects },
  ...effectMembers,
} as const satisfies Members;

/** What happens to a request and to what it creates. [ours] */
export interface Scenario extends RecordOf<typeof scenarioMembers> {}

/** What chose a scenario, in order of precedence. */
export const scenarioTriggers = ["header", "queue", "amount"] as const;
export type ScenarioTrigger = (typeof scenarioTriggers)[number];

export const appliedScenarioMembers = {
  scenario: { object: scenarioMembers },
  trigger: { oneOf: scenarioTriggers },
} as const satisfies Members;

/** A scenario that applied to a request, and what chose it. */
export interface AppliedScenario extends RecordOf<typeof appliedScenarioMembers> {}

/** A scenario with its name, the amount that chooses it, and a description. */
export interface CatalogueScenario {
  readonly name: ScenarioName;
  readonly amount: Money;
  readonly description: string;
  readonly scenario: Scenario;
}

/** The named scenarios, in order. */
export const catalogue: readonly CatalogueScenario[] = Object.entries(entries).map(
  ([name, { amount, description, scenario }]: [string, CatalogueEntry]) => ({
    name: name as ScenarioName,
    amount: moneyFromMajor(amount) as Money,
    description,
    scenario: { name: name as ScenarioName, on: "payment", ...scenario },
  }),
);

/** Returns the scenario with that name. */
export function scenarioNamed(name: string): Scenario | undefined {
  return catalogue.find((entry) => entry.name === name)?.scenario;
}

/** Returns the scenario that an amount chooses. */
export function scenarioOfAmount(amount: Money): Scenario | undefined {
  return catalogue.find((entry) => entry.amount === amount)?.scenario;
}

/** Whether a fault happens before the commit: the request then changes nothing. */
export function isBeforeCommit(fault: Fault): fault is "server_error_before" | "rate_limited" {
  return fault === "server_error_before" || fault === "rate_limited";
}

/** The refusal of a fault before the commit; `undefined` for other faults. */
export function refusalOfFault(fault: Fault | undefined): Refusal | undefined {
  if (fault === undefined || !isBeforeCommit(fault)) return undefined;
  return { code: fault === "rate_limited" ? "rate_limited" : "internal_error" };
}

/**
 * Converts a scenario for a request of another kind. The fault of a payment scenario applies to every kind, its refund
 * plan to refunds.
 * @returns `undefined` if the scenario has no effect on such a request.
 */
export function scenarioFor(subject: ScenarioSubject, scenario: Scenario): Scenario | undefined {
  if (scenario.on === subject) return scenario;
  const { name, fault, refunds } = scenario;
  const named = { ...(name === undefined ? {} : { name }), on: subject };
  if (fault !== undefined) return { ...named, fault };
  if (subject === "refund" && refunds !== undefined) return { ...named, ...refunds };
  return undefined;
}

export const queuedScenarioMembers = {
  id: "ksuid",
  processingAccountId: "ksuid",
  scenario: { object: scenarioMembers },
  /** The number of requests that it still applies to. */
  times: "positiveCount",
} as const satisfies Members;

/** A scenario in the queue of its world. */
export interface QueuedScenario extends RecordOf<typeof queuedScenarioMembers> {}

export const consumedAmountFaultMembers = {
  id: "string",
  processingAccountId: "ksuid",
} as const satisfies Members;

/**
 * A fault that an amount chose and that left no payment. The next request with the same merchant reference is not
 * affected. [ours]
 */
export interface ConsumedAmountFault extends RecordOf<typeof consumedAmountFaultMembers> {}

export function consumedAmountFaultId(
  processingAccountId: string,
  merchantReference: string,
  name: ScenarioName,
): string {
  return JSON.stringify([processingAccountId, merchantReference, name]);
}
