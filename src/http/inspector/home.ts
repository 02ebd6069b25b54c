import { html } from "hono/html";
import type { Html } from "../ui/html.ts";
import { curlOf } from "./format.ts";
import { copyButton } from "./forms.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { requestList } from "./requests.ts";

const latestMax = 10;

/** The panel when no payment is selected: the first steps, or the latest calls. */
export function homePanel(data: PageData): Html {
  const { requests, address, list } = data;
  const isSearch = address.text !== undefined || address.status !== undefined;
  if (requests.length === 0 && list.data.length === 0 && !isSearch) return firstSteps(data);
  const unrelated = html`<a href="${addressOf(address, { place: "requests" })}" data-testid="all-requests">calls
      without a payment</a>`;
  const latest = requests.slice(0, latestMax);
  return html`<article class="home">
    <h2>Latest calls</h2>
    <p class="quiet">Select a payment to see its timeline, or see the ${unrelated}.</p>
    ${latest.length === 0 ? html`<p class="empty">No calls yet.</p>` : requestList(latest, data)}
  </article>`;
}

function firstSteps({ base, world }: PageData): Html {
  const body = JSON.stringify({
    processingAccountId: world.processingAccountId,
    merchantReference: "order-1001",
    amount: { value: 128.5, currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
    },
  });
  const command = curlOf({ method: "POST", target: "/v1/payments", body }, base);
  return html`<article class="home">
    <h2>No payment yet</h2>
    <p>Point your integration at <code>${base}</code>, or create a first payment by hand and open the URL in
      <code>nextStep</code>:</p>
    <pre id="first-payment" tabindex="0" data-testid="first-payment-text">${command}</pre>
    ${copyButton("first-payment", "Copy the command", "copy-first-payment")}
    <p class="quiet">Each call, page view and webhook appears here immediately.</p>
  </article>`;
}
