import { html } from "hono/html";
import type { KeptRequest } from "../../domain/logged-request.ts";
import type { Html } from "../ui/layout.ts";
import { counted } from "./format.ts";
import { addressOf, type RequestFilter } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { callLine } from "./request-row.ts";
import { lineItems, type TimelineRow } from "./timeline-row.ts";

const perPage = 50;

const filters: Readonly<
  Record<RequestFilter, { readonly words: string; readonly passes: (request: KeptRequest) => boolean }>
> = {
  loose: { words: "Of no payment", passes: ({ paymentId }) => paymentId === undefined },
  all: { words: "All", passes: () => true },
  unsigned: { words: "Unsigned", passes: ({ signature }) => signature === "unsigned" },
  wrong: { words: "Wrong signature", passes: ({ signature }) => signature === "wrong" },
};

/** The log of what came in at the provider's API. */
export function requestsPanel(scene: PageData): Html {
  const { view, requests } = scene;
  const filter = view.requests ?? "loose";
  const before = Number(view.requestCursor ?? Number.POSITIVE_INFINITY);
  const passing = requests.filter(filters[filter].passes);
  const rest = passing.filter(({ sequence }) => sequence < before);
  const shown = rest.slice(0, perPage);
  const end = rest.length > perPage ? shown.at(-1)?.sequence : undefined;
  return html`<article class="requests">
    <a class="back" href="${addressOf(view, { place: "home" })}" data-testid="back">All payments</a>
    <h2>Calls</h2>
    <p class="quiet">What came in at the provider's API in this world, newest first: the last 1,000 at most.</p>
    <nav class="filters" aria-label="Which calls">
      ${Object.entries(filters).map(([name, { words, passes }]) => {
        const address = addressOf(view, { requests: name as RequestFilter, requestCursor: undefined });
        return html`<a href="${address}" ${name === filter ? html`aria-current="page"` : ""} data-testid="filter-${name}">${words} <span class="quiet">${requests.filter(passes).length}</span></a>`;
      })}
    </nav>
    ${filter === "unsigned" && shown.length > 0 ? html`<p class="why waiting">The provider would answer ${counted(passing.length, "call")} like these with 401: here they pass, so that curl works. <code>--auth require</code> refuses them.</p>` : ""}
    ${shown.length === 0 ? html`<p class="empty" data-testid="no-requests">No call is like that.</p>` : callList(shown, scene)}
    <nav class="paging" aria-label="Pages of calls">
      ${view.requestCursor === undefined ? "" : html`<a href="${addressOf(view, { requestCursor: undefined })}" data-testid="newest-requests">Newest</a>`}
      ${end === undefined ? "" : html`<a href="${addressOf(view, { requestCursor: String(end) })}" data-testid="older-requests">Older</a>`}
    </nav>
  </article>`;
}

/** Requests, one below the other. */
export function callList(requests: readonly KeptRequest[], { view, base }: PageData): Html {
  const lines = requests.map((request): TimelineRow => {
    const { paymentId, sequence } = request;
    const line = callLine(request, base, `call-${sequence}`);
    if (paymentId === undefined) return line;
    const address = addressOf(view, { place: "payment", paymentId });
    return { ...line, link: html`<p><a href="${address}" data-testid="request-payment">Its payment</a></p>` };
  });
  return html`<ol class="timeline" data-testid="requests">${lineItems(lines, "request")}</ol>`;
}
