import { describe, expect, test } from "vitest";
import { cases } from "../../src/rehearsal/cases.ts";
import { SetupError } from "../../src/rehearsal/plan.ts";
import { htmlReport } from "../../src/rehearsal/report/html.ts";
import { jsonReport, readJsonReport } from "../../src/rehearsal/report/json.ts";
import { junitReport } from "../../src/rehearsal/report/junit.ts";
import { caseLine, summaryLines } from "../../src/rehearsal/report/terminal.ts";
import { type ParsedDocument, parseDocument } from "./parsed-document.ts";
import { caseResult, failure, hostile, hostileResult, resultOf } from "./results.ts";

const missing = (id: string, ...hooks: ("jobs" | "refund")[]) =>
  caseResult(id, {
    severity: "minor",
    verdict: "not_judged",
    reason: "missing_hook",
    missing: hooks,
    sentence: "The plan has no hook.",
  });

/** Two cases with the same cause, one warning, and cases that were not judged. */
const mixed = () =>
  resultOf([
    failure("paid_by_qr", { cause: "loses_payment" }),
    failure("paid_on_phone", { cause: "loses_payment", severity: "serious" }),
    failure("forged_alg_none", { verdict: "warn", severity: "minor" }),
    missing("needs_jobs", "jobs"),
    missing("needs_jobs_too", "jobs"),
    missing("needs_both", "jobs", "refund"),
    caseResult("does_not_apply", { verdict: "not_judged", reason: "does_not_apply", sentence: "It has no return." }),
    caseResult("unseen", { verdict: "not_judged", reason: "not_seen", severity: "serious", sentence: "No request." }),
    caseResult("passes"),
  ]);

const right = () => resultOf([caseResult("paid_by_qr"), caseResult("paid_on_phone")]);

const blocked = () =>
  resultOf([caseResult("paid_by_qr", { verdict: "not_judged", reason: "blocked", sentence: "Blocked." })], {
    preflight: [{ id: "door_closed", sentence: "The endpoint answers with 404.", advice: "Check the path." }],
  });

describe("the terminal", () => {
  test("shows a case in one line, and below it what was seen", () => {
    expect(caseLine(caseResult("paid_by_qr"), false)).toMatch(/^passed {6}Title of paid_by_qr \(paid_by_qr\) +120 ms$/);
    expect(caseLine(failure("paid_by_qr"), false).split("\n").slice(1)).toEqual([
      "            The sentence of paid_by_qr.",
    ]);
    expect(caseLine(missing("needs_jobs", "jobs"), false)).not.toContain("\n");
  });

  test("has colours only on demand", () => {
    const start = "\u001b[";
    expect(caseLine(failure("paid_by_qr"), true)).toContain(`${start}31m`);
    expect([caseLine(failure("paid_by_qr"), false), ...summaryLines(mixed(), false)].join("")).not.toContain(start);
    expect(summaryLines(mixed(), true).join("")).toContain(start);
  });

  test("counts by severity, has one finding for each cause, and groups what was not judged", () => {
    const lines = summaryLines(mixed(), false);
    expect(lines.find((line) => line.startsWith("critical"))).toMatch(/critical +1 +- +1 +1$/);
    expect(lines.find((line) => line.startsWith("all"))).toMatch(/all +2 +1 +5 +1$/);
    expect(lines).toContain("2 findings");
    expect(lines).toContain("    Cases: paid_by_qr, paid_on_phone");
    const text = lines.join("\n").replace(/\s+/g, " ");
    expect(text).toContain("The plan lacks hooks (3 cases): jobs: how the merchant's own jobs are run");
    expect(text).toContain("(opens 2 cases, and 1 more together with others)");
    expect(text).toContain("refund: how an employee refunds an order (opens 1 case together with others)");
    expect(text).toContain("No request. (unseen)");
    expect(lines.at(-1)).toBe("FAILED: 2 of 9 cases failed, 1 warned, 5 not judged, 1 passed.");
  });

  test.each([
    ["PASSED: All 2 cases passed.", right()],
    ["PASSED: 1 of 1 case passed.", resultOf([caseResult("paid_by_qr")])],
    ["FAILED: 1 of 1 case not judged.", blocked()],
    [
      "INCOMPLETE: 1 of 1 case not judged.",
      resultOf([caseResult("paid_by_qr", { verdict: "not_judged", reason: "unclear" })]),
    ],
    ["PASSED: 1 of 2 cases passed, 1 warned.", resultOf([caseResult("a"), failure("b", { verdict: "warn" })])],
    [
      "PASSED: 1 of 1 case accepted.",
      resultOf([failure("a", { accepted: { reason: "Known.", until: "2027-01-31" } })]),
    ],
    ["PASSED: No case was played.", resultOf([])],
  ])("ends with %s", (line, result) => expect(summaryLines(result, false).at(-1)).toBe(line));

  test("says that only the wire was judged, and what blocks everything", () => {
    expect(summaryLines(resultOf([], { seesOrders: false }), false).join(" ")).toContain("only the wire was judged");
    const lines = summaryLines(blocked(), false);
    expect(lines).toContain("The endpoint answers with 404.");
    expect(lines).toContain("  What to change: Check the path.");
  });

  test("fits 100 columns, and passes no control character on", () => {
    const result = hostileResult();
    const lines = [...result.cases.map((one) => caseLine(one, false)), ...summaryLines(result, false)];
    for (const line of lines.flatMap((text) => text.split("\n"))) {
      expect(line.length).toBeLessThanOrEqual(100);
      expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
    }
    const wide = lines.join("\n").match(/^.*Ｗ.*$/gm) ?? [];
    expect(Math.max(...wide.map((line) => line.length + (line.match(/[Ｗ漢字]/g) ?? []).length))).toBeLessThan(101);
  });
});

