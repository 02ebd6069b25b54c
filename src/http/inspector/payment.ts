import { html } from "hono/html";
import { balances } from "../../domain/ledger.ts";
import { majorFromMoney } from "../../domain/money.ts";
import type { Notification } from "../../domain/notification.ts";
import { payerWallets } from "../../domain/payment.ts";
import { decideRefund, type Refund } from "../../domain/refund.ts";
import type { Refusal } from "../../domain/refusal.ts";
import { declineReasons } from "../../domain/statuses.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { formatMoney } from "../ui/format.ts";
import { foreign, type Html } from "../ui/html.ts";
import { entryOf } from "./done.ts";
import { problemOf } from "./form-actions.ts";
import { counted, foreignUrl, inWords, leftInWords } from "./format.ts";
import { copyButton, hiddenFields } from "./forms.ts";
import { statusPill } from "./list.ts";
import { addressOf, type ExportFormat, exportUrl } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { type Explanation, explanationsOf, type Remedy } from "./pending-reason.ts";
import { inputForm } from "./refused-form.ts";
import { rulesOfPayment } from "./rules.ts";
import { timeline } from "./timeline.ts";

/** A payment: what it waits for, the possible actions, and its timeline. */
export function paymentPanel(data: PageData): Html {
  if (data.payment === undefined) throw new Error("the page has no payment");
  const { whole, requests } = data.payment;
  const { payment } = whole;
  const list = addressOf(data.address, { place: "home", paymentId: undefined });
  return html`<article class="payment" data-testid="payment" data-status="${payment.status}">
    <a class="back" href="${list}" data-testid="back">All payments</a>
    <header>
      <div>
        <p class="id"><span id="payment-id">${payment.id}</span>
          ${copyButton("payment-id", "Copy the payment's id", "copy-id", true)}</p>
        <h2><span class="amount" data-testid="amount">${formatMoney(payment.amount)}</span>
          ${statusPill(payment.status, "status")}</h2>
      </div>
      <nav class="buttons" aria-label="Pages of the payment">
        <a class="button" href="${data.base}/pay/${payment.pageToken}?address=qr" data-testid="open-pay">QR page</a>
        <a class="button" href="${data.base}/wallet/${payment.pageToken}" data-testid="open-wallet">Wallet page</a>
      </nav>
    </header>
    <div data-testid="why" id="why">
      ${explanationsOf(whole, data.times).map((one) => explanationCard(one, whole, data))}</div>
    ${facts(whole, data)}
    <div class="powers">
      ${payment.status === "pending" ? payerForm(data) : ""} ${refundForm(whole, data)}
      ${refundList(whole, data)} ${notificationList(whole, data)}
    </div>
    <section aria-labelledby="timeline-heading">
      <h3 id="timeline-heading">Timeline <span class="quiet">${data.times.zone}, newest last</span></h3>
      ${shareLinks(payment.id, data)} ${timeline(whole, requests, data)}
    </section>
  </article>`;
}

/** The link to the payment, and the payment as a file. */
function shareLinks(id: string, { shareBase }: PageData): Html {
  const file = (format: ExportFormat, label: string) =>
    html`<a href="${exportUrl(id, format)}" download data-testid="export-${format}">${label}</a>`;
  return html`<div class="share">
      <span class="unseen" id="payment-link">${shareBase}/inspector/payments/${id}</span>
      ${copyButton("payment-link", "Copy the link", "copy-link")}
      ${file("json", "Export as JSON")} ${file("har", "Export as HAR")}
    </div>`;
}

/** What a payment or a webhook waits for, with the actions that end the wait. */
export function explanationCard(
  { id, tone, question, answer, deadline, remedies }: Explanation,
  { now }: WholePayment,
  data: PageData,
): Html {
  return html`<section class="why ${tone}" id="why-${id}" data-testid="finding">
    <p>${question === undefined ? "" : html`<strong>${question}</strong> `}<span>${answer}</span>
      ${deadline === undefined ? "" : deadlineNote(deadline, now, data)}</p>
    ${remedies.length === 0 ? "" : html`<div class="buttons">${remedies.map((one) => remedyForm(one, data))}</div>`}
  </section>`;
}

function deadlineNote({ label, time }: NonNullable<Explanation["deadline"]>, now: number, { times }: PageData): Html {
  const at = html`<time datetime="${new Date(time).toISOString()}">${times.near(time, now)}</time>`;
  if (time <= now) return html`<span>${label} ${at}.</span>`;
  const left = html`<span data-until="${time}" data-left="words">${leftInWords(time - now)}</span>`;
  return html`<span>${label} ${at}, in ${left}.</span>`;
}

