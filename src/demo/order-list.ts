import { html } from "hono/html";
import { badge } from "./badge.ts";
import type { Html } from "./html.ts";
import { formatMoney, type Page } from "./layout.ts";
import type { Order } from "./orders.ts";
import type { Reader } from "./reader.ts";

/** All orders, newest first. */
export function orderList(reader: Reader, orders: readonly Order[]): Page {
  const { texts } = reader;
  return {
    title: texts.orders,
    body: html`<div class="card list">
      <h1>${texts.orders}</h1>
      ${
        orders.length === 0
          ? html`<p class="quiet" data-testid="no-orders">${texts.noOrders}</p>`
          : html`<ul>${orders.map((order) => row(reader, order))}</ul>`
      }
      <a class="button" href="/demo" data-testid="back-to-shop">${texts.toMenu}</a>
    </div>`,
  };
}

function row(reader: Reader, order: Order): Html {
  const { number, item } = order;
  return html`<li>
    <a href="/demo/orders/${number}" data-testid="order-${number}">
      <span class="name">${reader.texts.goods[item.id].name}</span>
      <span class="price">${formatMoney(reader, item.price)}</span>
      <span class="quiet">order-${number}</span>
      ${badge(reader, order)}
    </a>
  </li>`;
}
