import { html } from "hono/html";
import { drawQrCode } from "../pages/qr-code.ts";
import { foreign, type Html } from "../ui/html.ts";
import { curlOf } from "./format.ts";
import { copyButton, hiddenFields } from "./forms.ts";
import { addressOf } from "./page-address.ts";
import { isEmpty, type PageData } from "./page-data.ts";
import { requestList } from "./requests.ts";
import { testPayment } from "./test-payment.ts";

const latestMax = 10;

/** The panel when no payment is selected: the first steps if there is none, and the latest calls. */
export function homePanel(data: PageData): Html {
  const { requests, address, list } = data;
  if (!isEmpty(list, address)) return latestCalls(data);
  return html`<article class="home">
    ${firstSteps(data)} ${phoneShop(data)}
    ${requests.length === 0 ? "" : html`<h2>Latest calls</h2>${latestList(data)}`}
  </article>`;
}

function latestCalls(data: PageData): Html {
  const unrelated = html`<a href="${addressOf(data.address, { place: "requests" })}" data-testid="all-requests">calls
      without a payment</a>`;
  return html`<article class="home">
    ${phoneShopDrawer(data)}
    <h2>Latest calls</h2>
    <p class="quiet">Select a payment to see its timeline, or see the ${unrelated}.</p>
    ${data.requests.length === 0 ? html`<p class="empty">No calls yet.</p>` : latestList(data)}
  </article>`;
}

function latestList(data: PageData): Html {
  return requestList(data.requests.slice(0, latestMax), data);
}

function firstSteps(data: PageData): Html {
  const { base, world, withShop } = data;
  const command = curlOf(testPayment(world, base), base);
  return html`<h2>No payment yet</h2>
    ${busyWorldList(data)}
    <div class="buttons">
      <form method="post" action="/inspector/payments">
        ${hiddenFields(data)}<button class="primary" data-testid="test-payment">Create a test payment</button>
      </form>
      ${withShop ? html`<a class="button" href="/demo" data-testid="buy">Buy in the demo shop</a>` : ""}
    </div>
    <p>Or point your integration at <code>${base}</code>, or create a payment by hand and open the URL in
      <code>nextStep</code>:</p>
    <pre id="first-payment" tabindex="0" data-testid="first-payment-text">${command}</pre>
    ${copyButton("first-payment", "Copy the command", "copy-first-payment")}
    <p class="quiet">Each call, page view and webhook appears here immediately.</p>`;
}

/** The QR code with which a phone opens the demo shop. */
function phoneShop({ phoneShop: url }: PageData): Html {
  if (url === undefined) return html``;
  return html`<section class="phone" aria-labelledby="phone-heading" data-testid="phone-shop">
    <a class="code" href="${url}" aria-label="Demo shop" data-testid="phone-shop-link">${drawQrCode(url)}</a>
    <div>
      <h3 id="phone-heading">Buy with your phone</h3>
      <p class="quiet">Scan the code: the demo shop opens on your phone. Its payments are in the shop's own world.</p>
      <p class="id">${url}</p>
    </div>
  </section>`;
}

/** The same in a drawer. */
function phoneShopDrawer(data: PageData): Html {
  if (data.phoneShop === undefined) return html``;
  return html`<details class="panel" id="phone-details">
    <summary data-testid="phone-shop-open">Demo on a phone</summary>
    ${phoneShop(data)}
  </details>`;
}

/** Links to the worlds that have payments. */
function busyWorldList({ busyWorlds, demoId }: PageData): Html {
  if (busyWorlds.length === 0) return html``;
  return html`<div class="why" data-testid="busy-worlds">
    <p><strong>This world has no payments.</strong> Other worlds have some:</p>
    <ul class="things">${busyWorlds.map(({ settings, processingAccountId: id }) => {
      const url = addressOf({ place: "home", world: id === demoId ? undefined : id });
      return html`<li><a href="${url}" data-testid="busy-world">${foreign(settings.merchantName)}</a>
        <span class="quiet id">${id}</span></li>`;
    })}</ul>
  </div>`;
}
