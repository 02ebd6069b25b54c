import { adviceFor } from "./advice.ts";
import type { CaseDescription } from "./case.ts";
import type { CaseResult } from "./result.ts";

/** How the test of a case ends, for runners of tests. */
export interface TestOutcome {
  readonly kind: "pass" | "warn" | "skip" | "fail";
  readonly text: string;
}

/**
 * The end of the test of a case. A case that was not judged is skipped; a critical one fails, unless it does not apply
 * to this merchant, is newer than the plan, or another failure blocks it. A failure that the baseline accepts is
 * skipped. A fault of the sandbox fails the test.
 */
export function testOutcome(result: CaseResult, description: Pick<CaseDescription, "advice">): TestOutcome {
  const { verdict, reason, severity, sentence = "", timeline, accepted, isNew = false } = result;
  const advice = adviceFor(result, description);
  const events = timeline.map(({ atMs, actor, text }) => `${String(atMs).padStart(6)} ms  ${actor} ${text}`);
  const joined = (...parts: string[]) => parts.filter((part) => part !== "").join("\n\n");
  if (accepted !== undefined) {
    return { kind: "skip", text: `Accepted until ${accepted.until}: ${accepted.reason} (${sentence})` };
  }
  if (verdict === "pass") return { kind: "pass", text: "" };
  if (verdict === "warn") return { kind: "warn", text: `${sentence} ${advice}` };
  if (verdict === "fail") return { kind: "fail", text: joined(sentence, advice, events.join("\n")) };
  if (reason === "sandbox_fault") return { kind: "fail", text: joined(sentence, events.join("\n")) };
  // What blocks a case fails in a test of its own.
  const isFine = severity !== "critical" || reason === "does_not_apply" || reason === "blocked" || isNew;
  if (isFine) return { kind: "skip", text: sentence };
  return { kind: "fail", text: joined(`Not judged, although it is critical: ${sentence}`, events.join("\n")) };
}
