import { html } from "hono/html";
import type { PaymentView } from "../../services/payments/payments.ts";
import { addressOfAsset } from "../ui/assets.ts";
import { formatMoney } from "../ui/format.ts";
import type { Html, Page } from "../ui/layout.ts";
import { seal } from "../ui/mark.ts";
import { payerPage } from "./bar.ts";
import { merchantFact, referenceFact } from "./facts.ts";
import { script } from "./files.ts";
import { wayBack } from "./return.ts";
import { stepList } from "./steps.ts";
import type { Visit } from "./visit.ts";

export interface ResultPageOptions {
  /** Where the wait was: before the code, or in the wallet. */
  readonly place: "qr" | "wallet";
  /** Whether the browser goes on to the merchant by itself; the link is there in any case. */
  readonly returns: boolean;
}

/** What happened, and the way back to the merchant. */
export function resultPage(visit: Visit, view: PaymentView, { place, returns }: ResultPageOptions): Page {
  const { texts, language } = visit;
  const { payment, world } = view;
  const back = wayBack(visit, payment, returns ? world.settings.returnDelayMs : undefined);
  const facts = html`<dl class="facts">${merchantFact(visit, view)}${referenceFact(visit, view)}</dl>`;
  const amount = html`<p class="amount" data-testid="amount">${formatMoney(payment.amount, language)}</p>`;
  const inWallet = html`<div class="wallet result">${outcome(visit, view)}${amount}<div class="card">${facts}</div>${back.body}</div>`;
  const beforeCode = html`<div class="card halves result">
      <section>${outcome(visit, view)}${amount}${back.body}</section>
      <section>${facts}${stepList(texts, payment)}</section>
    </div>`;
  return payerPage(visit, place === "qr" ? "Alipay HK sandbox" : texts.walletName, {
    title: texts.statuses[payment.status],
    shape: place === "qr" ? "checkout" : "phone",
    head: html`${back.head ?? ""}<script src="${addressOfAsset(script)}" defer></script>`,
    ...(back.formAction === undefined ? {} : { formAction: back.formAction }),
    body: place === "qr" ? beforeCode : inWallet,
  });
}

function outcome({ texts }: Visit, { payment: { status, reason } }: PaymentView): Html {
  const good = status === "captured" || status === "refunded" || status === "partially_refunded";
  return html`${seal(good)}
      <h1 class="status ${good ? "good" : "bad"}" data-testid="status" data-status="${status}">${texts.statuses[status]}</h1>
      ${reason === undefined ? "" : html`<p class="why" data-testid="reason" data-reason="${reason}">${texts.reasons[reason]}</p>`}`;
}
