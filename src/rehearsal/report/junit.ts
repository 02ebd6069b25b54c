import { groups } from "../case.ts";
import type { CaseResult, PreflightFinding, RehearsalResult } from "../result.ts";
import { safeLine, safeText, wireOnly } from "./texts.ts";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

const escaped = (text: string) => safeText(text).replace(/[&<>"']/g, (character) => escapes[character] ?? "");
const attribute = (text: string) => escaped(safeLine(text));

/**
 * The result as JUnit XML: a suite for each group. A case that was not judged, or whose failure is accepted, is
 * skipped. A warning is a pass with output, and a fault of the sandbox an error.
 */
export function junitReport(result: RehearsalResult): string {
  const { cases, preflight, durationMs } = result;
  const failures = cases.filter(isFailure).length + preflight.length;
  const errors = cases.filter(isError).length;
  const suites = Object.entries(groups).flatMap(([group, name]) => {
    const same = cases.filter((one) => one.group === group);
    return same.length === 0 ? [] : suite(name, same.map(testCase), same, result);
  });
  const counts = `tests="${cases.length + preflight.length}" failures="${failures}" errors="${errors}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="rehearsal" ${counts} skipped="${cases.filter(isSkipped).length}" time="${seconds(durationMs)}">`,
    ...(preflight.length === 0 ? [] : preflightSuite(preflight, result)),
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}

const isFailure = ({ verdict, accepted }: CaseResult) => verdict === "fail" && accepted === undefined;
const isError = ({ reason }: CaseResult) => reason === "sandbox_fault";
const isSkipped = (result: CaseResult) =>
  (result.verdict === "not_judged" && !isError(result)) || (result.verdict === "fail" && result.accepted !== undefined);

const seconds = (durationMs: number) => (durationMs / 1_000).toFixed(3);

function suite(name: string, tests: readonly string[], cases: readonly CaseResult[], whole: RehearsalResult): string[] {
  const { startedAt, version, seed, seesOrders } = whole;
  const durationMs = cases.reduce((sum, one) => sum + one.durationMs, 0);
  const failures = cases.length === 0 ? tests.length : cases.filter(isFailure).length;
  const skipped = cases.filter(isSkipped).length;
  const errors = cases.filter(isError).length;
  const counts = `tests="${tests.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
  // The attribute has no time zone.
  const time = `time="${seconds(durationMs)}" timestamp="${attribute(startedAt.replace(/(\.\d+)?Z$/, ""))}"`;
  const properties = [["version", version], ["seed", seed], ...(seesOrders ? [] : [["judged", wireOnly]])] as const;
  return [
    `  <testsuite name="${attribute(name)}" ${counts} ${time}>`,
    "    <properties>",
    ...properties.map(([key = "", value = ""]) => `      <property name="${key}" value="${attribute(value)}"/>`),
    "    </properties>",
    ...tests,
    "  </testsuite>",
  ];
}

function preflightSuite(preflight: readonly PreflightFinding[], whole: RehearsalResult): string[] {
  const tests = preflight.map(({ id, sentence, advice }) =>
    [
      `    <testcase classname="rehearsal.preflight" name="${attribute(id)}" time="0.000">`,
      `      <failure message="${attribute(sentence)}" type="critical">${escaped(advice)}</failure>`,
      "    </testcase>",
    ].join("\n"),
  );
  return suite("Preflight", tests, [], whole);
}

function testCase(result: CaseResult): string {
  const { id, group, title, durationMs } = result;
  const name = `name="${attribute(`${id}: ${title}`)}" time="${seconds(durationMs)}"`;
  const start = `    <testcase classname="rehearsal.${attribute(group)}" ${name}`;
  const content = contentOf(result);
  return content === undefined ? `${start}/>` : `${start}>\n      ${content}\n    </testcase>`;
}

function contentOf(result: CaseResult): string | undefined {
  const { verdict, severity, sentence = "", reason = "", accepted } = result;
  if (verdict === "pass") return undefined;
  if (isError(result)) {
    return `<error message="${attribute(sentence)}" type="${reason}">${escaped(timelineText(result))}</error>`;
  }
  if (verdict === "not_judged") return `<skipped message="${attribute(`${reason}: ${sentence}`)}"/>`;
  if (verdict === "warn") return `<system-out>${escaped(`Warning: ${sentence}\n${timelineText(result)}`)}</system-out>`;
  if (accepted !== undefined) {
    const why = `Accepted until ${accepted.until}: ${accepted.reason} (${sentence})`;
    return `<skipped message="${attribute(why)}"/>`;
  }
  const text = escaped(`${sentence}\n${timelineText(result)}`);
  return `<failure message="${attribute(sentence)}" type="${severity}">${text}</failure>`;
}

function timelineText({ timeline }: CaseResult): string {
  return timeline.map(({ atMs, actor, text }) => `${String(atMs).padStart(6)} ms  ${actor} ${text}`).join("\n");
}
