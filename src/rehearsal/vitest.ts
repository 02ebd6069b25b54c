import { beforeAll, describe, type TestContext, test } from "vitest";
import { systemClock } from "../platform/clock.ts";
import { requireInstalled } from "../versions.ts";
import type { CaseDescription } from "./case.ts";
import { isChosen } from "./choice.ts";
import { type PlanInput, type RehearsalOptions, type RehearsalResult, rehearsalCases, rehearse } from "./index.ts";
import type { CaseResult } from "./result.ts";
import type { TimelineEntry } from "./timeline.ts";

requireInstalled("alipay-hk-sandbox/rehearsal/vitest", "vitest");

/** Options of the tests of a rehearsal. */
export interface RehearsalTestsOptions extends Omit<RehearsalOptions, "signal"> {
  /** Maximum time of the whole rehearsal, in milliseconds. Default 300000. */
  readonly timeoutMs?: number;
}

/** Time in which the merchant's server ends after the maximum time, in milliseconds. */
const endMs = 10_000;

/**
 * Declares one test for each case. The rehearsal runs once, before the first test. A test fails with what was seen,
 * what to change, and the timeline. A case that is not judged is skipped with the reason; if it is critical, its test
 * fails, unless the case does not apply to this merchant.
 */
export function rehearsalTests(plan: PlanInput, options: RehearsalTestsOptions = {}): void {
  const { timeoutMs = 300_000, ...others } = options;
  describe("rehearsal", () => {
    let rehearsal: RehearsalResult | undefined;
    beforeAll(async () => {
      const end = new AbortController();
      const late = new Error(`The rehearsal did not end within ${timeoutMs} ms.`);
      const cancel = systemClock.after(timeoutMs, () => end.abort(late));
      rehearsal = await rehearse(plan, { ...others, signal: end.signal }).finally(cancel);
    }, timeoutMs + endMs);

    test("an ordinary purchase", () => {
      const [finding] = rehearsal?.preflight ?? [];
      if (finding !== undefined) throw failureOf(finding.sentence, finding.advice, []);
    });
    for (const one of rehearsalCases.filter((candidate) => isChosen(candidate, options))) {
      test(`${one.id}: ${one.title}`, async (context) => {
        const result = rehearsal?.cases.find(({ id }) => id === one.id);
        if (result !== undefined) await report(result, one, context);
      });
    }
  });
}

/** Lets the test pass, skips it, or throws. */
async function report(
  { verdict, reason, sentence = "", timeline }: CaseResult,
  { severity, advice }: CaseDescription,
  context: TestContext,
): Promise<void> {
  if (verdict === "fail") throw failureOf(sentence, advice, timeline);
  if (verdict === "warn") await context.annotate(`${sentence} ${advice}`, "warning");
  if (verdict !== "not_judged") return;
  if (severity !== "critical" || reason === "does_not_apply") context.skip(sentence);
  throw failureOf(`Not judged, although it is critical: ${sentence}`, "", timeline);
}

/** An error without the stack of this file, which would not help. */
function failureOf(sentence: string, advice: string, timeline: readonly TimelineEntry[]): Error {
  const events = timeline.map(({ atMs, actor, text }) => `${String(atMs).padStart(6)} ms  ${actor} ${text}`);
  const error = new Error([sentence, advice, events.join("\n")].filter((part) => part !== "").join("\n\n"));
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
