import { html } from "hono/html";
import type { Notification } from "../../domain/notification.ts";
import { type Payment, transitions } from "../../domain/payment.ts";
import type { PaymentStatus } from "../../domain/statuses.ts";
import type { PaymentRow } from "../../services/payments/queries.ts";
import { formatLeft, formatMoney } from "../ui/format.ts";
import type { Html } from "../ui/layout.ts";
import { foreign, inWords } from "./format.ts";
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

/** A status as a word on its colour. */
export function statusPill(status: PaymentStatus, testid: string): Html {
  return html`<span class="pill ${tones[status]}" data-testid="${testid}">${inWords(status)}</span>`;
}

/** A world's payments, newest first, with what is looked for. */
export function paymentList(scene: PageData): Html {
  const { list, view } = scene;
  const next = nextCursor(scene);
  const searching = view.text !== undefined || view.status !== undefined;
  return html`<section class="list" aria-label="Payments" id="list">
    <h2 class="unseen">Payments</h2>
    ${searchForm(scene)}
    ${list.data.length === 0 ? emptyNote(searching, next !== undefined) : html`<ul class="rows" data-testid="payments">${list.data.map((row) => rowOf(row, scene))}</ul>`}
    <nav class="paging" aria-label="Pages of payments">
      ${view.cursor === undefined ? "" : html`<a href="${addressOf(view, { cursor: undefined })}" data-testid="newest">Newest</a>`}
      ${next === undefined ? "" : html`<a href="${addressOf(view, { cursor: next })}" data-testid="older">${list.data.length === 0 ? "Look further" : "Older"}</a>`}
    </nav>
  </section>`;
}

function emptyNote(searching: boolean, more: boolean): Html {
  const words = more
    ? "None among the last 1,000 payments."
    : searching
      ? "No payment is like that."
      : "No payment yet. It shows here as soon as there is one.";
  return html`<p class="empty" data-testid="no-payments">${words}</p>`;
}

function searchForm({ view }: PageData): Html {
  const { world, text, status } = view;
  return html`<form method="get" action="/" class="search" role="search">
    ${world === undefined ? "" : html`<input type="hidden" name="world" value="${world}">`}
    <label class="unseen" for="q">Reference, id or amount</label>
    <input id="q" name="q" type="search" value="${text ?? ""}" placeholder="Reference, id, amount…" autocomplete="off" spellcheck="false" data-testid="search">
    <label class="unseen" for="status">Status</label>
    <select id="status" name="status" data-testid="status-filter">
      <option value="">Any status</option>
      ${Object.keys(transitions).map((name) => html`<option value="${name}" ${name === status ? "selected" : ""}>${inWords(name)}</option>`)}
    </select>
    <button data-testid="search-go">Search</button>
  </form>`;
}

function rowOf(row: PaymentRow, { view, clock, world }: PageData): Html {
  const { payment } = row;
  const current = payment.id === view.paymentId;
  const href = addressOf(view, { place: "payment", paymentId: payment.id });
  const webhook = world.settings.webhookUrl === undefined ? undefined : webhookNote(row.notifications);
  return html`<li id="row-${payment.id}">
    <a href="${href}" ${current ? html`aria-current="page"` : ""} data-testid="payment-row">
      <span class="amount">${formatMoney(payment.amount)}</span>
      ${statusPill(payment.status, "row-status")}
      <span class="reference">${foreign(payment.merchantReference)}</span>
      <span class="quiet" data-testid="row-note">${noteOf(row, clock.now)}${webhook === undefined ? "" : html`<span class="${webhook.tone}">${webhook.words}</span>`}</span>
    </a>
  </li>`;
}

/** What there is to say besides the status. */
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
  return html`<span>expires in <span data-until="${expireTime}" data-left="digits">${formatLeft(expireTime - now)}</span></span>`;
}

function webhookNote(notifications: readonly Notification[]): { words: string; tone: string } | undefined {
  const latest = notifications.at(-1);
  if (latest === undefined) return undefined;
  const words: Partial<Record<Notification["state"], string>> = {
    due: "webhook under way",
    retrying: "webhook retrying",
    exhausted: "webhook given up",
    suppressed: "webhook held back",
    no_endpoint: "webhook not sent",
  };
  const found = words[latest.state];
  return found === undefined ? undefined : { words: found, tone: latest.state === "exhausted" ? "wrong" : "" };
}
