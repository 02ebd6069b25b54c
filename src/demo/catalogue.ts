import { html } from "hono/html";
import { type Item, menu, testingShelf } from "./goods.ts";
import type { Html } from "./html.ts";
import { formatMoney, type Page } from "./layout.ts";
import type { Order } from "./orders.ts";
import { pictureOf } from "./pictures.ts";
import type { Reader } from "./reader.ts";

/** The menu and the ways to pay. @param flow the preselected way to pay. */
export function catalogue(reader: Reader, flow: Order["flowType"]): Page {
  const { texts } = reader;
  return {
    title: texts.menu,
    body: html`<form class="catalogue" method="post" action="/demo/orders">
      <section aria-labelledby="menu">
        <h1 id="menu">${texts.question}</h1>
        <div class="menu" role="radiogroup" aria-labelledby="menu">
          ${menu.map((item, index) => menuCard(reader, item, index === 0))}
        </div>
        <details class="card shelf">
          <summary data-testid="testing-shelf">${texts.testingShelf}
            <span class="quiet">${texts.testingShelfHint}</span></summary>
          <div class="tests" role="radiogroup" aria-label="${texts.testingShelf}">
            ${testingShelf.map((item) => testingRow(reader, item))}
          </div>
        </details>
      </section>
      <section class="card checkout" aria-labelledby="checkout">
        <h2 id="checkout" class="quiet">${texts.yourOrder}</h2>
        ${[...menu, ...testingShelf].map((item) => chosenItem(reader, item))}
        <fieldset>
          <legend>${texts.pay}</legend>
          ${flowChoice(reader, "qr_link", flow)} ${flowChoice(reader, "mobile_redirect", flow)}
        </fieldset>
        <button class="primary" data-testid="buy">${texts.buy}</button>
        <p class="quiet">${texts.nothingReal}</p>
      </section>
    </form>`,
  };
}

function chosenItem(reader: Reader, { id, price }: Item): Html {
  const amount = html`<span class="amount">${formatMoney(reader, price)}</span>`;
  return html`<p class="chosen" data-item="${id}">${amount} ${reader.texts.goods[id].name}</p>`;
}

function menuCard(reader: Reader, { id, price }: Item, chosen: boolean): Html {
  const { name, description } = reader.texts.goods[id];
  return html`<label class="card item">
    ${radio("item", id, chosen)}
    ${pictureOf(id)}
    <span class="name">${name}</span>
    <span class="price">${formatMoney(reader, price)}</span>
    <span class="quiet words">${description}</span>
  </label>`;
}

function testingRow(reader: Reader, { id, price }: Item): Html {
  const { name, description } = reader.texts.goods[id];
  return html`<label class="test">
    ${radio("item", id, false)}
    <span class="name">${name}</span>
    <span class="price">${formatMoney(reader, price)}</span>
    <span class="quiet words">${description}</span>
  </label>`;
}

function flowChoice({ texts }: Reader, id: Order["flowType"], chosen: Order["flowType"]): Html {
  const { name, description } = texts.flows[id];
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
