import { html } from "hono/html";
import type { Html } from "./html.ts";
import { formatMoney, type Page } from "./layout.ts";
import { badge } from "./order-page.ts";
import type { Order } from "./orders.ts";

/** All orders, newest first. */
export function orderList(orders: readonly Order[]): Page {
  return {
    title: "Orders",
    body: html`<div class="card list">
      <h1>Orders</h1>
      ${
        orders.length === 0
          ? html`<p class="quiet" data-testid="no-orders">No orders yet.</p>`
          : html`<ul>${orders.map(row)}</ul>`
      }
      <a class="button" href="/demo" data-testid="back-to-shop">To the menu</a>
    </div>`,
  };
}

function row(order: Order): Html {
  return html`<li>
    <a href="/demo/orders/${order.number}" data-testid="order-${order.number}">
      <span class="name">${order.item.name}</span>
      <span class="price">${formatMoney(order.item.price)}</span>
      <span class="quiet">order-${order.number}</span>
      ${badge(order)}
    </a>
  </li>`;
}
