import { html } from "hono/html";
import type { Notification, NotificationState } from "../../domain/notification.ts";
import type { Payment } from "../../domain/payment.ts";
import type { PaymentStatus } from "../../domain/statuses.ts";
import type { PaymentRow } from "../../services/payments/payment-filters.ts";
import { formatLeft, formatMoney } from "../ui/format.ts";
import { foreign, type Html } from "../ui/html.ts";
import { filterForm } from "./filter-form.ts";
import { ageInWords, inWords } from "./format.ts";
import { addressOf, isFiltered, noFilters, type PageAddress } from "./page-address.ts";
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

/** The world's payments, newest first, with the filters. */
export function paymentList(data: PageData): Html {
  const { list, address } = data;
  const next = nextCursor(data);
  const isNone = list.data.length === 0;
  const link = (changes: Partial<PageAddress>, testid: string, label: string) =>
    html`<a href="${addressOf(address, changes)}" data-testid="${testid}">${label}</a>`;
  return html`<section class="list" aria-label="Payments" id="list">
    <h2 class="unseen">Payments</h2>
    ${filterForm(data)} ${selectedPayment(data)}
    ${
      isNone
        ? emptyNote(isFiltered(address), next !== undefined)
        : html`<ul class="rows" data-testid="payments">${list.data.map((row) => rowOf(row, data))}</ul>`
    }
    <nav class="paging" aria-label="Pages of payments">
      ${address.cursor === undefined ? "" : link({ cursor: undefined }, "newest", "Newest")}
      ${next === undefined ? "" : link({ cursor: next }, "older", isNone ? "Search further" : "Older")}
      ${isFiltered(address) ? link({ ...noFilters, cursor: undefined }, "filters-clear", "Clear filters") : ""}
    </nav>
  </section>`;
}

/** The payment of the page, if the list does not have it. */
function selectedPayment(data: PageData): Html {
  const { payment, paymentCursor, address } = data;
  if (payment === undefined || paymentCursor === undefined) return html``;
  return html`<section class="selected" aria-label="Selected payment" data-testid="selected-payment">
    <p class="quiet">Selected payment
      <a href="${addressOf(address, { cursor: paymentCursor })}" data-testid="show-in-list">Show it in the list</a></p>
    <ul class="rows">${rowOf(payment.whole, data)}</ul>
  </section>`;
}

function emptyNote(hasFilters: boolean, hasMore: boolean): Html {
  const nothing = hasFilters ? "No payment matches." : "No payment yet. New payments appear here immediately.";
  const text = hasMore ? "No match among the last 1,000 payments." : nothing;
  return html`<p class="empty" data-testid="no-payments">${text}</p>`;
}

function rowOf(row: PaymentRow, { address, clock, world }: PageData): Html {
  const { id, amount, status, merchantReference, createTime } = row.payment;
  const current = id === address.paymentId ? html`aria-current="page"` : "";
  const href = addressOf(address, { place: "payment", paymentId: id });
  const webhook = world.settings.webhookUrl === undefined ? "" : webhookMark(row.notifications);
  return html`<li id="row-${id}"><a href="${href}" ${current} data-testid="payment-row">
      <span><span class="amount">${formatMoney(amount)}</span> ${statusPill(status, "row-status")}</span>
      <span><span class="reference">${foreign(merchantReference)}</span> ${noteOf(row, clock.now)}
        <time data-age datetime="${new Date(createTime).toISOString()}">${ageInWords(clock.now - createTime)}</time>
        <span class="unseen">ago</span> ${webhook}</span>
    </a></li>`;
}

/** Details that the status does not tell. */
function noteOf({ payment, refunds }: PaymentRow, now: number): Html {
  const note = (text: Html | string, style = "") => html`<span class="${style}" data-testid="row-note">${text}</span>`;
  if (payment.status === "pending") return note(expiry(payment, now));
  const refund = refunds.at(-1);
  if (refund?.status === "failed") return note("refund failed", "wrong");
  if (refund?.status === "pending") return note("refund pending");
  return payment.reason === undefined ? html`` : note(inWords(payment.reason));
}

function expiry({ expireTime }: Payment, now: number): Html {
  if (expireTime <= now) return html`expiring`;
  return html`expires in <span data-until="${expireTime}" data-left="digits">${formatLeft(expireTime - now)}</span>`;
}

/** The marks of the webhooks, the worst first: a row shows the worst one of its notifications. */
const marks: Readonly<Record<NotificationState, { readonly style: string; readonly words: string }>> = {
  exhausted: { style: "failed", words: "webhook failed" },
  retrying: { style: "retrying", words: "webhook retrying" },
  due: { style: "retrying", words: "webhook in progress" },
  no_endpoint: { style: "none", words: "webhook not sent" },
  suppressed: { style: "none", words: "webhook suppressed" },
  delivered: { style: "delivered", words: "webhook delivered" },
};

function webhookMark(notifications: readonly Notification[]): Html {
  const worst = (Object.keys(marks) as NotificationState[]).find((name) =>
    notifications.some(({ state }) => state === name),
  );
  const isQueued = worst === "due" && notifications.every(({ state, queue }) => state !== "due" || queue === "waiting");
  const mark = worst === undefined ? { style: "none", words: "no webhook" } : marks[worst];
  const { style, words } = isQueued ? { ...mark, words: "webhook waiting" } : mark;
  return html`<span class="webhook-mark ${style}" title="${words}" data-testid="row-webhook"><span
      class="unseen">${words}</span></span>`;
}
