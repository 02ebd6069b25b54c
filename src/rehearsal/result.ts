import { adviceFor } from "./advice.ts";
import type { CaseGroup, RehearsalCase, Severity } from "./case.ts";
import type { Hook } from "./plan.ts";
import type { TimelineEntry } from "./timeline.ts";
import type { ReasonNotJudged, VerdictKind } from "./verdict.ts";

/** The result of one case. */
export interface CaseResult {
  readonly id: string;
  readonly group: CaseGroup;
  readonly title: string;
  readonly severity: Severity;
  readonly verdict: VerdictKind;
  /** Why it was not judged. */
  readonly reason?: ReasonNotJudged;
  /** The hooks that the plan lacks, if that is the reason. */
  readonly missing?: readonly Hook[];
  /** What was seen; absent for a pass. */
  readonly sentence?: string;
  /** Root cause that it shares with other cases. */
  readonly cause: string;
  readonly durationMs: number;
  readonly timeline: readonly TimelineEntry[];
  /** Present if the baseline accepts this failure: it does not fail the run. */
  readonly accepted?: Acceptance;
  /** Present if the case is newer than the plan, and does not count yet. */
  readonly isNew?: boolean;
}

/** Why a known failure is accepted, and the last day of that (YYYY-MM-DD, UTC). */
export interface Acceptance {
  readonly reason: string;
  readonly until: string;
}

/** The result of the check before all cases. */
export interface PreflightFinding {
  readonly id: string;
  readonly sentence: string;
  readonly advice: string;
}

/** `pass`, `fail`, or `incomplete`: a critical case was not judged, or the sandbox failed in a case. */
export type Outcome = "pass" | "fail" | "incomplete";

/** The result of a rehearsal. */
export interface RehearsalResult {
  /** Version of the sandbox. */
  readonly version: string;
  readonly seed: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: Outcome;
  /** Whether the plan has the merchant's view of an order; without it only the wire was judged. */
  readonly seesOrders: boolean;
  /** What blocks all cases, if anything does. */
  readonly preflight: readonly PreflightFinding[];
  readonly cases: readonly CaseResult[];
  readonly findings: readonly Finding[];
}

/** One root cause, with the cases that failed or warned by it. */
export interface Finding {
  readonly cause: string;
  readonly verdict: "fail" | "warn";
  readonly severity: Severity;
  readonly sentence: string;
  /** What to change, and what the fault costs. */
  readonly advice: string;
  readonly cases: readonly string[];
  /** Whether the baseline accepts all of its cases. */
  readonly isAccepted?: boolean;
}

/** Whether the sandbox itself failed in a case. */
export function hasSandboxFault({ cases }: Pick<RehearsalResult, "cases">): boolean {
  return cases.some(({ reason }) => reason === "sandbox_fault");
}

/** Groups the cases that failed or warned by their root cause, the most severe first; accepted ones are last. */
export function findingsOf(results: readonly CaseResult[], cases: readonly RehearsalCase[]): Finding[] {
  const ranks: Readonly<Record<Severity, number>> = { critical: 0, serious: 1, minor: 2 };
  const byCause = new Map<string, CaseResult[]>();
  for (const result of results) {
    if (result.verdict !== "fail" && result.verdict !== "warn") continue;
    const key = `${result.verdict} ${result.accepted === undefined} ${result.cause}`;
    byCause.set(key, [...(byCause.get(key) ?? []), result]);
  }
  const findings = [...byCause.values()].map((same): Finding => {
    const [worst] = same.toSorted((a, b) => ranks[a.severity] - ranks[b.severity]) as [CaseResult];
    const advice = adviceFor(worst, cases.find(({ id }) => id === worst.id) ?? { advice: "" });
    return {
      cause: worst.cause,
      verdict: worst.verdict as Finding["verdict"],
      severity: worst.severity,
      sentence: worst.sentence ?? "",
      advice,
      cases: same.map(({ id }) => id),
      ...(worst.accepted === undefined ? {} : { isAccepted: true }),
    };
  });
  const rank = ({ verdict, severity, isAccepted = false }: Finding) =>
    (isAccepted ? 20 : verdict === "fail" ? 0 : 10) + ranks[severity];
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * `fail` if a case failed that is not accepted, `incomplete` if a critical one was not judged, or the sandbox failed in
 * any.
 */
export function outcomeOf(
  results: readonly Pick<CaseResult, "verdict" | "severity" | "reason" | "accepted" | "isNew">[],
  preflight: readonly PreflightFinding[],
): Outcome {
  const isFailure = ({ verdict, accepted }: (typeof results)[number]) => verdict === "fail" && accepted === undefined;
  if (preflight.length > 0 || results.some(isFailure)) return "fail";
  const isMissing = ({ verdict, severity, reason, isNew = false }: (typeof results)[number]) =>
    reason === "sandbox_fault" ||
    (verdict === "not_judged" && severity === "critical" && reason !== "does_not_apply" && !isNew);
  return results.some(isMissing) ? "incomplete" : "pass";
}
