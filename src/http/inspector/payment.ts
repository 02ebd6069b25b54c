import { html } from "hono/html";
import { balances } from "../../domain/ledger.ts";
import { payerWallets } from "../../domain/payment.ts";
import type { Refund } from "../../domain/refund.ts";
import { declineReasons } from "../../domain/statuses.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { formatMoney } from "../ui/format.ts";
import type { Html } from "../ui/layout.ts";
import { counted, durationInWords, foreign, foreignUrl, formatInstant, formatTimeNear, inWords } from "./format.ts";
import { copyButton, hiddenFields } from "./forms.ts";
import { statusPill } from "./list.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { type Explanation, explanationsOf, type Remedy } from "./pending-reason.ts";
import { timeline } from "./timeline.ts";

/** One payment: what it waits for, what can be done, and all that happened to it. */
export function paymentPanel(scene: PageData): Html {
  if (scene.payment === undefined) throw new Error("this view has no payment");
  const { whole, requests } = scene.payment;
  const { payment } = whole;
  return html`<article class="payment" data-testid="payment" data-status="${payment.status}">
    <a class="back" href="${addressOf(scene.view, { place: "home", paymentId: undefined })}" data-testid="back">All payments</a>
    <header>
      <div>
        <p class="id"><span id="payment-id">${payment.id}</span>${copyButton("payment-id", "Copy the payment's id", "copy-id", true)}</p>
        <h2><span class="amount" data-testid="amount">${formatMoney(payment.amount)}</span> ${statusPill(payment.status, "status")}</h2>
      </div>
      <nav class="buttons" aria-label="Pages of the payment">
        <a class="button" href="${scene.base}/pay/${payment.pageToken}?view=qr" data-testid="open-pay">QR page</a>
        <a class="button" href="${scene.base}/wallet/${payment.pageToken}" data-testid="open-wallet">Wallet page</a>
      </nav>
    </header>
    <div data-testid="why" id="why">${explanationsOf(whole).map((finding) => explanationCard(finding, whole, scene))}</div>
    ${facts(whole)}
    <div class="powers">
      ${payment.status === "pending" ? actForm(scene) : ""} ${refundForm(whole, scene)} ${refundList(whole, scene)} ${notificationList(whole, scene)}
    </div>
    <section aria-labelledby="timeline-heading">
      <h3 id="timeline-heading">Timeline <span class="quiet">UTC, newest last</span></h3>
      ${timeline(whole, requests, scene.base)}
    </section>
  </article>`;
}

function explanationCard(
  { id, tone, question, answer, until, ways }: Explanation,
  { now }: WholePayment,
  scene: PageData,
): Html {
  return html`<section class="why ${tone}" id="why-${id}" data-testid="finding">
    <p>${question === undefined ? "" : html`<strong>${question}</strong> `}<span>${answer}</span>
      ${
        until === undefined
          ? ""
          : html`<span>${until.words} <time datetime="${new Date(until.time).toISOString()}">${formatTimeNear(until.time, now)}</time>${until.time <= now ? "." : html`, in <span data-until="${until.time}" data-left="words">${durationInWords(until.time - now)}</span>.`}</span>`
      }</p>
    ${ways.length === 0 ? "" : html`<div class="buttons">${ways.map((way) => wayForm(way, scene))}</div>`}
  </section>`;
}

function wayForm(way: Remedy, scene: PageData): Html {
  const hidden = hiddenFields(scene);
  switch (way.kind) {
    case "act":
      return html`<form method="post" action="/inspector/payments/${scene.view.paymentId}/act">${hidden}<button class="primary" name="action" value="${way.action}" data-testid="why-${way.action}">${way.words}</button></form>`;
    case "advance":
      return html`<form method="post" action="/inspector/clock/advance">${hidden}<button name="to" value="${new Date(way.to).toISOString()}" data-testid="why-advance">${way.words}</button></form>`;
    case "resend":
      return html`<form method="post" action="/inspector/notifications/${way.notificationId}/resend">${hidden}<button class="primary" data-testid="why-resend">${way.words}</button></form>`;
    case "finish":
      return html`<form method="post" action="/inspector/refunds/${way.refundId}/act">${hidden}<button class="primary" name="action" value="succeed" data-testid="why-finish">${way.words}</button></form>`;
    case "endpoint":
      return html`<form method="post" action="/inspector/endpoint" class="line">${hidden}
        <label class="unseen" for="why-endpoint">URL of the endpoint</label>
        <input id="why-endpoint" name="webhookUrl" type="url" required placeholder="http://localhost:3000/webhooks" autocomplete="off" spellcheck="false" data-testid="why-endpoint-url">
        <button class="primary" data-testid="why-endpoint">${way.words}</button></form>`;
  }
}

