import { html } from "hono/html";
import { paymentBadge } from "./badge.ts";
import type { Html } from "./html.ts";
import { formatMoney } from "./layout.ts";
import { centsOf, type Order } from "./orders.ts";
import type { Reader } from "./reader.ts";
import { allowedRefunds, isForeign, knownPayments, leftToRefund, stateOfPayment } from "./states.ts";

/** All payments of an order, each with what can be refunded of it. */
export function paymentList(reader: Reader, order: Order): Html {
  const rows = knownPayments(order).map((one) => row(reader, order, one));
  return html`<div class="payments">
    <h2>${reader.texts.payments}</h2>
    <ul>${rows}</ul>
  </div>`;
}

function row(reader: Reader, order: Order, one: ReturnType<typeof knownPayments>[number]): Html {
  const { texts } = reader;
  const { payment } = one;
  const state = stateOfPayment(payment, order.refunds);
  const isStrange = "amount" in one;
  const currency = isStrange ? one.amount.currency : "hkd";
  const format = (cents: number) => formatAmount(reader, cents, currency);
  const money = format(isStrange ? centsOf(one.amount, one.contract) : order.item.price);
  const left = isForeign(one) || allowedRefunds(order, one) === "none" ? 0 : leftToRefund(order, payment);
  return html`<li data-testid="payment" data-state="${state}">
    <span class="price">${money}</span> ${paymentBadge(reader, state)}
    ${isStrange ? html`<span class="wrong">${texts.notStarted}</span>` : ""}
    <a class="id" href="/inspector/payments/${payment.id}" data-testid="payment-link">${payment.id}</a>
    ${left === 0 ? "" : refundForm(reader, order, payment.id, format(left))}
  </li>`;
}

function refundForm({ texts }: Reader, { number, refunds }: Order, id: string, money: string): Html {
  return html`<form method="post" action="/demo/orders/${number}/refunds">
    <input type="hidden" name="attempt" value="${refunds.length + 1}">
    <input type="hidden" name="payment" value="${id}">
    <button name="what" value="all" data-testid="refund-payment">${texts.refundPayment(money)}</button>
  </form>`;
}

function formatAmount(reader: Reader, cents: number, currency: string): string {
  const isKnown = /^[a-z]{3}$/i.test(currency);
  return isKnown ? formatMoney(reader, cents, currency) : `${cents / 100} ${currency}`;
}
