import type { PlanInput } from "../../../src/rehearsal/plan.ts";

/** A merchant with one wrong line. */
export interface Mutant {
  /** The cases that it must fail or be warned of, its own case first. */
  readonly fails: readonly string[];
  /** The merchant that has the wrong line; the exemplary one by default. */
  readonly merchant?: string;
  /** Members of the plan in place of the usual ones, if the case needs them. */
  readonly plan?: Partial<PlanInput>;
  /** Cases that are played before its own one, which judges what they recorded. */
  readonly plays?: readonly string[];
  /** A part of a line that occurs once in the files of the merchant. */
  readonly find: string;
  readonly replace: string;
}
