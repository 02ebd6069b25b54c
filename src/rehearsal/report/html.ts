import { html, raw } from "hono/html";
import { groups, type RehearsalCase, severities } from "../case.ts";
import type { CaseResult, RehearsalResult } from "../result.ts";
import { caseArticle } from "./html-case.ts";
import type { Html } from "./html-parts.ts";
import { countsSection, findingsSection, notJudgedSection, outcomeSection, preflightSection } from "./html-summary.ts";
import { stylesheet } from "./stylesheet.ts";
import { counted, outcomeWords, type ShownVerdict, shownVerdict, shownVerdicts } from "./texts.ts";

/** The inspector's mark. */
const mark = html`<svg class="mark" viewBox="0 0 28 28" aria-hidden="true"><rect width="28" height="28" rx="8"/><path
  d="M7.5 11.2c2.2-2.4 4.3-2.4 6.5 0s4.3 2.4 6.5 0M7.5 17c2.2-2.4 4.3-2.4 6.5 0s4.3 2.4 6.5 0"/></svg>`;

/** The document needs no script and loads nothing. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * The result as one HTML file without script and without outside resources: the outcome, the findings, and each case
 * with its timeline, failures first.
 * @param cases the table, for the texts of each case.
 */
export function htmlReport(result: RehearsalResult, cases: readonly RehearsalCase[]): string {
  const table = new Map(cases.map((one) => [one.id, one]));
  return String(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Rehearsal: ${outcomeWords[result.outcome].toLowerCase()} · Alipay HK sandbox</title>
    <style>${raw(stylesheet())}</style>
  </head>
  <body>
    <header class="bar"><p class="brand">${mark} Alipay HK sandbox</p><p class="quiet">Rehearsal</p></header>
    <main>
      <div class="first">${outcomeSection(result)} ${countsSection(result)}</div>
      ${preflightSection(result)}
      ${findingsSection(result)}
      ${notJudgedSection(result)}
      ${casesSection(result.cases, table)}
    </main>
  </body>
</html>
`);
}

const headings: Readonly<Record<ShownVerdict, string>> = {
  fail: "Failed",
  warn: "Warned",
  accepted: "Accepted",
  not_judged: "Not judged",
  pass: "Passed",
};

/** Every case: failures first, then by severity and group. */
function casesSection(results: readonly CaseResult[], table: ReadonlyMap<string, RehearsalCase>): Html {
  if (results.length === 0) return html``;
  const order = Object.keys(groups);
  const rank = ({ severity, group }: CaseResult) => severities.indexOf(severity) * 100 + order.indexOf(group);
  const parts = shownVerdicts.flatMap((verdict) => {
    const same = results.filter((one) => shownVerdict(one) === verdict).toSorted((a, b) => rank(a) - rank(b));
    if (same.length === 0) return [];
    return html`<h3 class="verdict">${headings[verdict]} <span class="quiet">${counted(same.length, "case")}</span></h3>
      ${same.map((one) => caseArticle(one, table.get(one.id)))}`;
  });
  return html`<section class="all" aria-labelledby="cases" data-testid="cases">
      <h2 id="cases">Every case</h2>
      ${parts}
    </section>`;
}
