import { html } from "hono/html";
import { type Item, menu, testingShelf } from "./goods.ts";
import type { Html } from "./html.ts";
import { formatMoney, type Page } from "./layout.ts";
import type { Order } from "./orders.ts";
import { pictureOf } from "./pictures.ts";

/** The menu and the ways to pay. @param flow the preselected way to pay. */
export function catalogue(flow: Order["flowType"]): Page {
  return {
    title: "Menu",
    body: html`<form class="catalogue" method="post" action="/demo/orders">
      <section aria-labelledby="menu">
        <h1 id="menu">What would you like?</h1>
        <div class="menu" role="radiogroup" aria-labelledby="menu">
          ${menu.map((item, index) => menuCard(item, index === 0))}
        </div>
        <details class="card shelf">
          <summary data-testid="testing-shelf">Testing shelf <span class="quiet">the amount selects the
            outcome</span></summary>
          <div class="tests" role="radiogroup" aria-label="Testing shelf">${testingShelf.map(testingRow)}</div>
        </details>
      </section>
      <section class="card checkout" aria-labelledby="checkout">
        <h2 id="checkout" class="quiet">Your order</h2>
        ${[...menu, ...testingShelf].map(chosenItem)}
        <fieldset>
          <legend>Pay</legend>
          ${flowChoice("qr_link", flow, "With a QR code", "Scan it with your phone.")}
          ${flowChoice("mobile_redirect", flow, "On this device", "The wallet opens in this browser.")}
        </fieldset>
        <button class="primary" data-testid="buy">Pay with Alipay HK</button>
        <p class="quiet">No money moves: wallet and coffee are not real.</p>
      </section>
    </form>`,
  };
}

function chosenItem({ id, name, price }: Item): Html {
  return html`<p class="chosen" data-item="${id}"><span class="amount">${formatMoney(price)}</span> ${name}</p>`;
}

function menuCard({ id, name, description, price }: Item, chosen: boolean): Html {
  return html`<label class="card item">
    ${radio("item", id, chosen)}
    ${pictureOf(id)}
    <span class="name">${name}</span>
    <span class="price">${formatMoney(price)}</span>
    <span class="quiet words">${description}</span>
  </label>`;
}

function testingRow({ id, name, description, price }: Item): Html {
  return html`<label class="test">
    ${radio("item", id, false)}
    <span class="name">${name}</span>
    <span class="price">${formatMoney(price)}</span>
    <span class="quiet words">${description}</span>
  </label>`;
}

function flowChoice(id: string, chosen: string, name: string, description: string): Html {
  return html`<label class="flow">
    ${radio("flow", id, id === chosen)}
    <span class="name">${name}</span>
    <span class="quiet words">${description} <code>${id}</code></span>
  </label>`;
}

function radio(name: string, id: string, chosen: boolean): Html {
  const checked = chosen ? html`checked` : "";
  return html`<input type="radio" name="${name}" value="${id}" data-testid="${name}-${id}" ${checked}>`;
}
