import { z } from "zod";
import { durationMaxMs, durationMs, writeDuration } from "../../domain/duration.ts";
import { majorFromMoney } from "../../domain/money.ts";
import {
  type CatalogueScenario,
  type FaultOf,
  faultsOf,
  type ReturnPlan,
  returnPlans,
  type Scenario,
  type ScenarioName,
  type ScenarioSubject,
  scenarioNamed,
  scenarioNames,
  scenarioSubjects,
  type WebhookPlan,
  webhookPlans,
} from "../../domain/scenario.ts";
import {
  type DeclineReason,
  declineReasons,
  type PayerAction,
  payerActions,
  type RefundOutcome,
  refundOutcomes,
} from "../../domain/statuses.ts";
import { lazySchema } from "../route.ts";
import { compact } from "./fields.ts";

/** How refunds end; `after` is an ISO 8601 duration of world time from their creation. */
export interface RefundPlanSpec {
  readonly outcome?: RefundOutcome;
  readonly after?: string;
  /** The refund fails although it was done: an ISO 8601 duration of world time from its success. */
  readonly failsLate?: string;
}

/** What happens to a payment. */
export interface PaymentScenario {
  readonly on?: "payment";
  readonly outcome?: PayerAction;
  /** Why the wallet declines; only with the outcome `decline`. */
  readonly reason?: DeclineReason;
  /** Time of the outcome: an ISO 8601 duration of world time from the creation, or `payer`: when the payer pays. */
  readonly after?: string;
  /** The money arrives although the payment expired: an ISO 8601 duration of world time from the expiry. */
  readonly paidLate?: string;
  /** How the refunds of this payment end. */
  readonly refunds?: RefundPlanSpec;
  readonly webhook?: WebhookPlan;
  readonly return?: ReturnPlan;
  readonly fault?: FaultOf<"payment">;
}

/** What happens to a refund. */
export interface RefundScenario extends RefundPlanSpec {
  readonly on: "refund";
  readonly webhook?: Exclude<WebhookPlan, "before_response" | "out_of_order">;
  readonly fault?: FaultOf<"refund">;
}

/** What happens to a request that reads. */
export interface ReadScenario {
  readonly on: "read";
  readonly fault: FaultOf<"read">;
}

/** A scenario without a name, as a test spells it. */
export type ScenarioSpec = PaymentScenario | RefundScenario | ReadScenario;

/** A scenario of the catalogue, with the amount in HKD that triggers it. */
export interface CatalogueScenarioView extends Omit<PaymentScenario, "on"> {
  readonly name: ScenarioName;
  readonly amount: number;
  readonly description: string;
  readonly on: ScenarioSubject;
}

/** The schemas of exactly the members of a type. */
type MembersOf<T> = Readonly<Record<keyof T, z.ZodType>>;

const delay = lazySchema(() =>
  z
    .string()
    .refine((text) => (durationMs(text) ?? Number.POSITIVE_INFINITY) <= durationMaxMs, {
      error: "must be an ISO 8601 duration like PT5M, in weeks, days, hours, minutes and seconds",
      abort: true,
    })
    .meta({ format: "duration" })
    .transform((text) => durationMs(text) as number),
);

const after = lazySchema(() =>
  z.union([z.literal("payer"), delay()], {
    error: 'must be "payer", or an ISO 8601 duration like PT5M',
  }),
);

const mayFailLate = ({ outcome, failsLate }: { outcome?: RefundOutcome | undefined; failsLate?: unknown }) =>
  failsLate === undefined || outcome !== "fail";
const failsLateNeedsSuccess = { path: ["failsLate"], error: "requires the outcome succeed, or none" };

const refunds = lazySchema(() =>
  z
    .strictObject({
      outcome: z.enum(refundOutcomes).optional(),
      after: delay().optional(),
      failsLate: delay().optional(),
    } satisfies MembersOf<RefundPlanSpec>)
    .refine(mayFailLate, failsLateNeedsSuccess)
    .transform(({ outcome, after: afterMs, failsLate: failsLateMs }) => compact({ outcome, afterMs, failsLateMs })),
);

const hasEffect = (given: object) => Object.keys(given).length > 1;

const onPayment = lazySchema(() =>
  z
    .strictObject({
      on: z.literal("payment").default("payment"),
      outcome: z.enum(payerActions).optional(),
      reason: z.enum(declineReasons).optional(),
      after: after().optional(),
      paidLate: delay().optional(),
      refunds: refunds().optional(),
      webhook: z.enum(webhookPlans).optional(),
      return: z.enum(returnPlans).optional(),
      fault: z.enum(faultsOf("payment")).optional(),
    } satisfies MembersOf<PaymentScenario>)
    .refine(hasEffect, "must have at least one of outcome, paidLate, webhook, return, refunds and fault")
    .refine(({ reason, outcome }) => reason === undefined || outcome === "decline", {
      path: ["reason"],
      error: "requires the outcome decline",
    })
    .refine(({ paidLate, outcome = "expire" }) => paidLate === undefined || outcome === "expire", {
      path: ["paidLate"],
      error: "requires the outcome expire, or none",
    })
    .refine(({ after, outcome }) => after === undefined || outcome !== undefined, {
      path: ["after"],
      error: "requires an outcome",
    })
    .refine(({ after, webhook }) => after === undefined || webhook !== "before_response", {
      path: ["after"],
      error: "must not be combined with the webhook before_response, which decides at once",
    }),
);

