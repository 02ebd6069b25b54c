import { html } from "hono/html";
import { severities } from "../case.ts";
import { type Hook, hookHelp } from "../plan.ts";
import type { Finding, RehearsalResult } from "../result.ts";
import { type ReasonNotJudged, reasonsNotJudged } from "../verdict.ts";
import { caseLink, foreign, type Html, severityPill, verdictPill } from "./html-parts.ts";
import {
  acceptedTexts,
  bySentence,
  counted,
  countSentence,
  countVerdicts,
  durationText,
  missingHooks,
  opensText,
  outcomeSentence,
  outcomeWords,
  reasonWords,
  shownVerdicts,
  verdictWords,
  wireOnly,
} from "./texts.ts";

/** The outcome with its counts. */
export function outcomeSection(result: RehearsalResult): Html {
  const { outcome, startedAt, durationMs, version, seed, seesOrders } = result;
  const shade = { pass: "good", fail: "bad", incomplete: "warn" }[outcome];
  const facts = [
    ["Date", `${startedAt.slice(0, 16).replace("T", " ")} UTC`],
    ["Duration", durationText(durationMs)],
    ["Sandbox", version],
    ["Seed", seed],
  ] as const;
  return html`<section class="outcome ${shade}" aria-labelledby="outcome" data-testid="outcome">
      <h1 id="outcome"><span class="unseen">Rehearsal: </span>${outcomeWords[outcome]}</h1>
      <p class="lead">${outcomeSentence(result)}</p>
      <p>${countSentence(result)}${seesOrders ? "" : html` <strong>${wireOnly}</strong>`}</p>
      <dl class="facts">${facts.map(
        ([name, value]) => html`<div><dt>${name}</dt><dd>${foreign(value)}</dd></div>`,
      )}</dl>
    </section>`;
}

/** The number of cases by severity and verdict. */
export function countsSection({ cases }: RehearsalResult): Html {
  if (cases.length === 0) return html``;
  const total = countVerdicts(cases);
  const shown = shownVerdicts.filter((verdict) => verdict !== "accepted" || total.accepted > 0);
  const rows = [...severities.map((severity) => [severity, cases.filter((one) => one.severity === severity)] as const)];
  return html`<section class="counts" aria-label="Cases by severity" data-testid="counts">
      <table>
        <thead><tr><th scope="col">Severity</th>${shown.map(
          (verdict) => html`<th scope="col">${verdictWords[verdict]}</th>`,
        )}</tr></thead>
        <tbody>${[...rows, ["all", cases] as const].map(
          ([name, of]) =>
            html`<tr><th scope="row">${name}</th>${shown.map((verdict) => {
              const count = countVerdicts(of)[verdict];
              return html`<td class="${count === 0 ? "none" : verdict}">${count === 0 ? "–" : count}</td>`;
            })}</tr>`,
        )}</tbody>
      </table>
    </section>`;
}

/** What blocks all cases. */
export function preflightSection({ preflight }: RehearsalResult): Html {
  if (preflight.length === 0) return html``;
  return html`<section aria-labelledby="preflight" data-testid="preflight">
      <h2 id="preflight">Everything else is blocked</h2>
      <ol class="findings">${preflight.map(
        ({ sentence, advice }) => html`<li class="fail">
          <h3>${foreign(sentence)}</h3>
          <p><strong>What to change:</strong> ${foreign(advice)}</p>
        </li>`,
      )}</ol>
    </section>`;
}

/** The findings: one for each root cause. */
export function findingsSection(result: RehearsalResult): Html {
  const { findings } = result;
  if (findings.length === 0) return html``;
  return html`<section aria-labelledby="findings" data-testid="findings">
      <h2 id="findings">${counted(findings.length, "finding")}</h2>
      <ol class="findings">${findings.map((finding) => findingItem(finding, result))}</ol>
    </section>`;
}

function findingItem(finding: Finding, { cases }: RehearsalResult): Html {
  const { severity, verdict, sentence, advice, cases: ids, isAccepted = false } = finding;
  const accepted = acceptedTexts(finding, cases);
  return html`<li class="${isAccepted ? "accepted" : verdict}">
      <p class="pills">${severityPill(severity)} ${verdictPill(isAccepted ? "accepted" : verdict)}</p>
      <h3>${foreign(sentence)}</h3>
      ${advice === "" ? "" : html`<p><strong>What to change:</strong> ${foreign(advice)}</p>`}
      ${accepted.map((text) => html`<p>${foreign(text)}</p>`)}
      <p class="cases"><span class="quiet">${ids.length === 1 ? "Case" : "Cases"}</span> ${ids.map(
        (id) => html`${caseLink(id)} `,
      )}</p>
    </li>`;
}

/** What was not judged, by reason. */
export function notJudgedSection(result: RehearsalResult): Html {
  const groups = reasonsNotJudged.flatMap((reason) => notJudgedGroup(result, reason) ?? []);
  if (groups.length === 0) return html``;
  return html`<section aria-labelledby="not-judged" data-testid="not-judged">
      <h2 id="not-judged">Not judged</h2>
      ${groups}
    </section>`;
}

function notJudgedGroup({ cases, preflight }: RehearsalResult, reason: ReasonNotJudged): Html | undefined {
  const same = cases.filter((one) => one.verdict === "not_judged" && one.reason === reason);
  if (same.length === 0) return undefined;
  const heading = html`<h3>${reasonWords[reason]} <span class="quiet">${counted(same.length, "case")}</span></h3>`;
  if (reason === "blocked" && preflight.length > 0) return heading;
  if (reason === "missing_hook" && same.every(({ missing }) => missing !== undefined)) {
    return html`${heading}<ul class="reasons">${missingHooks(same).map(
      ({ hook, ...opened }) =>
        html`<li>${foreign(hookHelp[hook as Hook] ?? hook)} <span class="quiet">${opensText(opened)}</span></li>`,
    )}</ul>`;
  }
  return html`${heading}<ul class="reasons">${bySentence(same).map(
    ([sentence, ids]) =>
      html`<li>${foreign(sentence)}<p class="cases">${ids.map((id) => html`${caseLink(id)} `)}</p></li>`,
  )}</ul>`;
}
