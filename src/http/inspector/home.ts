import { html } from "hono/html";
import type { Html } from "../ui/layout.ts";
import { curlOf } from "./format.ts";
import { copyButton } from "./forms.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { callList } from "./requests.ts";

const latestMax = 10;

/** Where nothing is chosen: how to begin, and what came in last. */
export function homePanel(scene: PageData): Html {
  const { requests, view, list } = scene;
  const isNew = requests.length === 0 && list.data.length === 0 && view.text === undefined && view.status === undefined;
  if (isNew) return beginning(scene);
  return html`<article class="home">
    <h2>Latest calls</h2>
    <p class="quiet">Choose a payment to see what happened to it, or see <a href="${addressOf(view, { place: "requests" })}" data-testid="all-requests">the calls that belong to none</a>.</p>
    ${requests.length === 0 ? html`<p class="empty">None is kept.</p>` : callList(requests.slice(0, latestMax), scene)}
  </article>`;
}

function beginning({ base, world }: PageData): Html {
  const body = JSON.stringify({
    processingAccountId: world.processingAccountId,
    merchantReference: "order-1001",
    amount: { value: 128.5, currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
    },
  });
  return html`<article class="home">
    <h2>No payment yet</h2>
    <p>Point your integration at <code>${base}</code>, or create a first payment by hand and open the URL in <code>nextStep</code>:</p>
    <pre id="first-payment" tabindex="0" data-testid="first-payment-text">${curlOf({ method: "POST", target: "/v1/payments", body }, base)}</pre>
    ${copyButton("first-payment", "Copy the command", "copy-first-payment")}
    <p class="quiet">Each call, each page and each webhook shows here as it happens.</p>
  </article>`;
}
