import { z } from "zod";
import { groups, severities } from "../case.ts";
import { hookHelp, SetupError } from "../plan.ts";
import type { RehearsalResult } from "../result.ts";
import { reasonsNotJudged } from "../verdict.ts";
import { redacted } from "./texts.ts";

/** Version of the format. A reader refuses others. */
const format = 1;

const keysOf = <T extends object>(record: T) => Object.keys(record) as [keyof T & string, ...(keyof T & string)[]];

const count = z.number().nonnegative();
const acceptance = z.object({ reason: z.string(), until: z.iso.date() });

const timelineEntry = z.object({
  atMs: count,
  actor: z.enum(["payer", "merchant", "provider", "rehearsal"]),
  text: z.string(),
  detail: z.string().exactOptional(),
});

const caseResult = z.object({
  id: z.string(),
  group: z.enum(keysOf(groups)),
  title: z.string(),
  severity: z.enum(severities),
  verdict: z.enum(["pass", "warn", "fail", "not_judged"]),
  reason: z.enum(reasonsNotJudged).exactOptional(),
  missing: z.array(z.enum(keysOf(hookHelp))).exactOptional(),
  sentence: z.string().exactOptional(),
  cause: z.string(),
  durationMs: count,
  timeline: z.array(timelineEntry),
  accepted: acceptance.exactOptional(),
  isNew: z.boolean().exactOptional(),
});

const finding = z.object({
  cause: z.string(),
  verdict: z.enum(["fail", "warn"]),
  severity: z.enum(severities),
  sentence: z.string(),
  advice: z.string(),
  cases: z.array(z.string()),
  isAccepted: z.boolean().exactOptional(),
});

const report = z.object({
  format: z.literal(format),
  version: z.string(),
  seed: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: count,
  outcome: z.enum(["pass", "fail", "incomplete"]),
  seesOrders: z.boolean(),
  preflight: z.array(z.object({ id: z.string(), sentence: z.string(), advice: z.string() })),
  cases: z.array(caseResult),
  findings: z.array(finding),
});

/** The result as a JSON document, without secrets and signatures. */
export function jsonReport(result: RehearsalResult): object {
  return { format, ...redactedMembers(result) };
}

/** Reads such a document. Throws `SetupError`. @param origin names the document in the error. */
export function readJsonReport(text: string, origin: string): RehearsalResult {
  const parsed = report.safeParse(jsonOf(text, origin));
  if (parsed.success) {
    const { format: _, ...result } = parsed.data;
    return result;
  }
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the document";
  throw new SetupError(`${origin} is not a JSON report of a rehearsal. ${where}: ${issue?.message}.`);
}

/** Parses JSON. Throws `SetupError`. */
export function jsonOf(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SetupError(`${origin} is not valid JSON: ${(error as Error).message}.`);
  }
}

function redactedMembers<T>(value: T): T {
  if (typeof value === "string") return redacted(value) as T;
  if (Array.isArray(value)) return value.map(redactedMembers) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, redactedMembers(member)])) as T;
}
