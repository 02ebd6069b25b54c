import { html } from "hono/html";
import { entryList } from "./entries.ts";
import type { Html } from "./html.ts";
import { formatMoney, type Page } from "./layout.ts";
import {
  hasPartialRefund,
  isUnsettled,
  leftToRefund,
  type Order,
  type OrderRefund,
  type State,
  stateOf,
} from "./orders.ts";

/** Name, style and sentence of each state. */
const states: Readonly<Record<State, { readonly name: string; readonly style: string; readonly sentence: string }>> = {
  not_started: { name: "Not started", style: "wait", sentence: "The payment could not be started." },
  waiting: {
    name: "Waiting for payment",
    style: "wait",
    sentence: "Please pay on the payment page or in the wallet.",
  },
  paid: { name: "Paid", style: "good", sentence: "Thank you. We are preparing your order." },
  declined: { name: "Declined", style: "bad", sentence: "The wallet declined the payment. Nothing was charged." },
  cancelled: { name: "Cancelled", style: "bad", sentence: "You cancelled the payment. Nothing was charged." },
  expired: { name: "Expired", style: "bad", sentence: "The payment was not made in time. Nothing was charged." },
  failed: { name: "Failed", style: "bad", sentence: "The payment failed. Nothing was charged." },
  refund_pending: { name: "Refund pending", style: "wait", sentence: "The money is on its way back to you." },
  partly_refunded: { name: "Refunded in part", style: "good", sentence: "You received a part of the money back." },
  refunded: { name: "Refunded", style: "good", sentence: "You received all of the money back." },
};

/**
 * The page of an order: its state, the possible actions, and the server's requests and responses.
 * @param forBrowser converts a URL of the sandbox to one for the browser.
 */
export function orderPage(order: Order, forBrowser: (url: string) => string): Page {
  const { name } = states[stateOf(order)];
  const url = `/demo/orders/${order.number}/state`;
  return {
    title: `${name}: order ${order.number}`,
    live: { url, version: order.version, reloads: isUnsettled(order) },
    body: html`<div class="order">
      <p id="announcement" class="unseen" role="status"></p>
      <section class="card" id="order" aria-labelledby="order-heading">
        ${summary(order, forBrowser)} ${refunds(order)}
      </section>
      <section class="exchange" id="exchange" aria-labelledby="exchange-heading">
        <h2 id="exchange-heading">Requests and responses of the shop's server</h2>
        ${entryList(order.entries)}
      </section>
    </div>`,
  };
}

/** The name of an order's state. */
export function badge(order: Order): Html {
  const state = stateOf(order);
  const { name, style } = states[state];
  return html`<span class="badge ${style}" data-testid="state" data-state="${state}">${name}</span>`;
}

function summary(order: Order, forBrowser: (url: string) => string): Html {
  const { number, item, payment, notice, trouble } = order;
  const state = stateOf(order);
  const reason = state === "waiting" ? undefined : payment?.reason;
  return html`<h1 id="order-heading" class="quiet">${item.name}</h1>
    <p class="amount" data-testid="amount">${formatMoney(item.price)}</p>
    <p>${badge(order)}</p>
    <p data-testid="sentence">${states[state].sentence}</p>
    ${reason === undefined ? "" : html`<p class="quiet" data-testid="reason">Alipay HK: ${reason.description}</p>`}
    ${notice === undefined ? "" : alert("notice", notice)}
    ${trouble === undefined ? "" : alert("trouble", `The state of the order is unknown: ${trouble}`)}
    ${nextAction(order, state, forBrowser)}
    <dl>
      <dt>Order</dt><dd>${`order-${number}`}</dd>
      ${payment === undefined ? "" : html`<dt>Payment</dt><dd class="id" data-testid="payment-id">${payment.id}</dd>`}
    </dl>
    ${
      payment === undefined
        ? ""
        : html`<p><a class="saw" href="/inspector/payments/${payment.id}" data-testid="timeline-link">What
            the sandbox saw</a></p>`
    }`;
}

function alert(testid: string, text: string): Html {
  return html`<p class="notice" role="alert" data-testid="${testid}">${text}</p>`;
}

function nextAction({ number, payment }: Order, state: State, forBrowser: (url: string) => string): Html {
  if (state === "not_started") {
    return html`<form method="post" action="/demo/orders/${number}/payment">
      <button class="primary" data-testid="try-again">Try again</button>
    </form>`;
  }
  if (state === "waiting" && payment?.nextStep !== undefined) {
    const url = forBrowser(payment.nextStep.redirect.url);
    return html`<a class="button primary" href="${url}" id="go-on" data-testid="go-on">Continue to the payment</a>`;
  }
  return html`<a class="button" href="/demo" data-testid="back-to-shop">Back to the menu</a>`;
}

const refundStates: Readonly<Record<string, string>> = {
  pending: "pending",
  refunded: "done",
  failed: "failed: you did not receive the money. Please try again.",
};

function refunds(order: Order): Html {
  const left = leftToRefund(order);
  if (left === 0 && order.refunds.length === 0) return html``;
  return html`<div class="refunds">
    <h2>Refunds</h2>
    ${order.refunds.length === 0 ? "" : html`<ul>${order.refunds.map(refundRow)}</ul>`}
    ${left === 0 ? "" : hasPartialRefund(order) ? onePartialRefund : refundForm(order, left)}
  </div>`;
}

const onePartialRefund = html`<p class="quiet" data-testid="no-more-refunds">Alipay HK allows one partial
  refund.</p>`;

function refundRow({ amount, status }: OrderRefund): Html {
  const style = status === "failed" ? "wrong" : "quiet";
  const state = html`<span class="${style}">${refundStates[status] ?? status}</span>`;
  return html`<li data-testid="refund" data-status="${status}"><span>${formatMoney(amount)}</span> ${state}</li>`;
}

function refundForm({ number, refunds }: Order, left: number): Html {
  return html`<form method="post" action="/demo/orders/${number}/refunds">
    <input type="hidden" name="attempt" value="${refunds.length + 1}">
    <label for="refund-amount">A part, in HK$</label>
    <div class="row">
      <input id="refund-amount" name="amount" inputmode="decimal" autocomplete="off"
        placeholder="${(left / 200).toFixed(2)}" data-testid="refund-amount">
      <button id="refund-part" name="what" value="part" data-testid="refund-part">Refund this part</button>
    </div>
    <button id="refund-all" name="what" value="all" data-testid="refund-all">Refund all: ${formatMoney(left)}</button>
  </form>`;
}
