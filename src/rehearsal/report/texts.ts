import { redactSecrets } from "../../security/redaction.ts";
import { type CaseResult, type Finding, hasSandboxFault, type Outcome, type RehearsalResult } from "../result.ts";
import type { ReasonNotJudged, VerdictKind } from "../verdict.ts";

/** A verdict of a report: an accepted failure is one of its own. */
export type ShownVerdict = VerdictKind | "accepted";

/** All of them, in the order of the reports. */
export const shownVerdicts = ["fail", "warn", "accepted", "not_judged", "pass"] as const satisfies ShownVerdict[];

/** Verdicts, in words. */
export const verdictWords: Readonly<Record<ShownVerdict, string>> = {
  fail: "failed",
  warn: "warned",
  accepted: "accepted",
  not_judged: "not judged",
  pass: "passed",
};

/** Outcomes, in words. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  pass: "Passed",
  fail: "Failed",
  incomplete: "Incomplete",
};

/** Reasons why a case was not judged, in words. */
export const reasonWords: Readonly<Record<ReasonNotJudged, string>> = {
  sandbox_fault: "The sandbox has a fault of its own: please report it",
  missing_hook: "The plan lacks hooks",
  not_seen: "What the case needs was not seen",
  unclear: "The result was unclear",
  blocked: "Blocked by another finding",
  does_not_apply: "Cannot happen to this merchant; counts as fine",
};

/** Note of a run whose plan has no `order`. */
export const wireOnly = "The plan has no order: only the wire was judged, not what an order says.";

/** The verdict of a result, as reports show it. */
export function shownVerdict({ verdict, accepted }: Pick<CaseResult, "verdict" | "accepted">): ShownVerdict {
  return accepted !== undefined && (verdict === "fail" || verdict === "warn") ? "accepted" : verdict;
}

/** Number of results with each verdict. */
export function countVerdicts(results: readonly CaseResult[]): Record<ShownVerdict, number> {
  const counts = { fail: 0, warn: 0, accepted: 0, not_judged: 0, pass: 0 };
  for (const result of results) counts[shownVerdict(result)] += 1;
  return counts;
}

/** The counts in one sentence, such as `2 of 104 cases failed, 1 warned, 101 passed.` */
export function countSentence({ cases }: Pick<RehearsalResult, "cases">): string {
  const counts = countVerdicts(cases);
  const order: readonly ShownVerdict[] = counts.fail > 0 ? shownVerdicts : ["pass", ...shownVerdicts.slice(0, -1)];
  const [first, ...others] = order.filter((verdict) => counts[verdict] > 0);
  if (first === undefined) return "No case was played.";
  if (counts.pass === cases.length && counts.pass > 1) return `All ${counts.pass} cases passed.`;
  const rest = others.map((verdict) => `, ${counts[verdict]} ${verdictWords[verdict]}`);
  return `${counts[first]} of ${counted(cases.length, "case")} ${verdictWords[first]}${rest.join("")}.`;
}

/** What the outcome means, in one sentence. */
export function outcomeSentence(result: RehearsalResult): string {
  const { outcome, preflight, cases } = result;
  if (preflight.length > 0) return "An ordinary purchase does not work: everything else is blocked.";
  if (outcome === "fail") return "Something would go wrong in production.";
  if (hasSandboxFault(result)) return "Nothing failed, but the sandbox has a fault of its own.";
  if (outcome === "incomplete") return "Nothing failed, but critical cases were not judged.";
  const counts = countVerdicts(cases);
  if (counts.accepted > 0) return "Nothing failed that is not accepted.";
  return counts.warn > 0 ? "Nothing failed; look at the warnings." : "Nothing failed.";
}

/** A number with its noun, such as `2 cases`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A duration: `340 ms`, `4.2 s` or `1 min 5 s`. */
export function durationText(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1_000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A compact JWS, or one with a detached payload. */
const jws = /\beyJ[\w-]{6,}={0,2}\.[\w-]*\.[\w-]{16,}={0,2}/g;

/** Removes secrets and signatures from a text. */
export function redacted(text: string): string {
  return redactSecrets(text.replace(jws, "[signature]"));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it makes them visible.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
/** Other characters that a terminal or XML may not have, and those that change the direction of a text. */
const strange = /[\u0080-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** A text from outside for a report: without secrets, and with visible control characters. Lines and tabs stay. */
export function safeText(text: string): string {
  return redacted(text)
    .replaceAll("\r\n", "\n")
    .replace(controls, (character) =>
      String.fromCodePoint(character === "\u007f" ? 0x2421 : 0x2400 + character.charCodeAt(0)),
    )
    .replace(strange, "\ufffd");
}

/** The same in one line. */
export function safeLine(text: string): string {
  return safeText(text).replace(/\s+/g, " ").trim();
}

/** The hooks that the plan lacks, with the number of cases that each opens, alone and together with other hooks. */
export function missingHooks(results: readonly CaseResult[]): { hook: string; alone: number; together: number }[] {
  const hooks = new Map<string, { alone: number; together: number }>();
  for (const { missing = [] } of results) {
    for (const hook of missing) {
      const count = hooks.get(hook) ?? { alone: 0, together: 0 };
      count[missing.length === 1 ? "alone" : "together"] += 1;
      hooks.set(hook, count);
    }
  }
  const opened = ([, a]: [string, { alone: number }], [, b]: [string, { alone: number }]) => b.alone - a.alone;
  return [...hooks].toSorted(opened).map(([hook, count]) => ({ hook, ...count }));
}

/** Why and until when the cases of a finding are accepted. */
export function acceptedTexts({ cases: ids, isAccepted = false }: Finding, cases: readonly CaseResult[]): string[] {
  if (!isAccepted) return [];
  const texts = cases.flatMap(({ id, accepted }) =>
    accepted !== undefined && ids.includes(id) ? [`Accepted until ${accepted.until}: ${accepted.reason}`] : [],
  );
  return [...new Set(texts)];
}

/** The sentences of cases that were not judged, each with the ids of its cases. */
export function bySentence(results: readonly CaseResult[]): (readonly [sentence: string, ids: string[]])[] {
  const ids = new Map<string, string[]>();
  for (const { id, sentence = "" } of results) ids.set(sentence, [...(ids.get(sentence) ?? []), id]);
  return [...ids];
}

/** What a hook opens, in words. */
export function opensText({ alone, together }: { readonly alone: number; readonly together: number }): string {
  if (together === 0) return `opens ${counted(alone, "case")}`;
  if (alone === 0) return `opens ${counted(together, "case")} together with others`;
  return `opens ${counted(alone, "case")}, and ${together} more together with others`;
}
