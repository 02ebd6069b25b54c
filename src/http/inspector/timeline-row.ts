import { html } from "hono/html";
import { foreign, type Html } from "../ui/html.ts";
import { formatInstant } from "./format.ts";

/** One row of a timeline. */
export interface TimelineRow {
  /** Element id. It is the same after a reload. */
  readonly key: string;
  readonly time: number;
  readonly tag: "API" | "Page" | "Payer" | "Status" | "Scenario" | "Webhook" | "Refund" | "Clock";
  readonly title: Html;
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

/**
 * The rows as list items. The first row of each day contains the date.
 * @param openKey the row whose details are open.
 */
export function rowItems(rows: readonly TimelineRow[], testid: string, openKey?: string): Html[] {
  let lastDay = "";
  return rows.map((row) => {
    const day = formatInstant(row.time).slice(0, 10);
    const isNew = day !== lastDay;
    lastDay = day;
    return rowItem(row, testid, { day: isNew ? day : undefined, isOpen: row.key === openKey });
  });
}

function rowItem(
  { key, time, tag, title, notes, diagnosis, wrong, more, link }: TimelineRow,
  testid: string,
  { day, isOpen }: { readonly day: string | undefined; readonly isOpen: boolean },
): Html {
  const iso = new Date(time).toISOString();
  const note =
    notes === undefined || notes.length === 0 ? "" : html`<span class="quiet">${foreign(notes.join(" · "))}</span>`;
  const date = day === undefined ? "" : html`<span class="day">${day}</span> `;
  return html`<li id="${key}" class="${wrong ? "wrong" : ""}" data-testid="${testid}" data-kind="${tag}">
    <time datetime="${iso}">${date}${iso.slice(11, 23)}</time>
    <span class="tag">${tag}</span>
    <div class="what">
      <h3>${title}</h3>
      ${diagnosis === undefined ? "" : html`<p class="doctor" data-testid="diagnosis">${foreign(diagnosis)}</p>`}
      ${
        more === undefined
          ? html`<p>${note}</p>`
          : html`<details class="more" id="${key}-more" ${isOpen ? "open" : ""}>
        <summary data-testid="${more.testid}">${note} <span class="unseen">${more.name}</span></summary>${more.body}
      </details>`
      }
      ${link ?? ""}
    </div>
  </li>`;
}