function remedyForm(remedy: Remedy, data: PageData): Html {
  const hidden = hiddenFields(data);
  const { kind, label } = remedy;
  switch (kind) {
    case "act":
      return html`<form method="post" action="/inspector/payments/${data.address.paymentId}/act">${hidden}
        <button class="primary" name="action" value="${remedy.action}"
          data-testid="why-${remedy.action}">${label}</button>
      </form>`;
    case "advance":
      return html`<form method="post" action="/inspector/clock/advance">${hidden}
        <button name="to" value="${new Date(remedy.to).toISOString()}"
          data-testid="why-advance">${label}</button></form>`;
    case "resend":
      return html`<form method="post" action="/inspector/notifications/${remedy.notificationId}/resend">${hidden}
        <button class="primary" data-testid="why-resend">${label}</button></form>`;
    case "finish":
      return html`<form method="post" action="/inspector/refunds/${remedy.refundId}/act">${hidden}
        <button class="primary" name="action" value="succeed" data-testid="why-finish">${label}</button></form>`;
    case "refund": {
      const { amount, merchantReference } = remedy.refund;
      return html`<form method="post" action="/inspector/payments/${data.address.paymentId}/refunds">${hidden}
        <input type="hidden" name="amount" value="${majorFromMoney(amount)}">
        <input type="hidden" name="merchantReference" value="${merchantReference}">
        <button class="primary" data-testid="why-refund">${label}</button></form>`;
    }
    case "endpoint":
      return endpointForm(label, data);
  }
}

function endpointForm(label: string, data: PageData): Html {
  const form = inputForm(data, "why-endpoint");
  return html`<form method="post" action="/inspector/endpoint" class="line" ${form.attributes}>
        ${hiddenFields(data)} ${form.marker}
        <label class="unseen" for="why-endpoint">URL of the endpoint</label>
        <input id="why-endpoint" name="webhookUrl" type="url" required placeholder="http://localhost:3000/webhooks"
          autocomplete="off" spellcheck="false" value="${form.value("webhookUrl")}" ${form.attributesOf("webhookUrl")}
          data-testid="why-endpoint-url">
        <button class="primary" data-testid="why-endpoint">${label}</button>
        ${form.problemOf("webhookUrl")}</form>`;
}

function facts(whole: WholePayment, data: PageData): Html {
  const { payment, entries, now } = whole;
  const { times } = data;
  const rules = rulesOfPayment(whole, data);
  const { captured, refunded, reserved, left } = balances(entries);
  const row = (name: string, value: Html | string, testid?: string) =>
    html`<div><dt>${name}</dt><dd ${testid === undefined ? "" : html`data-testid="${testid}"`}>${value}</dd></div>`;
  return html`<dl class="facts">
    ${row("Reference", foreign(payment.merchantReference), "reference")}
    ${row("Returns to", foreignUrl(payment.returnUrl), "return-url")}
    ${row("Flow", payment.flowType)} ${row("Created", `${times.instant(payment.createTime)} ${times.zone}`)}
    ${payment.wallet === undefined ? "" : row("Wallet", inWords(payment.wallet))}
    ${
      captured === 0
        ? ""
        : html`${row("Captured", formatMoney(captured))} ${row("Refunded", formatMoney(refunded))}
          ${reserved === 0 ? "" : row("Reserved for refunds", formatMoney(reserved))}
          ${row("Left to refund", formatMoney(left), "left")}`
    }
    ${payment.status === "pending" ? row("Expires", `${times.near(payment.expireTime, now)} ${times.zone}`) : ""}
    ${rules === undefined ? "" : row("Created under", rules, "payment-rules")}
  </dl>`;
}

function payerForm(data: PageData): Html {
  const form = inputForm(data, "act");
  const button = (action: string, label: string) =>
    html`<button name="action" value="${action}" data-testid="act-${action}">${label}</button>`;
  const options = (values: readonly string[], chosen: string) =>
    values.map(
      (value) => html`<option value="${value}" ${value === chosen ? "selected" : ""}>${inWords(value)}</option>`,
    );
  return html`<details class="panel" id="act-details" ${form.open}>
    <summary data-testid="act-open">Act as the payer</summary>
    <form method="post" action="/inspector/payments/${data.address.paymentId}/act" class="stack"
      ${form.attributes}>
      ${hiddenFields(data)} ${form.marker}
      <div class="pair">
        <div><label for="wallet">Wallet</label>
          <select id="wallet" name="wallet" ${form.attributesOf("wallet")} data-testid="act-wallet">
            <option value="">not specified</option>${options(payerWallets, form.value("wallet"))}
          </select>${form.problemOf("wallet")}</div>
        <div><label for="reason">Reason to decline</label>
          <select id="reason" name="reason" ${form.attributesOf("reason")}
            data-testid="act-reason">${options(declineReasons, form.value("reason"))}</select>
          ${form.problemOf("reason")}</div>
      </div>
      <div class="buttons">${button("scan", "Scan")} ${button("pay", "Pay")} ${button("decline", "Decline")}
        ${button("cancel", "Cancel")} ${button("expire", "Let it expire")} ${button("fail", "Fail")}</div>
    </form>
  </details>`;
}

