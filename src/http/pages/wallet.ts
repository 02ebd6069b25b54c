import { html } from "hono/html";
import type { DeclineReason } from "../../domain/payment.ts";
import { declineReasons } from "../../domain/payment.ts";
import type { PaymentView } from "../../services/payments.ts";
import { formatMoney, formatTime, type Page } from "./layout.ts";

const reasonLabels: Record<DeclineReason, string> = {
  insufficient_funds: "Too little money",
  limit_exceeded: "Above a limit",
  risk_rejected: "Refused by risk control",
  payment_declined: "No reason given",
};

/** For the payer: pay, be declined, or cancel. `tab` is `same` where the browser is to go back from here. */
export function walletPage({ payment, world }: PaymentView, tab: "same" | ""): Page {
  const action = `/wallet/${payment.pageToken}/actions`;
  const hidden = html`<input type="hidden" name="tab" value="${tab}">`;
  return {
    title: `Pay ${formatMoney(payment.amount)}`,
    body: html`<h1>Pay ${world.settings.merchantName}</h1>
      <p class="amount" data-testid="amount">${formatMoney(payment.amount)}</p>
      <dl>
        <dt>Reference</dt><dd class="id" data-testid="reference">${payment.merchantReference}</dd>
        <dt>Pay before</dt><dd data-testid="expiry">${formatTime(payment.expireTime)}</dd>
      </dl>
      <form method="post" action="${action}">
        ${hidden}
        <button class="primary" name="action" value="pay" data-testid="pay">Pay ${formatMoney(payment.amount)}</button>
        <button name="action" value="cancel" data-testid="cancel">Cancel</button>
      </form>
      <fieldset>
        <legend>Let the wallet decline</legend>
        <form method="post" action="${action}">
          ${hidden}
          <label for="reason">Reason</label>
          <select id="reason" name="reason" data-testid="reason">
            ${declineReasons.map((reason) => html`<option value="${reason}">${reasonLabels[reason]} (${reason})</option>`)}
          </select>
          <button name="action" value="decline" data-testid="decline">Decline</button>
        </form>
      </fieldset>`,
  };
}
