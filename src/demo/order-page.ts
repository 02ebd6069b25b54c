import { html } from "hono/html";
import { badge } from "./badge.ts";
import { entryList } from "./entries.ts";
import type { Html } from "./html.ts";
import { formatMoney, type Page } from "./layout.ts";
import type { Cause, Order, OrderRefund } from "./orders.ts";
import { paymentList } from "./payment-list.ts";
import { english, type Reader } from "./reader.ts";
import { allowedRefunds, isUnsettled, leftToRefund, paymentOf, type State, stateOf } from "./states.ts";

/**
 * The page of an order: its state, the possible actions, and the server's requests and responses.
 * @param forBrowser converts a URL of the sandbox to one for the browser.
 */
export function orderPage(reader: Reader, order: Order, forBrowser: (url: string) => string): Page {
  const { texts } = reader;
  const { number, version, entries } = order;
  return {
    title: texts.orderTitle(texts.states[stateOf(order)].name, number),
    live: { url: `/demo/orders/${number}/state`, version, reloads: isUnsettled(order) },
    body: html`<div class="order">
      <p id="announcement" class="unseen" role="status"></p>
      <section class="card" id="order" aria-labelledby="order-heading">
        ${summary(reader, order, forBrowser)}
        ${stateOf(order) === "attention" ? paymentList(reader, order) : ""} ${refunds(reader, order)}
      </section>
      <section class="exchange" id="exchange" aria-labelledby="exchange-heading">
        <h2 id="exchange-heading">${texts.exchange}</h2>
        ${entryList(reader, entries)}
      </section>
    </div>`,
  };
}

function summary(reader: Reader, order: Order, forBrowser: (url: string) => string): Html {
  const { texts } = reader;
  const { number, item, notice, trouble } = order;
  const state = stateOf(order);
  const payment = paymentOf(order);
  const reason = state === "waiting" || state === "attention" ? undefined : payment?.reason;
  return html`<h1 id="order-heading" class="quiet">${texts.goods[item.id].name}</h1>
    <p class="amount" data-testid="amount">${formatMoney(reader, item.price)}</p>
    <p>${badge(reader, order)}</p>
    <p data-testid="sentence">${texts.states[state].sentence}</p>
    ${reason === undefined ? "" : reasonOf(reader, reason.description)}
    ${notice === undefined ? "" : alert("notice", causeOf(reader, notice))}
    ${trouble === undefined ? "" : alert("trouble", html`${texts.unknownState}${causeOf(reader, trouble)}`)}
    ${nextAction(reader, order, state, forBrowser)}
    <dl>
      <dt>${texts.order}</dt><dd>${`order-${number}`}</dd>
      ${payment === undefined || state === "attention" ? "" : paymentId(texts.payment, payment.id)}
    </dl>
    ${payment === undefined || state === "attention" ? "" : timelineLink(texts.timeline, payment.id)}`;
}

function reasonOf(reader: Reader, description: string): Html {
  const { fromProvider } = reader.texts;
  return html`<p class="quiet" data-testid="reason">${fromProvider}${english(reader, description)}</p>`;
}

function causeOf(reader: Reader, cause: Cause): Html {
  return "provider" in cause ? english(reader, cause.provider) : html`${reader.texts.troubles[cause.shop]}`;
}

function alert(testid: string, text: Html): Html {
  return html`<p class="notice" role="alert" data-testid="${testid}">${text}</p>`;
}

function paymentId(label: string, id: string): Html {
  return html`<dt>${label}</dt><dd class="id" data-testid="payment-id">${id}</dd>`;
}

function timelineLink(label: string, id: string): Html {
  return html`<p><a class="saw" href="/inspector/payments/${id}" data-testid="timeline-link">${label}</a></p>`;
}

/** States in which the payer can start a payment. */
const payable: readonly State[] = ["not_started", "declined", "cancelled", "expired", "failed"];

function nextAction({ texts }: Reader, order: Order, state: State, forBrowser: (url: string) => string): Html {
  const { nextStep } = paymentOf(order) ?? {};
  if (payable.includes(state)) {
    return html`<form method="post" action="/demo/orders/${order.number}/payment">
      <button class="primary" data-testid="try-again">${texts.tryAgain}</button>
    </form>`;
  }
  if (state === "waiting" && nextStep !== undefined) {
    const url = forBrowser(nextStep.redirect.url);
    return html`<a class="button primary" href="${url}" id="go-on" data-testid="go-on">${texts.continue}</a>`;
  }
  return html`<a class="button" href="/demo" data-testid="back-to-shop">${texts.backToMenu}</a>`;
}

function refunds(reader: Reader, order: Order): Html {
  const { texts } = reader;
  // An order that needs attention has a form for each of its payments.
  const left = stateOf(order) === "attention" ? 0 : leftToRefund(order);
  if (left === 0 && order.refunds.length === 0) return html``;
  const rows = order.refunds.map((refund) => refundRow(reader, refund));
  const allowed = allowedRefunds(order);
  const onlyOne = html`<p class="quiet" data-testid="no-more-refunds">${texts.onePartialRefund}</p>`;
  return html`<div class="refunds">
    <h2>${texts.refunds}</h2>
    ${rows.length === 0 ? "" : html`<ul>${rows}</ul>`}
    ${left === 0 ? "" : allowed === "none" ? onlyOne : refundForm(reader, order, left, allowed)}
  </div>`;
}

function refundRow(reader: Reader, { amount, status }: OrderRefund): Html {
  const style = status === "failed" ? "wrong" : "quiet";
  const state = html`<span class="${style}">${reader.texts.refundStates[status] ?? status}</span>`;
  const money = formatMoney(reader, amount);
  return html`<li data-testid="refund" data-status="${status}"><span>${money}</span> ${state}</li>`;
}

function refundForm(reader: Reader, { number, refunds }: Order, left: number, allowed: "any" | "rest"): Html {
  const { texts } = reader;
  const all = texts.refundAll(formatMoney(reader, left));
  return html`<form method="post" action="/demo/orders/${number}/refunds">
    <input type="hidden" name="attempt" value="${refunds.length + 1}">
    ${allowed === "any" ? partOf(reader, left) : ""}
    <button id="refund-all" name="what" value="all" data-testid="refund-all">${all}</button>
  </form>`;
}

function partOf({ texts }: Reader, left: number): Html {
  return html`<label for="refund-amount">${texts.partInHkd}</label>
    <div class="row">
      <input id="refund-amount" name="amount" inputmode="decimal" autocomplete="off"
        placeholder="${(left / 200).toFixed(2)}" data-testid="refund-amount">
      <button id="refund-part" name="what" value="part" data-testid="refund-part">${texts.refundPart}</button>
    </div>`;
}