describe("the HTML report", () => {
  const documentOf = (result: ReturnType<typeof mixed>) => parseDocument(htmlReport(result, cases), "text/html");
  const texts = (document: ParsedDocument, selector: string) =>
    [...document.querySelectorAll(selector)].map(({ textContent }) => textContent.replace(/\s+/g, " ").trim());

  test("begins with the outcome, the counts and the findings, and has the failures first", () => {
    const document = documentOf(mixed());
    expect(texts(document, "h1")).toEqual(["Rehearsal: Failed"]);
    expect(texts(document, "tbody tr")[0]).toBe("critical1–11");
    expect(texts(document, ".findings > li").map((text) => text.slice(0, 15))).toEqual([
      "critical failed",
      "minor warned Th",
    ]);
    expect(texts(document, ".case h4").map((text) => text.split(" ").at(-1))).toEqual([
      ...["paid_by_qr", "paid_on_phone", "forged_alg_none", "does_not_apply", "unseen"],
      ...["needs_jobs", "needs_jobs_too", "needs_both", "passes"],
    ]);
    expect(texts(document, ".reasons li")[0]).toContain("opens 2 cases, and 1 more together with others");
  });

  test("links each finding to its cases, and shows the texts of the table and the timeline", () => {
    const document = documentOf(mixed());
    const targets = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href") ?? "");
    expect(targets.length).toBeGreaterThan(3);
    for (const target of targets) expect(document.getElementById(target.slice(1))).not.toBeNull();
    const [failed] = texts(document, "#case-paid_by_qr");
    expect(failed).toContain(cases.find(({ id }) => id === "paid_by_qr")?.stake);
    expect(texts(document, "#case-paid_by_qr .timeline li")[1]).toContain("12 ms Merchant POST /v1/payments: 201");
  });

  test("indents JSON in a detail, except where that would change it", () => {
    const detail = 'POST /v1/payments\n{"a":{"b":1}}\n\n200\n{"a": 1.0, "a": 2}\n{"cut":';
    const timeline = [{ atMs: 1, actor: "merchant", text: "asks", detail }] as const;
    const document = documentOf(resultOf([failure("paid_by_qr", { timeline })]));
    expect(document.querySelector("pre")?.textContent).toBe(
      'POST /v1/payments\n{\n  "a": {\n    "b": 1\n  }\n}\n\n200\n{"a": 1.0, "a": 2}\n{"cut":',
    );
  });

  test("works without failures, with a finding of the preflight, and without a case", () => {
    expect(texts(documentOf(right()), "h1, h2")).toEqual(["Rehearsal: Passed", "Every case"]);
    expect(texts(documentOf(blocked()), "h2")).toEqual(["Everything else is blocked", "Not judged", "Every case"]);
    expect(texts(documentOf(resultOf([])), "h1, h2")).toEqual(["Rehearsal: Passed"]);
  });

  test("is one file without script, and hostile texts stay texts", () => {
    const source = htmlReport(hostileResult(), cases);
    const document = parseDocument(source, "text/html");
    expect(document.querySelectorAll("script, img, link, iframe, object, base, [onerror], [src]")).toHaveLength(0);
    expect(source).not.toMatch(/url\(|@import|https?:\/\/(?!www\.w3\.org)/);
    expect(document.querySelectorAll("main")).toHaveLength(1);
    expect(document.querySelectorAll(".case")).toHaveLength(7);
    const [pre] = texts(document, "#case-paid_by_qr pre");
    for (const text of hostile.slice(0, 4)) expect(pre).toContain(text);
    expect(document.querySelector("main")?.textContent).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cs}\u202a-\u202e]/u);
  });
});

