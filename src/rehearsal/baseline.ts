import { z } from "zod";
import { cases as allCases } from "./cases.ts";
import { SetupError } from "./plan.ts";
import { jsonOf } from "./report/json.ts";
import type { CaseResult } from "./result.ts";

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

const dayMs = 24 * 60 * 60_000;

/** Reads a baseline file. Throws as `checkedBaseline` does, and for a text that is no JSON. */
export function readBaseline(text: string, origin: string): Baseline {
  return checkedBaseline(jsonOf(text, origin), origin);
}

/**
 * The content of a baseline. Throws `SetupError`, also for a case that is unknown or occurs twice.
 * @param origin names the file in the error.
 */
export function checkedBaseline(content: unknown, origin: string): Baseline {
  const parsed = baselineSchema.safeParse(content);
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

/** The result of a case: its failure or warning is accepted if the baseline names it. */
export function accepted(result: CaseResult, { accept }: Baseline, nowMs: number): CaseResult {
  const entry = accept.find(({ case: id }) => id === result.id);
  if (entry === undefined || (result.verdict !== "fail" && result.verdict !== "warn")) return result;
  const { reason, until } = entry;
  if (nowMs < Date.parse(until) + dayMs) return { ...result, accepted: { reason, until } };
  return { ...result, sentence: `${result.sentence ?? ""} (The baseline accepted this until ${until}: ${reason})` };
}

/** The ids of the baseline whose case passes now: their entries can be removed. */
export function vanishedFrom(cases: readonly CaseResult[], { accept }: Baseline): string[] {
  const ids = new Set(accept.map(({ case: id }) => id));
  return cases.filter(({ id, verdict }) => verdict === "pass" && ids.has(id)).map(({ id }) => id);
}
