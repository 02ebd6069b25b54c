import { html } from "hono/html";
import { foreign, type Html } from "../ui/html.ts";
import type { Times } from "./times.ts";

/** One row of a timeline. */
export interface TimelineRow {
  /** Element id. It is the same after a reload. */
  readonly key: string;
  readonly time: number;
  readonly tag: "API" | "Page" | "Payer" | "Status" | "Scenario" | "Webhook" | "Refund" | "Clock";
  readonly title: Html;
  /** Query string of a request. */
  readonly query?: string | undefined;
  /** Notes below the title. */
  readonly notes?: readonly string[] | undefined;
  /** Diagnosis of the signature doctor. */
  readonly diagnosis?: string | undefined;
  /** Whether the row reports a failure. */
  readonly wrong?: boolean;
  /** Details that the reader can open, and their name. */
  readonly more?: { readonly name: string; readonly testid: string; readonly body: Html };
  readonly link?: Html;
}

/** How rows are written. */
interface RowOptions {
  readonly testid: string;
  readonly times: Times;
  /** Key of the row whose details are open. */
  readonly openKey?: string | undefined;
}

/** The rows as list items. The first row of each day contains the date. */
export function rowItems(rows: readonly TimelineRow[], options: RowOptions): Html[] {
  let lastDay = "";
  return rows.map((row) => {
    const day = options.times.day(row.time);
    const isNew = day !== lastDay;
    lastDay = day;
    return rowItem(row, options, isNew ? day : undefined);
  });
}

function rowItem(
  { key, time, tag, title, query, notes, diagnosis, wrong, more, link }: TimelineRow,
  { testid, times, openKey }: RowOptions,
  day: string | undefined,
): Html {
  const note =
    notes === undefined || notes.length === 0 ? "" : html`<span class="quiet">${foreign(notes.join(" · "))}</span>`;
  const date = day === undefined ? "" : html`<span class="day">${day}</span> `;
  return html`<li id="${key}" class="${wrong ? "wrong" : ""}" data-testid="${testid}" data-kind="${tag}">
    <time datetime="${new Date(time).toISOString()}">${date}${times.exact(time)}</time>
    <span class="tag">${tag}</span>
    <div class="what">
      <h3>${title}</h3>${query === undefined ? "" : html`<p class="query quiet">${foreign(query)}</p>`}
      ${diagnosis === undefined ? "" : html`<p class="doctor" data-testid="diagnosis">${foreign(diagnosis)}</p>`}
      ${
        more === undefined
          ? html`<p>${note}</p>`
          : html`<details class="more" id="${key}-more" ${key === openKey ? "open" : ""}>
        <summary data-testid="${more.testid}">${note} <span class="unseen">${more.name}</span></summary>${more.body}
      </details>`
      }
      ${link ?? ""}
    </div>
  </li>`;
}
