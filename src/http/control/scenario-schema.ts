import { z } from "zod";
import { durationMs, writeDuration } from "../../domain/duration.ts";
import { majorFromMoney } from "../../domain/money.ts";
import {
  type CatalogueScenario,
  faults,
  returnPlans,
  type Scenario,
  scenarioNamed,
  scenarioNames,
  scenarioSubjects,
  webhookPlans,
} from "../../domain/scenario.ts";
import { declineReasons, payerActions, refundOutcomes } from "../../domain/statuses.ts";

/** Longer than any payment lives. */
const afterMaxMs = 100 * 365 * 86_400_000;

const delay = z
  .string()
  .refine((text) => (durationMs(text) ?? Number.POSITIVE_INFINITY) <= afterMaxMs, {
    error: "must be an ISO 8601 duration like PT5M, in weeks, days, hours, minutes and seconds",
    abort: true,
  })
  .meta({ format: "duration" })
  .transform((text) => durationMs(text) as number);

const after = z.union([z.literal("payer"), delay], {
  error: 'must be "payer", or an ISO 8601 duration like PT5M',
});

const refunds = z
  .strictObject({ outcome: z.enum(refundOutcomes).optional(), after: delay.optional() })
  .transform(({ outcome, after: afterMs }) => compact({ outcome, afterMs }));

const saysSomething = (given: object) => Object.keys(given).length > 1;
const nothing = "must say what is to happen: outcome, webhook, return, refunds or fault";

const onPayment = z
  .strictObject({
    on: z.literal("payment").default("payment"),
    outcome: z.enum(payerActions).optional(),
    reason: z.enum(declineReasons).optional(),
    after: after.optional(),
    refunds: refunds.optional(),
    webhook: z.enum(webhookPlans).optional(),
    return: z.enum(returnPlans).optional(),
    fault: z.enum(faults).optional(),
  })
  .refine(saysSomething, nothing)
  .refine(({ reason, outcome }) => reason === undefined || outcome === "decline", {
    path: ["reason"],
    error: "goes with the outcome decline alone",
  })
  .refine(({ after, outcome }) => after === undefined || outcome !== undefined, {
    path: ["after"],
    error: "goes with an outcome alone",
  })
  .refine(({ after, webhook }) => after === undefined || webhook !== "before_response", {
    path: ["after"],
    error: "does not go with the webhook before_response, which decides at once",
  });

const refundWebhooks = ["twice", "late", "never", "bad_signature", "expired_signature", "amount_mismatch"] as const;

const onRefund = z
  .strictObject({
    on: z.literal("refund"),
    outcome: z.enum(refundOutcomes).optional(),
    after: delay.optional(),
    webhook: z.enum(refundWebhooks).optional(),
    fault: z.enum(faults).optional(),
  })
  .refine(saysSomething, "must say what is to happen: outcome, after, webhook or fault");

const onRead = z.strictObject({ on: z.literal("read"), fault: z.enum(faults) });

/** The objects, by what they are on. */
export const scenarioObjects = { payment: onPayment, refund: onRefund, read: onRead } as const;

/** A scenario as requests spell it: a name of the catalogue, or an object. */
const scenarioInput = z
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
    const parsed = scenarioObjects[subject].safeParse(given, { reportInput: true });
    if (!parsed.success) {
      for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: issue.input } as never);
      return z.NEVER;
    }
    const { after: afterMs, ...rest } = parsed.data as Omit<Scenario, "afterMs"> & { after?: Scenario["afterMs"] };
    return compact({ ...rest, afterMs }) as Scenario;
  });

const unknownName = `is unknown: the catalogue has ${scenarioNames.join(", ")}`;

function compact<T extends object>(members: T): { [M in keyof T]: Exclude<T[M], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

/** A scenario to be queued. */
export const nextScenarioBody = z.strictObject({
  processingAccountId: z.string().optional(),
  scenario: scenarioInput,
  times: z
    .number()
    .refine((times) => Number.isInteger(times) && times >= 1 && times <= 1000, "must be a whole number from 1 to 1000")
    .default(1),
});

/** A scenario as answers spell it: its name, or the object. */
export function presentScenario(scenario: Scenario): string | object {
  return scenario.name ?? presentParts(scenario);
}

function presentParts({ name: _, afterMs, refunds: planned, ...rest }: Scenario): object {
  const write = (ms: Scenario["afterMs"]) => (typeof ms === "number" ? writeDuration(ms) : ms);
  return compact({
    ...rest,
    after: write(afterMs),
    refunds: planned && compact({ outcome: planned.outcome, after: write(planned.afterMs) }),
  });
}

/** A scenario of the catalogue: its name, the amount that chooses it, what it does, and the object that it stands for. */
export function presentCatalogueScenario({ name, amount, description, scenario }: CatalogueScenario): object {
  return { name, amount: majorFromMoney(amount), description, ...presentParts(scenario) };
}
