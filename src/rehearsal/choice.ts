import type { CaseDescription } from "./case.ts";

/** Which cases are played. */
export interface CaseChoice {
  /** Ids of the cases to play; by default all. */
  readonly only?: readonly string[];
  /** Ids of the cases to leave out. */
  readonly skip?: readonly string[];
  /** Plays only the critical cases. */
  readonly critical?: boolean;
}

/** Whether a choice contains a case. */
export function isChosen({ id, severity }: CaseDescription, { only, skip, critical }: CaseChoice): boolean {
  const isNamed = only === undefined || only.includes(id);
  return isNamed && skip?.includes(id) !== true && (critical !== true || severity === "critical");
}
