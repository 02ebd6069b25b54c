import type { Members, RecordOf } from "./members.ts";
import { type Money, moneyFromMajor } from "./money.ts";
import type { Refusal } from "./refusal.ts";
import { catalogueEntries, type ScenarioGroup } from "./scenario-catalogue.ts";
import { declineReasons, payerActions, refundOutcomes } from "./statuses.ts";

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
  "unusual_json",
  "twin",
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
  "response_wrong_signature",
  "response_changed_redirect",
  "response_html",
  "idempotency_down",
] as const;
/** How the response to a request fails. */
export type Fault = (typeof faults)[number];

/** The faults that a request of each kind cannot have. A refund has no redirect, and a read uses no key. */
const impossibleFaults = {
  payment: [],
  refund: ["response_changed_redirect"],
  read: ["idempotency_down"],
} as const satisfies Record<ScenarioSubject, readonly Fault[]>;

/** The faults that a request of a kind can have. */
export type FaultOf<S extends ScenarioSubject> = Exclude<Fault, (typeof impossibleFaults)[S][number]>;

export function faultsOf<S extends ScenarioSubject>(subject: S): readonly FaultOf<S>[] {
  const impossible: readonly Fault[] = impossibleFaults[subject];
  return faults.filter((fault): fault is FaultOf<S> => !impossible.includes(fault));
}

/** How a refund ends, and when. */
const refundPlanMembers = {
  outcome: { optional: { oneOf: refundOutcomes } },
  /** World time from its creation to its end, in milliseconds; defaults to the world's `refundDelayMs`. */
  afterMs: { optional: "delayMs" },
  /** World time from the end of a successful refund until it fails, in milliseconds. */
  failsLateMs: { optional: "delayMs" },
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
  /** World time from the expiry of the payment until its money arrives, in milliseconds. */
  paidLateMs: { optional: "delayMs" },
  failsLateMs: refundPlanMembers.failsLateMs,
  /** How the refunds of this payment end. */
  refunds: { optional: { object: refundPlanMembers } },
  webhook: { optional: { oneOf: webhookPlans } },
  return: { optional: { oneOf: returnPlans } },
  fault: { optional: { oneOf: faults } },
} as const satisfies Members;

interface CatalogueEntry {
  readonly group: ScenarioGroup;
  /** The amount that chooses it, in major HKD. */
  readonly amount: number;
  readonly description: string;
  readonly scenario: RecordOf<typeof effectMembers>;
}

export type ScenarioName = keyof typeof catalogueEntries;
export const scenarioNames = Object.keys(catalogueEntries) as readonly ScenarioName[];

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

/** A scenario with its name and group, the amount that chooses it, and a description. */
export interface CatalogueScenario {
  readonly name: ScenarioName;
  readonly group: ScenarioGroup;
  readonly amount: Money;
  readonly description: string;
  readonly scenario: Scenario;
}

/** The named scenarios, in order. */
export const catalogue: readonly CatalogueScenario[] = Object.entries(catalogueEntries).map(
  ([name, { group, amount, description, scenario }]: [string, CatalogueEntry]) => ({
    name: name as ScenarioName,
    group,
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

/** The refusals of the faults before the commit: the request then changes nothing. */
const refusalsOfFaults = {
  server_error_before: { code: "internal_error" },
  rate_limited: { code: "rate_limited" },
  idempotency_down: { code: "idempotency_unavailable" },
} as const satisfies Partial<Record<Fault, Refusal>>;

function isBeforeCommit(fault: Fault): fault is keyof typeof refusalsOfFaults {
  return Object.hasOwn(refusalsOfFaults, fault);
}

/** Whether a fault by amount applies only to the first request with a reference, so that a retry succeeds. */
export function isOncePerReference(fault: Fault): boolean {
  // While the idempotency system is down, a retry succeeds only without a key.
  return isBeforeCommit(fault) && fault !== "idempotency_down";
}

/** The refusal of a fault before the commit; `undefined` for other faults. */
export function refusalOfFault(fault: Fault | undefined): Refusal | undefined {
  return fault !== undefined && isBeforeCommit(fault) ? refusalsOfFaults[fault] : undefined;
}

/** Whether a scenario can apply to a request with or without an idempotency key. */
export function appliesWithKey({ fault }: Scenario, hasKey: boolean): boolean {
  return hasKey || fault !== "idempotency_down";
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
  const possible: readonly Fault[] = faultsOf(subject);
  if (fault !== undefined && possible.includes(fault)) return { ...named, fault };
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
