import { html } from "hono/html";
import { type Item, menu, testingShelf } from "./goods.ts";
import { formatMoney, type Html, type Page } from "./layout.ts";
import type { Order } from "./orders.ts";
import { pictureOf } from "./pictures.ts";

/** What there is, and how to pay. @param flow the way that is chosen at first. */
export function catalogue(flow: Order["flowType"]): Page {
  return {
    title: "Menu",
    body: html`<form class="catalogue" method="post" action="/demo/orders">
      <section aria-labelledby="menu">
        <h1 id="menu">What may we bring you?</h1>
        <div class="menu" role="radiogroup" aria-labelledby="menu">${menu.map((item, at) => menuCard(item, at === 0))}</div>
        <details class="card shelf">
          <summary data-testid="testing-shelf">Testing shelf <span class="quiet">by the amount the sandbox knows what is to happen</span></summary>
          <div class="tests" role="radiogroup" aria-label="Testing shelf">${testingShelf.map(testingRow)}</div>
        </details>
      </section>
      <section class="card checkout" aria-labelledby="checkout">
        <h2 id="checkout" class="quiet">Your order</h2>
        ${[...menu, ...testingShelf].map(
          (item) =>
            html`<p class="chosen" data-item="${item.id}"><span class="amount">${formatMoney(item.price)}</span> ${item.name}</p>`,
        )}
        <fieldset>
          <legend>Pay</legend>
          ${flowChoice("qr_link", flow, "With a code", "Scan it with your phone.")}
          ${flowChoice("mobile_redirect", flow, "On this device", "The wallet opens here.")}
        </fieldset>
        <button class="primary" data-testid="buy">Pay with Alipay HK</button>
        <p class="quiet">Nothing is charged: the wallet is a mock, and so is the coffee.</p>
      </section>
    </form>`,
  };
}

function menuCard({ id, name, words, price }: Item, chosen: boolean): Html {
  return html`<label class="card item">
    ${radio("item", id, chosen)}
    ${pictureOf(id)}
    <span class="name">${name}</span>
    <span class="price">${formatMoney(price)}</span>
    <span class="quiet words">${words}</span>
  </label>`;
}

function testingRow({ id, name, words, price }: Item): Html {
  return html`<label class="test">
    ${radio("item", id, false)}
    <span class="name">${name}</span>
    <span class="price">${formatMoney(price)}</span>
    <span class="quiet words">${words}</span>
  </label>`;
}

function flowChoice(id: string, chosen: string, name: string, words: string): Html {
  return html`<label class="flow">
    ${radio("flow", id, id === chosen)}
    <span class="name">${name}</span>
    <span class="quiet words">${words} <code>${id}</code></span>
  </label>`;
}

function radio(name: string, id: string, chosen: boolean): Html {
  return html`<input type="radio" name="${name}" value="${id}" data-testid="${name}-${id}" ${chosen ? html`checked` : ""}>`;
}
