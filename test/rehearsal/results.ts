import { cases } from "../../src/rehearsal/cases.ts";
import type { RehearsalResult } from "../../src/rehearsal/result.ts";
import { type CaseResult, findingsOf, outcomeOf } from "../../src/rehearsal/result.ts";

/** A case that passed, with changes. */
export function caseResult(id: string, changes: Partial<CaseResult> = {}): CaseResult {
  return {
    id,
    group: "outcomes",
    title: `Title of ${id}`,
    severity: "critical",
    verdict: "pass",
    cause: id,
    durationMs: 120,
    timeline: [
      { atMs: 0, actor: "payer", text: "starts a checkout" },
      { atMs: 12, actor: "merchant", text: "POST /v1/payments: 201", detail: 'POST /v1/payments\n{"a":1}\n\n201\n{}' },
    ],
    ...changes,
  };
}

export function failure(id: string, changes: Partial<CaseResult> = {}): CaseResult {
  return caseResult(id, { verdict: "fail", sentence: `The sentence of ${id}.`, ...changes });
}

/** A result of such cases. */
export function resultOf(results: readonly CaseResult[], changes: Partial<RehearsalResult> = {}): RehearsalResult {
  const preflight = changes.preflight ?? [];
  return {
    version: "1.0.0",
    seed: "abc",
    startedAt: "2026-11-29T10:00:00.000Z",
    durationMs: 41_234,
    outcome: outcomeOf(results, preflight),
    seesOrders: true,
    preflight,
    cases: results,
    findings: findingsOf(results, cases),
    ...changes,
  };
}

/** Texts that a merchant may answer with. */
export const hostile = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "]]> <!-- & &lt; '\" -->",
  "</style></title></pre></details>",
  "\u001b[2J\u001b[31mred\u0007\u0000\u0008\u009b1m",
  "\u202egnp.exe\u2066",
  "lone \ud800 and \udfff, \ufffe \uffff",
  "Ｗ".repeat(200),
  "漢字".repeat(120),
  "a".repeat(400),
  "line\r\nline\rline\n\tline",
] as const;

/** A result with every verdict and reason, and hostile texts in every member that comes from outside. */
export function hostileResult(): RehearsalResult {
  const text = hostile.join(" ");
  const timeline = [{ atMs: 3, actor: "merchant", text, detail: text }] as const;
  const texts = { title: text, sentence: text, timeline };
  return resultOf(
    [
      failure("paid_by_qr", texts),
      failure("paid_on_phone", { ...texts, severity: "serious", accepted: { reason: text, until: "2027-01-31" } }),
      failure("webhook_and_return_together", { ...texts, verdict: "warn", severity: "minor" }),
      caseResult("unknown <b>", { ...texts, verdict: "not_judged", reason: "unclear" }),
      caseResult("blocked", { ...texts, verdict: "not_judged", reason: "blocked" }),
      caseResult("no_hook", { ...texts, verdict: "not_judged", reason: "missing_hook", missing: ["jobs", "refund"] }),
      caseResult("passes", { title: text }),
    ],
    { seed: text, version: text, seesOrders: false, preflight: [{ id: "door<>", sentence: text, advice: text }] },
  );
}
