import { expect, test } from "vitest";
import { diffLines } from "../../src/rehearsal/report/diff.ts";
import { caseResult, failure, hostileResult, resultOf } from "./results.ts";

const unclear = (id: string) => caseResult(id, { verdict: "not_judged", reason: "unclear", sentence: "Unclear." });

test("lists every change once, the worst first", () => {
  const before = resultOf([
    ...[caseResult("breaks"), failure("mended"), failure("better"), unclear("judged"), caseResult("lost")],
    ...[unclear("found"), failure("known"), caseResult("gone"), caseResult("same"), failure("bad")],
  ]);
  const after = resultOf(
    [
      ...[failure("breaks"), caseResult("mended"), failure("better", { verdict: "warn" }), caseResult("judged")],
      ...[unclear("lost"), failure("found"), failure("known", { accepted: { reason: "Known.", until: "2027-01-31" } })],
      ...[failure("new"), caseResult("same"), failure("bad")],
    ],
    { version: "1.1.0", seed: "xyz", seesOrders: false },
  );
  expect(diffLines(before, after)).toEqual([
    "The version was 1.0.0, and is 1.1.0.",
    "The seed was abc, and is xyz.",
    "Only the wire is judged now.",
    "Newly failing (2):",
    "  breaks: Title of breaks (passed, now failed)",
    "      The sentence of breaks.",
    "  found: Title of found (not judged, now failed)",
    "      The sentence of found.",
    "Newly warned (1):",
    "  better: Title of better (failed, now warned)",
    "      The sentence of better.",
    "Mended (1):",
    "  mended: Title of mended (failed, now passed)",
    "Newly accepted (1):",
    "  known: Title of known (failed, now accepted)",
    "      The sentence of known.",
    "No longer judged (1):",
    "  lost: Title of lost (passed, now not judged)",
    "      Unclear.",
    "Newly judged (1):",
    "  judged: Title of judged (not judged, now passed)",
    "New cases (1):",
    "  new: Title of new (failed)",
    "      The sentence of new.",
    "Vanished cases (1):",
    "  gone: Title of gone (passed)",
    "Outcome: failed, as before.",
  ]);
});

test("says that nothing has changed", () => {
  const result = resultOf([failure("a"), caseResult("b")]);
  expect(diffLines(result, result)).toEqual(["No case has changed.", "Outcome: failed, as before."]);
});

test("reports a new finding of the preflight, and one that is mended", () => {
  const right = resultOf([]);
  const blocked = resultOf([], { preflight: [{ id: "door_closed", sentence: "Closed.", advice: "Open it." }] });
  expect(diffLines(right, blocked)[0]).toBe("Everything is blocked now: Closed.");
  expect(diffLines(blocked, right)[0]).toBe("No longer blocked by: Closed.");
  expect(diffLines(blocked, right).at(-1)).toBe("Outcome: failed, now passed.");
});

test("passes no control character on", () => {
  for (const line of diffLines(resultOf([]), hostileResult())) expect(line).not.toMatch(/[\p{Cc}\p{Cs}]/u);
});
