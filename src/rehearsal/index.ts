import "../supported-node.ts";
import type { CaseDescription } from "./case.ts";
import { cases } from "./cases.ts";

export type { Baseline } from "./baseline.ts";
export type { CaseDescription, CaseGroup, Phase, Severity } from "./case.ts";
export type { Hook, OrderState, PlanInput } from "./plan.ts";
export { SetupError } from "./plan.ts";
export type { RehearsalOptions } from "./rehearse.ts";
export { rehearse } from "./rehearse.ts";
export type { CaseResult, Finding, Outcome, PreflightFinding, RehearsalResult } from "./result.ts";
export type { Actor, TimelineEntry } from "./timeline.ts";
export type { ReasonNotJudged, VerdictKind } from "./verdict.ts";

/** Every case, in the order of the reports. */
export const rehearsalCases: readonly CaseDescription[] = cases.map(({ run: _, ...description }) => description);
