import { html } from "hono/html";
import { entryList } from "./entries.ts";
import { formatMoney, type Html, type Page } from "./layout.ts";
import { isUnsettled, leftToRefund, type Order, type OrderRefund, type State, stateOf } from "./orders.ts";

/** How each state reads, and how it looks. */
const states: Readonly<Record<State, { readonly word: string; readonly look: string; readonly sentence: string }>> = {
  not_started: { word: "Not started", look: "wait", sentence: "The payment could not be started." },
  waiting: {
    word: "Waiting for payment",
    look: "wait",
    sentence: "Please pay on the payment's page or in the wallet.",
  },
  paid: { word: "Paid", look: "good", sentence: "Thank you. We are on it." },
  declined: { word: "Declined", look: "bad", sentence: "The wallet did not pay. Nothing was charged." },
  cancelled: { word: "Cancelled", look: "bad", sentence: "You cancelled the payment. Nothing was charged." },
  expired: { word: "Expired", look: "bad", sentence: "The payment was not made in time. Nothing was charged." },
  failed: { word: "Failed", look: "bad", sentence: "Something went wrong with the payment. Nothing was charged." },
  refund_pending: { word: "Refund under way", look: "wait", sentence: "The money is on its way back to you." },
  partly_refunded: { word: "Refunded in part", look: "good", sentence: "A part of the money is back with you." },
  refunded: { word: "Refunded", look: "good", sentence: "All of the money is back with you." },
};

/** An order: how it stands, what can be done, and beside it what the shop's server sent and got. */
export function orderPage(order: Order): Page {
  const { word } = states[stateOf(order)];
  const url = `/demo/orders/${order.number}/state`;
  return {
    title: `${word}: order ${order.number}`,
    live: { url, version: order.version, reloads: isUnsettled(order) },
    body: html`<div class="order">
      <p id="announcement" class="unseen" role="status"></p>
      <section class="card" id="order" aria-labelledby="order-heading">${summary(order)}${refunds(order)}</section>
      <section class="exchange" id="exchange" aria-labelledby="exchange-heading">
        <h2 id="exchange-heading">What the shop's server sent and got</h2>
        ${entryList(order.entries)}
      </section>
    </div>`,
  };
}

/** The state of an order as a word. */
export function badge(order: Order): Html {
  const state = stateOf(order);
  return html`<span class="badge ${states[state].look}" data-testid="state" data-state="${state}">${states[state].word}</span>`;
}

function summary(order: Order): Html {
  const { number, item, payment, notice, trouble } = order;
  const state = stateOf(order);
  return html`<h1 id="order-heading" class="quiet">${item.name}</h1>
    <p class="amount" data-testid="amount">${formatMoney(item.price)}</p>
    <p>${badge(order)}</p>
    <p data-testid="sentence">${states[state].sentence}</p>
    ${payment?.reason === undefined || state === "waiting" ? "" : html`<p class="quiet" data-testid="reason">Alipay HK says: ${payment.reason.description}</p>`}
    ${notice === undefined ? "" : html`<p class="notice" role="alert" data-testid="notice">${notice}</p>`}
    ${trouble === undefined ? "" : html`<p class="notice" role="alert" data-testid="trouble">The provider cannot say how it stands: ${trouble}</p>`}
    ${wayOn(order, state)}
    <dl>
      <dt>Order</dt><dd>${`order-${number}`}</dd>
      ${payment === undefined ? "" : html`<dt>Payment</dt><dd class="id" data-testid="payment-id">${payment.id}</dd>`}
    </dl>`;
}

function wayOn({ number, payment }: Order, state: State): Html {
  if (state === "not_started") {
    return html`<form method="post" action="/demo/orders/${number}/payment"><button class="primary" data-testid="try-again">Try again</button></form>`;
  }
  if (state === "waiting" && payment?.nextStep !== undefined) {
    return html`<a class="button primary" href="${payment.nextStep.redirect.url}" id="go-on" data-testid="go-on">Go on to the payment</a>`;
  }
  return html`<a class="button" href="/demo" data-testid="back-to-shop">Back to the menu</a>`;
}

const refundStates: Readonly<Record<string, string>> = {
  pending: "under way",
  refunded: "done",
  failed: "failed: the money stays with us",
};

function refunds(order: Order): Html {
  const left = leftToRefund(order);
  if (left === 0 && order.refunds.length === 0) return html``;
  return html`<div class="refunds">
    <h2>Refunds</h2>
    ${order.refunds.length === 0 ? "" : html`<ul>${order.refunds.map(refundRow)}</ul>`}
    ${left === 0 ? "" : refundForm(order, left)}
  </div>`;
}

function refundRow({ amount, status }: OrderRefund): Html {
  return html`<li data-testid="refund" data-status="${status}"><span>${formatMoney(amount)}</span> <span class="quiet">${refundStates[status] ?? status}</span></li>`;
}

function refundForm({ number, refunds }: Order, left: number): Html {
  return html`<form method="post" action="/demo/orders/${number}/refunds">
    <input type="hidden" name="attempt" value="${refunds.length + 1}">
    <label for="refund-amount">A part, in HK$</label>
    <div class="row">
      <input id="refund-amount" name="amount" inputmode="decimal" autocomplete="off" placeholder="${(left / 200).toFixed(2)}" data-testid="refund-amount">
      <button id="refund-part" name="what" value="part" data-testid="refund-part">Refund this part</button>
    </div>
    <button id="refund-all" name="what" value="all" data-testid="refund-all">Refund all: ${formatMoney(left)}</button>
  </form>`;
}
