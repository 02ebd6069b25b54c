import { z } from "zod";
import { cases as allCases } from "./cases.ts";
import { SetupError } from "./plan.ts";
import { jsonOf } from "./report/json.ts";
import { type CaseResult, findingsOf, outcomeOf, type RehearsalResult } from "./result.ts";

/** The whole of a baseline file. */
const baselineSchema = z.strictObject({
  $schema: z.string().optional(),
  accept: z.array(
    z.strictObject({
      case: z.string().min(1).meta({ description: "Id of a case." }),
      reason: z.string().trim().min(1).meta({ description: "Why the failure is accepted." }),
      until: z.iso.date().meta({ description: "The last day on which it is accepted, in UTC." }),
    }),
  ),
});

/** Known failures that do not fail a run until a day. */
export type Baseline = z.output<typeof baselineSchema>;
type Entry = Baseline["accept"][number];

const dayMs = 24 * 60 * 60_000;

/**
 * Reads a baseline. Throws `SetupError`, also for a case that is unknown or occurs twice.
 * @param origin names the file in the error.
 */
export function readBaseline(text: string, origin: string): Baseline {
  const parsed = baselineSchema.safeParse(jsonOf(text, origin));
  if (!parsed.success) {
    const complaints = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
    throw new SetupError(`${origin} is not a baseline. ${complaints.join("; ")}.`);
  }
  const seen = new Set<string>();
  for (const { case: id } of parsed.data.accept) {
    const name = JSON.stringify(id);
    if (!allCases.some((one) => one.id === id)) {
      throw new SetupError(`${origin} accepts the case ${name}, which is unknown; --list names all.`);
    }
    if (seen.has(id)) throw new SetupError(`${origin} accepts the case ${name} twice.`);
    seen.add(id);
  }
  return parsed.data;
}

/**
 * Accepts the failures and warnings that the baseline names, and computes findings and outcome again.
 * @returns also the ids whose case passes now: their entries can be removed.
 */
export function applyBaseline(
  result: RehearsalResult,
  { accept }: Baseline,
  nowMs: number,
): { readonly result: RehearsalResult; readonly vanished: string[] } {
  const entries = new Map(accept.map((entry) => [entry.case, entry]));
  const cases = result.cases.map((one) => withEntry(one, entries.get(one.id), nowMs));
  const vanished = cases.filter(({ id, verdict }) => verdict === "pass" && entries.has(id)).map(({ id }) => id);
  const outcome = outcomeOf(cases, result.preflight);
  return { result: { ...result, cases, outcome, findings: findingsOf(cases, allCases) }, vanished };
}

function withEntry(result: CaseResult, entry: Entry | undefined, nowMs: number): CaseResult {
  if (entry === undefined || (result.verdict !== "fail" && result.verdict !== "warn")) return result;
  const { reason, until } = entry;
  if (nowMs < Date.parse(until) + dayMs) return { ...result, accepted: { reason, until } };
  return { ...result, sentence: `${result.sentence ?? ""} (The baseline accepted this until ${until}: ${reason})` };
}