function facts({ payment, entries, now }: WholePayment): Html {
  const { captured, refunded, reserved, left } = balances(entries);
  const row = (name: string, value: Html | string, testid?: string) =>
    html`<div><dt>${name}</dt><dd ${testid === undefined ? "" : html`data-testid="${testid}"`}>${value}</dd></div>`;
  return html`<dl class="facts">
    ${row("Reference", foreign(payment.merchantReference), "reference")} ${row("Goes back to", foreignUrl(payment.returnUrl), "return-url")}
    ${row("Flow", payment.flowType)} ${row("Created", `${formatInstant(payment.createTime)} UTC`)}
    ${payment.wallet === undefined ? "" : row("Wallet", inWords(payment.wallet))}
    ${
      captured === 0
        ? ""
        : html`${row("Captured", formatMoney(captured))} ${row("Refunded", formatMoney(refunded))}
          ${reserved === 0 ? "" : row("Held for refunds", formatMoney(reserved))} ${row("Left to refund", formatMoney(left), "left")}`
    }
    ${payment.status === "pending" ? row("Expires", `${formatTimeNear(payment.expireTime, now)} UTC`) : ""}
  </dl>`;
}

function actForm(scene: PageData): Html {
  const button = (action: string, words: string) =>
    html`<button name="action" value="${action}" data-testid="act-${action}">${words}</button>`;
  return html`<details class="panel" data-key="act">
    <summary data-testid="act-open">Act as the payer</summary>
    <form method="post" action="/inspector/payments/${scene.view.paymentId}/act" class="stack">
      ${hiddenFields(scene)}
      <div class="pair">
        <div><label for="wallet">Wallet</label>
          <select id="wallet" name="wallet" data-testid="act-wallet"><option value="">not said</option>${payerWallets.map((wallet) => html`<option value="${wallet}">${inWords(wallet)}</option>`)}</select></div>
        <div><label for="reason">Reason to decline</label>
          <select id="reason" name="reason" data-testid="act-reason">${declineReasons.map((reason) => html`<option value="${reason}">${inWords(reason)}</option>`)}</select></div>
      </div>
      <div class="buttons">${button("scan", "Scan")} ${button("pay", "Pay")} ${button("decline", "Decline")} ${button("cancel", "Cancel")} ${button("expire", "Let it expire")} ${button("fail", "Fail")}</div>
    </form>
  </details>`;
}

function refundForm({ payment, entries }: WholePayment, scene: PageData): Html {
  const { left } = balances(entries);
  if (payment.status !== "captured" || left === 0) return html``;
  return html`<details class="panel" data-key="refund">
    <summary data-testid="refund-open">Refund…</summary>
    <form method="post" action="/inspector/payments/${payment.id}/refunds" class="stack">
      ${hiddenFields(scene)}
      <div class="pair">
        <div><label for="refund-amount">Amount in HKD; empty for all of ${formatMoney(left)}</label>
          <input id="refund-amount" name="amount" inputmode="decimal" autocomplete="off" pattern="[0-9]+([.][0-9]{1,2})?" data-testid="refund-amount"></div>
        <div><label for="refund-reference">Reference</label>
          <input id="refund-reference" name="merchantReference" autocomplete="off" value="refunded at the provider" data-testid="refund-reference"></div>
      </div>
      <div class="buttons"><button class="primary" data-testid="refund-start">Refund</button></div>
    </form>
  </details>`;
}

function refundList({ refunds }: WholePayment, scene: PageData): Html {
  if (refunds.length === 0) return html``;
  return html`<details class="panel" data-key="refunds">
    <summary data-testid="refunds-open">${counted(refunds.length, "refund")}</summary>
    <ul class="things">${refunds.map((refund) => refundItem(refund, scene))}</ul>
  </details>`;
}

const refundTones = { pending: "warn", refunded: "given", failed: "bad" } as const;

function refundItem({ id, amount, status, merchantReference }: Refund, scene: PageData): Html {
  return html`<li id="refund-${id}" data-testid="refund">
    <span><strong>${formatMoney(amount)}</strong> <span class="pill ${refundTones[status]}">${status}</span> ${foreign(merchantReference)}</span>
    ${
      status === "pending"
        ? html`<form method="post" action="/inspector/refunds/${id}/act" class="buttons">${hiddenFields(scene)}
            <button name="action" value="succeed" data-testid="refund-succeed">Succeed</button>
            <button name="action" value="fail" data-testid="refund-fail">Fail</button></form>`
        : ""
    }
  </li>`;
}

const deliveryTones = {
  due: "warn",
  retrying: "warn",
  delivered: "good",
  exhausted: "bad",
  suppressed: "warn",
  no_endpoint: "warn",
} as const;

function notificationList({ notifications, world }: WholePayment, scene: PageData): Html {
  if (notifications.length === 0) return html``;
  return html`<details class="panel" data-key="notifications">
    <summary data-testid="notifications-open">${counted(notifications.length, "notification")}</summary>
    <ul class="things">${notifications.map(
      ({ id, type, state }) => html`<li id="notification-${id}" data-testid="notification">
        <span>of the ${type} <span class="pill ${deliveryTones[state]}" data-testid="notification-state">${inWords(state)}</span></span>
        ${
          world.settings.webhookUrl === undefined
            ? ""
            : html`<form method="post" action="/inspector/notifications/${id}/resend">${hiddenFields(scene)}<button data-testid="resend">${state === "delivered" ? "Send again" : "Send now"}</button></form>`
        }
      </li>`,
    )}</ul>
  </details>`;
}
