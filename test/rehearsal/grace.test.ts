import { describe, expect, test } from "vitest";
import { withinGrace } from "../../src/rehearsal/grace.ts";
import { caseResult, failure, resultOf } from "./results.ts";

const since = { version: "1.10.0", date: "2027-03-01" };
const inGrace = Date.parse("2027-03-31T00:00:00.000Z");
const later = inGrace + 1;
const failed = failure("paid_by_qr");
const open = caseResult("paid_by_qr", { verdict: "not_judged", reason: "unclear", sentence: "Seen." });
const fault = { ...open, reason: "sandbox_fault" } as const;

describe("a case that is newer than the plan", () => {
  const outcome = (result: typeof failed, casesOf: string | undefined, nowMs: number) =>
    resultOf([withinGrace(result, since, casesOf, nowMs)]).outcome;

  test.each([
    ["a failure", failed, "1.9.0", inGrace, "pass"],
    ["a failure after 30 days", failed, "1.9.0", later, "fail"],
    ["a failure of a known case", failed, "1.10.0", inGrace, "fail"],
    ["a failure, and a plan without casesOf", failed, undefined, inGrace, "fail"],
    ["a critical case that is not judged", open, "1.9.0", inGrace, "pass"],
    ["a critical case that is not judged after 30 days", open, "1.9.0", later, "incomplete"],
    ["a known critical case that is not judged", open, "1.10.0", inGrace, "incomplete"],
    ["a fault of the sandbox", fault, "1.9.0", inGrace, "incomplete"],
  ] as const)("%s", (_, result, casesOf, nowMs, expected) => {
    expect(outcome(result, casesOf, nowMs)).toBe(expected);
  });

  test("is a warning that says until when", () => {
    const { verdict, sentence } = withinGrace(failed, since, "1.9.0", inGrace);
    expect([verdict, sentence]).toEqual([
      "warn",
      "The sentence of paid_by_qr. (A new case: it counts 30 days after 2027-03-01.)",
    ]);
  });
});