const refundWebhooks = webhookPlans.filter(
  (plan): plan is NonNullable<RefundScenario["webhook"]> => plan !== "before_response" && plan !== "out_of_order",
);

const onRefund = lazySchema(() =>
  z
    .strictObject({
      on: z.literal("refund"),
      outcome: z.enum(refundOutcomes).optional(),
      after: delay().optional(),
      failsLate: delay().optional(),
      webhook: z.enum(refundWebhooks).optional(),
      fault: z.enum(faultsOf("refund")).optional(),
    } satisfies MembersOf<RefundScenario>)
    .refine(hasEffect, "must have at least one of outcome, after, failsLate, webhook and fault")
    .refine(mayFailLate, failsLateNeedsSuccess),
);

const onRead = lazySchema(() =>
  z.strictObject({ on: z.literal("read"), fault: z.enum(faultsOf("read")) } satisfies MembersOf<ReadScenario>),
);

/** Scenario objects by their subject. */
export const scenarioObjects = { payment: onPayment, refund: onRefund, read: onRead } as const;

/** A scenario after its schema: durations are in milliseconds. */
type ParsedScenario = Omit<Scenario, "afterMs" | "paidLateMs" | "failsLateMs"> & {
  readonly after?: Scenario["afterMs"];
  readonly paidLate?: Scenario["paidLateMs"];
  readonly failsLate?: Scenario["failsLateMs"];
};

/** A scenario in a request: a name of the catalogue, or an object. */
const scenarioInput = lazySchema(() =>
  z
    .unknown()
    .meta({ id: "Scenario" })
    .transform((given, context): Scenario => {
      const complain = (message: string, path: string[] = []) => {
        context.issues.push({ code: "custom", path, message, input: given });
        return z.NEVER;
      };
      if (typeof given === "string") return scenarioNamed(given) ?? complain(unknownName);
      if (typeof given !== "object" || given === null || Array.isArray(given)) {
        return complain(given === undefined ? "is missing" : "must be a name of the catalogue, or an object");
      }
      const { on = "payment" } = given as { on?: unknown };
      const subject = scenarioSubjects.find((known) => known === on);
      if (subject === undefined) return complain('must be "payment", "refund" or "read"', ["on"]);
      const parsed = scenarioObjects[subject]().safeParse(given, { reportInput: true });
      if (!parsed.success) {
        for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: issue.input } as never);
        return z.NEVER;
      }
      const { after: afterMs, paidLate: paidLateMs, failsLate: failsLateMs, ...rest } = parsed.data as ParsedScenario;
      return compact({ ...rest, afterMs, paidLateMs, failsLateMs }) as Scenario;
    }),
);

const unknownName = `is unknown: the catalogue has ${scenarioNames.join(", ")}`;

/** Body of a queued scenario, which the inspector's form uses too. */
export const nextScenarioBody = lazySchema(() =>
  z.strictObject({
    processingAccountId: z.string().optional(),
    scenario: scenarioInput(),
    times: z
      .number()
      .refine(
        (times) => Number.isInteger(times) && times >= 1 && times <= 1000,
        "must be a whole number from 1 to 1000",
      )
      .default(1),
  }),
);

/** A scenario in a response: its name, or an object. */
export function presentScenario(scenario: Scenario): ScenarioName | ScenarioSpec {
  return scenario.name ?? presentMembers(scenario);
}

function presentMembers({
  name: _,
  afterMs,
  paidLateMs,
  failsLateMs,
  refunds: planned,
  ...rest
}: Scenario): ScenarioSpec {
  const write = (ms: Scenario["afterMs"]) => (typeof ms === "number" ? writeDuration(ms) : ms);
  const refunds =
    planned &&
    compact({ outcome: planned.outcome, after: write(planned.afterMs), failsLate: write(planned.failsLateMs) });
  const times = { after: write(afterMs), paidLate: write(paidLateMs), failsLate: write(failsLateMs) };
  // The domain has one type for all subjects; the schemas above let only valid combinations in.
  return compact({ ...rest, ...times, refunds }) as ScenarioSpec;
}

/** A scenario of the catalogue: name, amount and description, with the members of its object. */
export function presentCatalogueScenario(entry: CatalogueScenario): CatalogueScenarioView {
  const { name, amount, description, scenario } = entry;
  const members = presentMembers(scenario) as Omit<PaymentScenario, "on">;
  return { name, amount: majorFromMoney(amount), description, ...members, on: scenario.on };
}
