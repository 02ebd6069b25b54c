import { describe, expect, test } from "vitest";
import { accepted, readBaseline, vanishedFrom } from "../../src/rehearsal/baseline.ts";
import { SetupError } from "../../src/rehearsal/plan.ts";
import type { CaseResult, RehearsalResult } from "../../src/rehearsal/result.ts";
import { caseResult, failure, resultOf } from "./results.ts";

const entry = { case: "paid_by_qr", reason: "The shop is rebuilt in January.", until: "2027-01-31" };
const baseline = { accept: [entry] };
const before = Date.parse("2027-01-31T23:59:59.999Z");
const after = Date.parse("2027-02-01T00:00:00.000Z");

/** The result with the baseline applied. */
function applied({ cases, preflight }: RehearsalResult, nowMs: number): RehearsalResult {
  return resultOf(
    cases.map((one) => accepted(one, baseline, nowMs)),
    { preflight },
  );
}

describe("a baseline file", () => {
  test("is read", () => expect(readBaseline(JSON.stringify(baseline), "known.json")).toEqual(baseline));

  test.each([
    ["text", "accept", /^known\.json is not valid JSON: /],
    ["a list", "[]", /^known\.json is not a baseline\. the file: /],
    ["a missing reason", { accept: [{ ...entry, reason: undefined }] }, /accept\.0\.reason: /],
    ["an empty reason", { accept: [{ ...entry, reason: " " }] }, /accept\.0\.reason: /],
    ["an impossible day", { accept: [{ ...entry, until: "2027-02-30" }] }, /accept\.0\.until: /],
    ["an unknown member", { accept: [{ ...entry, untill: "x" }] }, /accept\.0: .*untill/],
    [
      "an unknown case",
      { accept: [{ ...entry, case: "paid_by_qrr" }] },
      /accepts the case "paid_by_qrr", which is unk/,
    ],
    ["a case twice", { accept: [entry, entry] }, /accepts the case "paid_by_qr" twice/],
  ])("is refused with %s", (_, content, message) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    expect(() => readBaseline(text, "known.json")).toThrow(SetupError);
    expect(() => readBaseline(text, "known.json")).toThrow(message);
  });
});

describe("a baseline", () => {
  const result = resultOf([
    failure("paid_by_qr", { cause: "loses_payment" }),
    failure("paid_on_phone", { cause: "loses_payment" }),
  ]);

  test("accepts a failure to the end of its day, and leaves others", () => {
    const { outcome, findings } = applied(result, before);
    expect(outcome).toBe("fail");
    expect(findings.map(({ cases, isAccepted }) => [cases, isAccepted])).toEqual([
      [["paid_on_phone"], undefined],
      [["paid_by_qr"], true],
    ]);
  });

  test("does not fail the run if every failure is accepted", () => {
    const { outcome, cases } = applied(resultOf([failure("paid_by_qr"), caseResult("paid_on_phone")]), before);
    expect(outcome).toBe("pass");
    expect(cases[0]).toMatchObject({
      verdict: "fail",
      accepted: { reason: entry.reason, until: "2027-01-31" },
    });
    expect(vanishedFrom(cases, baseline)).toEqual([]);
  });

  test("after the day the failure counts again, and its sentence says so", () => {
    const { outcome, cases, findings } = applied(resultOf([failure("paid_by_qr")]), after);
    expect(outcome).toBe("fail");
    expect(cases[0]?.sentence).toBe(
      "The sentence of paid_by_qr. (The baseline accepted this until 2027-01-31: The shop is rebuilt in January.)",
    );
    expect(findings[0]?.sentence).toContain("until 2027-01-31");
  });

  test("reports a failure that has vanished, but not a case that was not judged or not played", () => {
    const vanished = (...cases: CaseResult[]) => vanishedFrom(cases, baseline);
    expect(vanished(caseResult("paid_by_qr"))).toEqual(["paid_by_qr"]);
    expect(vanished(caseResult("paid_by_qr", { verdict: "not_judged", reason: "unclear" }))).toEqual([]);
    expect(vanished(caseResult("paid_on_phone"))).toEqual([]);
  });

  test("cannot accept what the preflight finds, nor a critical case that was not judged", () => {
    const preflight = [{ id: "door_closed", sentence: "Closed.", advice: "Open it." }];
    const outcome = (given: typeof result) => applied(given, before).outcome;
    expect(outcome(resultOf([failure("paid_by_qr")], { preflight }))).toBe("fail");
    expect(outcome(resultOf([caseResult("paid_by_qr", { verdict: "not_judged", reason: "unclear" })]))).toBe(
      "incomplete",
    );
  });
});
