import { html } from "hono/html";
import type { PaymentReason } from "../../domain/statuses.ts";
import type { PaymentView } from "../../services/payments/payments.ts";
import { addressOfAsset } from "../ui/assets.ts";
import { formatMoney } from "../ui/format.ts";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { seal } from "../ui/mark.ts";
import { payerPage } from "./bar.ts";
import { merchantFact, referenceFact } from "./facts.ts";
import { script } from "./files.ts";
import { returnLink } from "./return.ts";
import { stepList } from "./steps.ts";
import type { Visit } from "./visit.ts";

export interface ResultPageOptions {
  /** The view in which the payer waited. */
  readonly view: "qr" | "wallet";
  /** Whether the browser goes back to the merchant by itself. The page has a link in both cases. */
  readonly returns: boolean;
}

/** The result of the payment, and the link back to the merchant. */
export function resultPage(visit: Visit, found: PaymentView, { view, returns }: ResultPageOptions): Page {
  const { texts, language } = visit;
  const { payment, world } = found;
  const back = returnLink(visit, payment, returns ? world.settings.returnDelayMs : undefined);
  const facts = html`<dl class="facts">${merchantFact(visit, found)}${referenceFact(visit, found)}</dl>`;
  const amount = html`<p class="amount" data-testid="amount">${formatMoney(payment.amount, language)}</p>`;
  const wallet = html`<div class="wallet result">
      ${outcome(visit, found)}${amount}<div class="card">${facts}</div>${back.body}
    </div>`;
  const checkout = html`<div class="card halves result">
      <section>${outcome(visit, found)}${amount}${back.body}</section>
      <section>${facts}${stepList(texts, payment)}</section>
    </div>`;
  return payerPage(visit, view === "qr" ? "Alipay HK sandbox" : texts.walletName, {
    title: texts.statuses[payment.status],
    shape: view === "qr" ? "checkout" : "phone",
    head: html`${back.head ?? ""}<script src="${addressOfAsset(script)}" defer></script>`,
    ...(back.formAction === undefined ? {} : { formAction: back.formAction }),
    body: view === "qr" ? checkout : wallet,
  });
}

function outcome({ texts }: Visit, { payment: { status, reason } }: PaymentView): Html {
  const isPaid = status === "captured" || status === "refunded" || status === "partially_refunded";
  const shade = isPaid ? "good" : "bad";
  const explanation = (code: PaymentReason) =>
    html`<p class="why" data-testid="reason" data-reason="${code}">${texts.reasons[code]}</p>`;
  return html`${seal(isPaid)}
      <h1 class="status ${shade}" data-testid="status" data-status="${status}">${texts.statuses[status]}</h1>
      ${reason === undefined ? "" : explanation(reason)}`;
}
