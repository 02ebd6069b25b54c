import { html } from "hono/html";
import type { Html } from "../ui/layout.ts";
import { foreign, formatInstant } from "./format.ts";

/** One line of what happened. */
export interface TimelineRow {
  /** Stays the same when the page is read again. */
  readonly key: string;
  readonly time: number;
  readonly tag: "API" | "Page" | "Payer" | "Status" | "Scenario" | "Webhook" | "Refund" | "Clock";
  readonly title: Html;
  /** What is to be known at first sight besides. */
  readonly words?: readonly string[] | undefined;
  /** What the doctor says. */
  readonly diagnosis?: string | undefined;
  /** Whether something went wrong. */
  readonly wrong?: boolean;
  /** What opens on demand, and its name. */
  readonly more?: { readonly name: string; readonly testid: string; readonly body: Html };
  readonly link?: Html;
}

/** Lines with the day before the first one of each. */
export function lineItems(lines: readonly TimelineRow[], testid: string): Html[] {
  let day = "";
  return lines.map((line) => {
    const here = formatInstant(line.time).slice(0, 10);
    const isNew = here !== day;
    day = here;
    return lineItem(line, testid, isNew ? here : undefined);
  });
}

function lineItem(
  { key, time, tag, title, words, diagnosis, wrong, more, link }: TimelineRow,
  testid: string,
  day?: string,
): Html {
  const iso = new Date(time).toISOString();
  const note =
    words === undefined || words.length === 0 ? "" : html`<span class="quiet">${foreign(words.join(" · "))}</span>`;
  return html`<li id="${key}" class="${wrong ? "wrong" : ""}" data-testid="${testid}" data-kind="${tag}">
    <time datetime="${iso}">${day === undefined ? "" : html`<span class="day">${day}</span> `}${iso.slice(11, 23)}</time>
    <span class="tag">${tag}</span>
    <div class="what">
      <h3>${title}</h3>
      ${diagnosis === undefined ? "" : html`<p class="doctor" data-testid="diagnosis">${foreign(diagnosis)}</p>`}
      ${
        more === undefined
          ? html`<p>${note}</p>`
          : html`<details class="more" data-key="${key}-more"><summary data-testid="${more.testid}">${note} <span class="unseen">${more.name}</span></summary>${more.body}</details>`
      }
      ${link ?? ""}
    </div>
  </li>`;
}
