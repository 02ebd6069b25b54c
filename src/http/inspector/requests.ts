import { html } from "hono/html";
import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Html } from "../ui/html.ts";
import { entryOf } from "./done.ts";
import { counted } from "./format.ts";
import { addressOf, type RequestFilter } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { requestRow } from "./request-row.ts";
import { rowItems, type TimelineRow } from "./timeline-row.ts";

const pageSize = 50;

const filters: Readonly<
  Record<RequestFilter, { readonly label: string; readonly matches: (request: KeptRequest) => boolean }>
> = {
  loose: { label: "Without a payment", matches: ({ paymentId }) => paymentId === undefined },
  all: { label: "All", matches: () => true },
  unsigned: { label: "Unsigned", matches: ({ signature }) => signature === "unsigned" },
  wrong: { label: "Wrong signature", matches: ({ signature }) => signature === "wrong" },
};

/** The log of requests to the provider's API. */
export function requestsPanel(data: PageData): Html {
  const { address, requests } = data;
  const filter = address.requests ?? "loose";
  const before = Number(address.requestCursor ?? Number.POSITIVE_INFINITY);
  const matching = requests.filter(filters[filter].matches);
  const rest = matching.filter(({ sequence }) => sequence < before);
  const shown = rest.slice(0, pageSize);
  const end = rest.length > pageSize ? shown.at(-1)?.sequence : undefined;
  const link = (requestCursor: string | undefined, testid: string, label: string) =>
    html`<a href="${addressOf(address, { requestCursor })}" data-testid="${testid}">${label}</a>`;
  return html`<article class="requests">
    <a class="back" href="${addressOf(address, { place: "home" })}" data-testid="back">All payments</a>
    <h2>Calls</h2>
    <p class="quiet">Requests to the provider's API in this world, newest first, at most 1,000. Times in
      ${data.times.zone}.</p>
    <nav class="filters" aria-label="Which calls">
      ${Object.entries(filters).map(([name, { label, matches }]) => {
        const url = addressOf(address, { requests: name as RequestFilter, requestCursor: undefined });
        const current = name === filter ? html`aria-current="page"` : "";
        const count = html`<span class="quiet">${requests.filter(matches).length}</span>`;
        return html`<a href="${url}" ${current} data-testid="filter-${name}">${label} ${count}</a>`;
      })}
    </nav>
    ${filter === "unsigned" && shown.length > 0 ? unsignedNote(matching.length) : ""}
    ${
      shown.length === 0
        ? html`<p class="empty" data-testid="no-requests">No call matches.</p>`
        : requestList(shown, data)
    }
    <nav class="paging" aria-label="Pages of calls">
      ${address.requestCursor === undefined ? "" : link(undefined, "newest-requests", "Newest")}
      ${end === undefined ? "" : link(String(end), "older-requests", "Older")}
    </nav>
  </article>`;
}

function unsignedNote(count: number): Html {
  return html`<p class="why waiting">The provider would answer ${counted(count, "call")} like these with 401. Here
    they are accepted, so that curl works. <code>--auth require</code> refuses them.</p>`;
}

/** A list of requests. */
export function requestList(requests: readonly KeptRequest[], data: PageData): Html {
  const rows = requests.map((request): TimelineRow => {
    const { paymentId, sequence } = request;
    const row = requestRow(request, data, `call-${sequence}`);
    if (paymentId === undefined) return row;
    const url = addressOf(data.address, { place: "payment", paymentId });
    const link = html`<p><a href="${url}" data-testid="request-payment">Its payment</a></p>`;
    return { ...row, link: html`${row.link ?? ""}${link}` };
  });
  const options = { testid: "request", times: data.times, openKey: entryOf(data.done) };
  return html`<ol class="timeline" data-testid="requests">${rowItems(rows, options)}</ol>`;
}