function refundForm(whole: WholePayment, data: PageData): Html {
  const { payment, world, now } = whole;
  const decision = decideRefund(whole, undefined, now, world.settings.refundWindowMs);
  if (!decision.ok) return noRefundNote(decision.refusal);
  const { amount: left } = decision.value;
  const form = inputForm(data, "refund");
  return html`<details class="panel" id="refund-details" ${form.open}>
    <summary data-testid="refund-open">Refund…</summary>
    <form method="post" action="/inspector/payments/${payment.id}/refunds" class="stack" ${form.attributes}>
      ${hiddenFields(data)} ${form.marker}
      <div class="pair">
        <div><label for="refund-amount">Amount in HKD; empty for all of ${formatMoney(left)}</label>
          <input id="refund-amount" name="amount" inputmode="decimal" autocomplete="off"
            value="${form.value("amount")}" ${form.attributesOf("amount")} data-testid="refund-amount">
          ${form.problemOf("amount")}</div>
        <div><label for="refund-reference">Reference</label>
          <input id="refund-reference" name="merchantReference" autocomplete="off"
            value="${form.value("merchantReference", "refunded at the provider")}"
            ${form.attributesOf("merchantReference")} data-testid="refund-reference">
          ${form.problemOf("merchantReference")}</div>
      </div>
      <div class="buttons"><button class="primary" data-testid="refund-start">Refund</button></div>
    </form>
  </details>`;
}

/** Why a paid payment cannot be refunded. */
function noRefundNote(refusal: Refusal): Html {
  const isForPaid = refusal.code === "partial_refund_limit_reached" || refusal.code === "refund_window_closed";
  return isForPaid ? html`<p class="note" data-testid="no-refund">${problemOf(refusal)}</p>` : html``;
}

function refundList({ refunds }: WholePayment, data: PageData): Html {
  if (refunds.length === 0) return html``;
  const isOpen = refunds.some(({ id }) => `refund-${id}` === entryOf(data.done));
  return html`<details class="panel" id="refunds-details" ${isOpen ? "open" : ""}>
    <summary data-testid="refunds-open">${counted(refunds.length, "refund")}</summary>
    <ul class="things">${refunds.map((refund) => refundItem(refund, data))}</ul>
  </details>`;
}

const refundTones = { pending: "warn", refunded: "given", failed: "bad" } as const;

function refundItem({ id, amount, status, merchantReference }: Refund, data: PageData): Html {
  return html`<li id="refund-${id}" data-testid="refund">
    <span><strong>${formatMoney(amount)}</strong>
      <span class="pill ${refundTones[status]}">${status}</span> ${foreign(merchantReference)}</span>
    ${
      status === "pending"
        ? html`<form method="post" action="/inspector/refunds/${id}/act" class="buttons">${hiddenFields(data)}
            <button name="action" value="succeed" data-testid="refund-succeed">Succeed</button>
            <button name="action" value="fail" data-testid="refund-fail">Fail</button></form>`
        : ""
    }
  </li>`;
}

/** Colour of each state of a notification. */
export const deliveryTones = {
  due: "warn",
  retrying: "warn",
  delivered: "good",
  exhausted: "bad",
  suppressed: "warn",
  no_endpoint: "warn",
} as const;

function notificationList({ notifications, world }: WholePayment, data: PageData): Html {
  if (notifications.length === 0) return html``;
  const hasEndpoint = world.settings.webhookUrl !== undefined;
  return html`<details class="panel" id="notifications-details">
    <summary data-testid="notifications-open">${counted(notifications.length, "notification")}</summary>
    <ul class="things">${notifications.map(
      (notification) => html`<li id="notification-${notification.id}" data-testid="notification">
        ${notificationName(notification)} ${hasEndpoint ? resendForm(notification, data) : ""}
      </li>`,
    )}</ul>
  </details>`;
}

function notificationName({ type, state }: Notification): Html {
  return html`<span>of the ${type}
          <span class="pill ${deliveryTones[state]}" data-testid="notification-state">${inWords(state)}</span></span>`;
}

function resendForm({ id, state }: Notification, data: PageData): Html {
  return html`<form method="post" action="/inspector/notifications/${id}/resend">
          ${hiddenFields(data)}
          <button data-testid="resend">${state === "delivered" ? "Send again" : "Send now"}</button></form>`;
}
