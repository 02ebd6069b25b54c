import type { CaseDescription } from "./case.ts";
import type { Plan } from "./plan.ts";
import type { CaseResult } from "./result.ts";

const days = 30;
const graceMs = days * 24 * 60 * 60_000;

/**
 * The result of a case. For 30 days the case does not count if it is newer than the plan (`casesOf`): a failure is only
 * a warning, and the outcome does not require that it is judged.
 */
export function withinGrace(
  result: CaseResult,
  { version, date }: CaseDescription["since"],
  casesOf: Plan["casesOf"],
  nowMs: number,
): CaseResult {
  const isNew = casesOf !== undefined && version.localeCompare(casesOf, "en", { numeric: true }) > 0;
  const { verdict, reason } = result;
  const counts = verdict === "fail" || (verdict === "not_judged" && reason !== "sandbox_fault");
  if (!isNew || !counts || nowMs > Date.parse(date) + graceMs) return result;
  const sentence = `${result.sentence} (A new case: it counts ${days} days after ${date}.)`;
  return { ...result, verdict: verdict === "fail" ? "warn" : verdict, sentence, isNew };
}
