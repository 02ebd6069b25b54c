import { html } from "hono/html";
import { transitions } from "../../domain/payment.ts";
import type { Html } from "../ui/html.ts";
import { inWords } from "./format.ts";
import { keysButton } from "./keys.ts";
import { filterProblem, onlys } from "./list-filters.ts";
import type { ListFilters } from "./page-address.ts";
import type { PageData } from "./page-data.ts";

/** The form that filters the list. With scripts, `list.js` uses it at each change. */
export function filterForm(data: PageData): Html {
  const { world, text, status } = data.address;
  const counts = data.statusCounts;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const problem = filterProblem(data.address, data.times);
  return html`<form method="get" action="/" class="search" role="search">
    ${world === undefined ? "" : html`<input type="hidden" name="world" value="${world}">`}
    <label class="unseen" for="q">Reference, id or amount</label>
    <input id="q" name="q" type="search" value="${text ?? ""}" placeholder="Reference, id, HK$"
      autocomplete="off" spellcheck="false" data-testid="search">
    <button data-testid="search-go">Search</button>
    <label class="unseen" for="status">Status</label>
    <select id="status" name="status" data-testid="status-filter">
      <option value="">All (${inEnglish(all)})</option>
      ${Object.keys(transitions).map((name) => {
        const label = `${inWords(name)} (${inEnglish(counts.get(name) ?? 0)})`;
        return html`<option value="${name}" ${name === status ? "selected" : ""}>${label}</option>`;
      })}
    </select>
    ${keysButton()} ${moreFilters(data)}
    ${problem === undefined ? "" : html`<p class="note wrong" role="alert" data-testid="filter-problem">${problem}</p>`}
  </form>`;
}

const inEnglish = (count: number) => count.toLocaleString("en");

function moreFilters({ address, times }: PageData): Html {
  const { only, from, until, least, most } = address;
  const isOpen = [only, from, until, least, most].some((text) => text !== undefined);
  const field = (name: keyof ListFilters, label: string, value: string | undefined, type: Html) =>
    html`<div><label for="filter-${name}">${label}</label>
      <input id="filter-${name}" name="${name}" value="${value ?? ""}" ${type} data-testid="filter-${name}"></div>`;
  const day = html`type="date"`;
  const amount = html`inputmode="decimal" autocomplete="off"`;
  return html`<details class="panel" id="filters-details" ${isOpen ? "open" : ""}>
    <summary data-testid="filters-open">Filters</summary>
    <div class="fields">
      <div class="wide"><label for="filter-only">Webhook or refund</label>
        <select id="filter-only" name="only" data-testid="filter-only">
          <option value="">Any</option>
          ${Object.entries(onlys).map(
            ([name, { label }]) => html`<option value="${name}" ${name === only ? "selected" : ""}>${label}</option>`,
          )}
        </select></div>
      ${field("from", "From", from, day)} ${field("until", "To", until, day)}
      ${field("least", "At least, in HKD", least, amount)} ${field("most", "At most, in HKD", most, amount)}
      <p class="note wide">Days in ${times.zone}.</p>
    </div>
  </details>`;
}