describe("the JUnit report", () => {
  const parsed = (source: string) => parseDocument(source, "application/xml");

  test("has a suite for each group, failures, skipped cases and output of warnings", () => {
    const document = parsed(junitReport(mixed()));
    const root = document.documentElement;
    expect(["tests", "failures", "errors", "skipped"].map((name) => root.getAttribute(name))).toEqual([
      ...["9", "2", "0", "5"],
    ]);
    expect([...document.querySelectorAll("failure")].map((one) => one.getAttribute("message"))).toEqual([
      "The sentence of paid_by_qr.",
      "The sentence of paid_on_phone.",
    ]);
    expect(document.querySelector("failure")?.textContent).toContain("12 ms  merchant POST /v1/payments: 201");
    expect(document.querySelector("skipped")?.getAttribute("message")).toBe("missing_hook: The plan has no hook.");
    expect(document.querySelector("system-out")?.textContent).toContain("Warning: The sentence of forged_alg_none.");
  });

  test("has the finding of the preflight as a failed test", () => {
    const document = parsed(junitReport(blocked()));
    expect(document.documentElement.getAttribute("failures")).toBe("1");
    expect(document.querySelector("failure")?.textContent).toBe("Check the path.");
  });

  test("shows an accepted failure as skipped, with the reason", () => {
    const accepted = { reason: "Known.", until: "2027-01-31" };
    const document = parsed(junitReport(resultOf([failure("a", { accepted })])));
    expect(document.querySelector("failure")).toBeNull();
    expect(document.querySelector("skipped")?.getAttribute("message")).toContain("Accepted until 2027-01-31: Known.");
  });

  test("is well-formed XML for hostile texts", () => {
    const document = parsed(junitReport(hostileResult()));
    expect(document.querySelectorAll("testcase")).toHaveLength(8);
    expect(document.querySelector("[name^=paid_by_qr] failure")?.textContent).toContain(hostile[2]);
  });
});

describe("the JSON report", () => {
  test.each([
    ["failures", mixed()],
    ["no failures", right()],
    ["a preflight", blocked()],
    ["hostile texts", hostileResult()],
  ])("is read again as the result, with %s", (_, result) => {
    const text = JSON.stringify(jsonReport(result));
    expect(JSON.parse(text).format).toBe(1);
    expect(readJsonReport(text, "a.json")).toEqual(result);
  });

  test.each([
    ["not JSON", "{", /^a\.json is not valid JSON: /],
    ["another document", "[]", /^a\.json is not a JSON report of a rehearsal\. the document: /],
    ["another format", JSON.stringify({ ...jsonReport(right()), format: 2 }), /report of a rehearsal\. format: /],
    ["a wrong member", JSON.stringify({ ...jsonReport(right()), cases: [{}] }), /cases\.0\./],
  ])("refuses %s", (_, text, message) => {
    expect(() => readJsonReport(text, "a.json")).toThrow(SetupError);
    expect(() => readJsonReport(text, "a.json")).toThrow(message);
  });
});
