import { html } from "hono/html";
import type { PaymentReason, PaymentStatus } from "../../domain/payment.ts";
import type { PaymentView } from "../../services/payments.ts";
import { paymentReasons } from "../api/reasons.ts";
import { formatMoney, type Page } from "./layout.ts";

const headlines: Record<PaymentStatus, string> = {
  pending: "Waiting for the payer",
  captured: "Paid",
  partially_refunded: "Paid, and refunded in part",
  refunded: "Paid, and refunded",
  declined: "Declined by the wallet",
  aborted: "Not paid",
  failed: "Failed",
};

/** What happened. With `returns` the browser goes on to the merchant by itself; the link is there in any case. */
export function resultPage({ payment, world }: PaymentView, returns: boolean): Page {
  const seconds = Math.ceil(world.settings.returnDelayMs / 1000);
  const good =
    payment.status === "captured" || payment.status === "refunded" || payment.status === "partially_refunded";
  return {
    title: headlines[payment.status],
    // Not a Location header: a form's policy would stop it, and the URL would be encoded anew on the way.
    ...(returns ? { head: html`<meta http-equiv="refresh" content="${seconds};url=${payment.returnUrl}">` } : {}),
    body: html`<h1>${world.settings.merchantName}</h1>
      <p class="amount" data-testid="amount">${formatMoney(payment.amount)}</p>
      <p class="status ${good ? "good" : "bad"}" data-testid="status" data-status="${payment.status}">${headlines[payment.status]}</p>
      ${payment.reason === undefined ? "" : html`<p data-testid="reason">${sentence(payment.reason)}</p>`}
      <dl><dt>Reference</dt><dd class="id" data-testid="reference">${payment.merchantReference}</dd></dl>
      <a class="button primary" data-testid="back-to-merchant" href="${payment.returnUrl}">Back to the merchant</a>
      <p class="note">${returns ? "The browser goes back by itself." : "The page that showed the code goes back by itself."}</p>`,
  };
}

function sentence(reason: PaymentReason): string {
  return paymentReasons[reason];
}
