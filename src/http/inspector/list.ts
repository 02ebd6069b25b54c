import { html } from "hono/html";
import type { Notification } from "../../domain/notification.ts";
import { type Payment, transitions } from "../../domain/payment.ts";
import type { PaymentStatus } from "../../domain/statuses.ts";
import type { PaymentRow } from "../../services/payments/queries.ts";
import { formatLeft, formatMoney } from "../ui/format.ts";
import { foreign, type Html } from "../ui/html.ts";
import { inWords } from "./format.ts";
import { addressOf } from "./page-address.ts";
import { nextCursor, type PageData } from "./page-data.ts";

const tones: Readonly<Record<PaymentStatus, string>> = {
  pending: "warn",
  captured: "good",
  partially_refunded: "given",
  refunded: "given",
  declined: "bad",
  aborted: "bad",
  failed: "bad",
};

/** A status in words, with its colour. */
export function statusPill(status: PaymentStatus, testid: string): Html {
  return html`<span class="pill ${tones[status]}" data-testid="${testid}">${inWords(status)}</span>`;
}

/** The world's payments, newest first, with the search form. */
export function paymentList(data: PageData): Html {
  const { list, address } = data;
  const next = nextCursor(data);
  const isEmpty = list.data.length === 0;
  const isSearch = address.text !== undefined || address.status !== undefined;
  const link = (cursor: string | undefined, testid: string, label: string) =>
    html`<a href="${addressOf(address, { cursor })}" data-testid="${testid}">${label}</a>`;
  return html`<section class="list" aria-label="Payments" id="list">
    <h2 class="unseen">Payments</h2>
    ${searchForm(data)}
    ${
      isEmpty
        ? emptyNote(isSearch, next !== undefined)
        : html`<ul class="rows" data-testid="payments">${list.data.map((row) => rowOf(row, data))}</ul>`
    }
    <nav class="paging" aria-label="Pages of payments">
      ${address.cursor === undefined ? "" : link(undefined, "newest", "Newest")}
      ${next === undefined ? "" : link(next, "older", isEmpty ? "Search further" : "Older")}
    </nav>
  </section>`;
}

function emptyNote(isSearch: boolean, hasMore: boolean): Html {
  const nothing = isSearch ? "No payment matches." : "No payment yet. New payments appear here immediately.";
  const text = hasMore ? "No match among the last 1,000 payments." : nothing;
  return html`<p class="empty" data-testid="no-payments">${text}</p>`;
}

function searchForm({ address }: PageData): Html {
  const { world, text, status } = address;
  return html`<form method="get" action="/" class="search" role="search">
    ${world === undefined ? "" : html`<input type="hidden" name="world" value="${world}">`}
    <label class="unseen" for="q">Reference, id or amount</label>
    <input id="q" name="q" type="search" value="${text ?? ""}" placeholder="Reference, id, amount…"
      autocomplete="off" spellcheck="false" data-testid="search">
    <label class="unseen" for="status">Status</label>
    <select id="status" name="status" data-testid="status-filter">
      <option value="">Any status</option>
      ${Object.keys(transitions).map(
        (name) => html`<option value="${name}" ${name === status ? "selected" : ""}>${inWords(name)}</option>`,
      )}
    </select>
    <button data-testid="search-go">Search</button>
  </form>`;
}

function rowOf(row: PaymentRow, { address, clock, world }: PageData): Html {
  const { payment } = row;
  const current = payment.id === address.paymentId;
  const href = addressOf(address, { place: "payment", paymentId: payment.id });
  const webhook = world.settings.webhookUrl === undefined ? "" : webhookNote(row.notifications);
  return html`<li id="row-${payment.id}">
    <a href="${href}" ${current ? html`aria-current="page"` : ""} data-testid="payment-row">
      <span class="amount">${formatMoney(payment.amount)}</span>
      ${statusPill(payment.status, "row-status")}
      <span class="reference">${foreign(payment.merchantReference)}</span>
      <span class="quiet" data-testid="row-note">${noteOf(row, clock.now)}${webhook}</span>
    </a>
  </li>`;
}

/** Details of the status. */
function noteOf({ payment, refunds }: PaymentRow, now: number): Html {
  if (payment.status === "pending") return expiry(payment, now);
  const refund = refunds.at(-1);
  if (refund !== undefined) {
    const words = { pending: "refund pending", failed: "refund failed", refunded: "refund done" }[refund.status];
    return html`<span class="${refund.status === "failed" ? "wrong" : ""}">${words}</span>`;
  }
  return payment.reason === undefined ? html`` : html`<span>${inWords(payment.reason)}</span>`;
}

function expiry({ expireTime }: Payment, now: number): Html {
  if (expireTime <= now) return html`<span>expiring</span>`;
  const left = html`<span data-until="${expireTime}" data-left="digits">${formatLeft(expireTime - now)}</span>`;
  return html`<span>expires in ${left}</span>`;
}

function webhookNote(notifications: readonly Notification[]): Html {
  const latest = notifications.at(-1);
  if (latest === undefined) return html``;
  const words: Partial<Record<Notification["state"], string>> = {
    due: "webhook in progress",
    retrying: "webhook retrying",
    exhausted: "webhook failed",
    suppressed: "webhook suppressed",
    no_endpoint: "webhook not sent",
  };
  const note = words[latest.state];
  return note === undefined
    ? html``
    : html`<span class="${latest.state === "exhausted" ? "wrong" : ""}">${note}</span>`;
}
