import { html } from "hono/html";
import { groups, type RehearsalCase } from "../case.ts";
import type { CaseResult } from "../result.ts";
import type { Actor, TimelineEntry } from "../timeline.ts";
import { anchorOf, foreign, type Html, severityPill, verdictPill } from "./html-parts.ts";
import { counted, durationText, safeText, shownVerdict } from "./texts.ts";

/** A case with its texts and its timeline. A case that passed is closed, as is one that was not judged. */
export function caseArticle(result: CaseResult, table: RehearsalCase | undefined): Html {
  const { id, title, severity, group, sentence, durationMs, accepted } = result;
  const verdict = shownVerdict(result);
  const isQuiet = verdict === "pass" || verdict === "not_judged";
  const facts = `${groups[group]}, ${durationText(durationMs)}`;
  const weight = isQuiet
    ? html`<span class="quiet">${severity}, ${facts}</span>`
    : html`${severityPill(severity)} <span class="quiet">${facts}</span>`;
  const heading = html`<h4>${foreign(title)} <span class="id quiet">${safeText(id)}</span></h4>
      <span class="pills">${verdictPill(verdict)} ${weight}</span>`;
  const until = accepted === undefined ? "" : `Accepted until ${accepted.until}: ${accepted.reason}`;
  const said = html`${sentence === undefined ? "" : html`<p class="sentence">${foreign(sentence)}</p>`}
      ${until === "" ? "" : html`<p>${foreign(until)}</p>`}`;
  const content = html`${table === undefined ? "" : texts(table)} ${timelineDetails(result, !isQuiet)}`;
  if (isQuiet) {
    return html`<details class="case ${verdict}" id="${anchorOf(id)}" data-testid="case">
      <summary>${heading}</summary>
      <div class="content">${said} ${content}</div>
    </details>`;
  }
  return html`<article class="case ${verdict}" id="${anchorOf(id)}" data-testid="case">
      <header>${heading}</header>
      <div class="content">${said} ${content}</div>
    </article>`;
}

function texts({ stake, does, rule, advice }: RehearsalCase): Html {
  const rows = [
    ["At stake", stake],
    ["What the sandbox does", does],
    ["It passes if", rule],
    ["What to change", advice],
  ] as const;
  return html`<dl class="texts">${rows.map(
    ([name, text]) => html`<div><dt>${name}</dt><dd>${foreign(text)}</dd></div>`,
  )}</dl>`;
}

/** @param hasSummary whether the timeline opens on its own, and not with its case. */
function timelineDetails({ timeline }: CaseResult, hasSummary: boolean): Html {
  if (timeline.length === 0) return html`<p class="note">Nothing was done.</p>`;
  const list = html`<ol class="timeline" data-testid="timeline">${timeline.map(entryItem)}</ol>`;
  if (!hasSummary) return list;
  return html`<details class="more"><summary>Timeline: ${counted(timeline.length, "event")}</summary>${list}</details>`;
}

const actorWords: Readonly<Record<Actor, string>> = {
  payer: "Payer",
  merchant: "Merchant",
  provider: "Provider",
  rehearsal: "Rehearsal",
};

function entryItem({ atMs, actor, text, detail }: TimelineEntry): Html {
  const content =
    detail === undefined || detail.trim() === ""
      ? html`<p>${foreign(text)}</p>`
      : html`<details><summary>${foreign(text)}</summary><pre>${safeText(indented(detail.trim()))}</pre></details>`;
  return html`<li class="${actor}"><span class="at">${atMs} ms</span> <span class="actor">${actorWords[actor]}</span>
      <div class="what">${content}</div></li>`;
}

/** Indents the JSON in the lines of a text. JSON stays as it was sent if it would lose something by that. */
function indented(detail: string): string {
  return detail
    .split("\n")
    .map((line) => {
      const json = /^[[{]/.test(line) ? parsed(line) : undefined;
      return json !== undefined && JSON.stringify(json) === line ? JSON.stringify(json, null, 2) : line;
    })
    .join("\n");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
