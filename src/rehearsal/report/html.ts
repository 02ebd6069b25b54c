import type { RehearsalCase } from "../case.ts";
import type { RehearsalResult } from "../result.ts";

/** The result as one HTML file. @param cases the table, for the texts of each case. */
export function htmlReport(result: RehearsalResult, cases: readonly RehearsalCase[]): string {
  return `${result.outcome} ${cases.length}`;
}
