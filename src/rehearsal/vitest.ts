import { beforeAll, describe, type TestContext, test } from "vitest";
import { systemClock } from "../platform/clock.ts";
import { requireInstalled } from "../versions.ts";
import type { CaseDescription } from "./case.ts";
import { isChosen } from "./choice.ts";
import { type PlanInput, type RehearsalOptions, type RehearsalResult, rehearsalCases, rehearse } from "./index.ts";
import type { CaseResult } from "./result.ts";
import { testOutcome } from "./test-outcome.ts";

requireInstalled("alipay-hk-sandbox/rehearsal/vitest", "vitest");

/** Options of the tests of a rehearsal. */
export interface RehearsalTestsOptions extends Omit<RehearsalOptions, "signal"> {
  /** Maximum time of the whole rehearsal, in milliseconds. Default 300000. */
  readonly timeoutMs?: number;
}

/** Time in which the merchant's server ends after the maximum time, in milliseconds. */
const endMs = 10_000;

/**
 * Declares a test for the setup, and one for each case. The rehearsal runs once, before the first test. A test fails
 * with what was seen, what to change, and the timeline. A failure that the baseline accepts is skipped. A case that is
 * not judged is skipped with the reason; if it is critical, its test fails, unless the case does not apply to this
 * merchant, is newer than `casesOf` of the plan, or another failure blocks it.
 */
export function rehearsalTests(plan: PlanInput, options: RehearsalTestsOptions = {}): void {
  const { timeoutMs = 300_000, ...others } = options;
  describe("rehearsal", () => {
    let ended: RehearsalResult | Error | undefined;
    beforeAll(async () => {
      const end = new AbortController();
      const late = new Error(`The rehearsal did not end within ${timeoutMs} ms.`);
      const cancel = systemClock.after(timeoutMs, () => end.abort(late));
      const asError = (error: Error) => error;
      ended = await rehearse(plan, { ...others, signal: end.signal })
        .catch(asError)
        .finally(cancel);
    }, timeoutMs + endMs);

    test("the rehearsal runs, and an ordinary purchase works", () => {
      if (ended instanceof Error) throw ended;
      const [finding] = ended?.preflight ?? [];
      if (finding !== undefined) throw failureWith(`${finding.sentence}\n\n${finding.advice}`);
    });
    for (const one of rehearsalCases.filter((candidate) => isChosen(candidate, options))) {
      test(`${one.id}: ${one.title}`, async (context) => {
        const result = ended instanceof Error ? undefined : ended?.cases.find(({ id }) => id === one.id);
        if (result === undefined) return context.skip("The rehearsal did not run.");
        await report(result, one, context);
      });
    }
  });
}

/** Lets the test pass, skips it, or throws. */
async function report(result: CaseResult, description: CaseDescription, context: TestContext): Promise<void> {
  const { kind, text } = testOutcome(result, description);
  if (kind === "fail") throw failureWith(text);
  if (kind === "skip") context.skip(text);
  if (kind === "warn") await context.annotate(text, "warning");
}

/** An error without the stack of this file, which would not help. */
function failureWith(text: string): Error {
  const error = new Error(text);
  error.stack = `${error.name}: ${text}`;
  return error;
}
