import { html } from "hono/html";
import { payerWallets } from "../../domain/payment.ts";
import { declineReasons } from "../../domain/statuses.ts";
import type { PaymentView } from "../../services/payments/payments.ts";
import { addressOfAsset } from "../ui/assets.ts";
import { formatMoney } from "../ui/format.ts";
import { foreign, type Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { avatar } from "../ui/mark.ts";
import { payerPage } from "./bar.ts";
import { expiryFact, goneNotice, liveData, referenceFact, type TestId, withId, withoutId } from "./facts.ts";
import { script } from "./files.ts";
import type { ButtonName } from "./payer-forms.ts";
import { addressOf, type Visit } from "./visit.ts";

/** The wallet page: pay, cancel, decline, and the other outcomes. */
export function walletPage(visit: Visit, view: PaymentView): Page {
  const { texts, language } = visit;
  return payerPage(visit, texts.walletName, {
    title: texts.payTitle(formatMoney(view.payment.amount, language)),
    shape: "phone",
    head: html`<script src="${addressOfAsset(script)}" defer></script>`,
    body: html`<div class="wallet"${liveData(visit, view)}>
      <h1>${payee(visit, view)}</h1>
      ${walletBody(visit, view, withId)}
    </div>${goneNotice(visit)}`,
  });
}

/** The wallet beside the QR code. The page already contains the test ids of amount, reference and expiry. */
export function walletInPhone(visit: Visit, view: PaymentView): Html {
  return html`<section class="phone wallet" aria-label="${visit.texts.phone}">
      <h2>${payee(visit, view)}</h2>
      ${walletBody(visit, view, withoutId)}
    </section>`;
}

function payee({ texts }: Visit, { world: { settings } }: PaymentView): Html {
  return html`${avatar(settings)}<span class="label">${texts.payTo}</span> ${foreign(settings.merchantName)}`;
}

function walletBody(visit: Visit, view: PaymentView, id: TestId): Html {
  const { texts, language, token } = visit;
  const amount = formatMoney(view.payment.amount, language);
  // The wallet beside the code belongs to the page at `/pay`.
  const entrance = id === withId ? visit.entrance : "pay";
  return html`<p class="amount"${id("amount")}>${amount}</p>
      <dl class="facts card">${referenceFact(visit, view, id)}${expiryFact(visit, view, id)}</dl>
      <form method="post" action="${addressOf(visit, `/${entrance}/${token}/actions`)}">
        ${walletSwitch(visit)}
        <div class="pair">${button("pay", texts.pay(amount), "primary")}${button("cancel", texts.cancel)}</div>
        <details class="card">
          <summary data-testid="other-outcomes">
            <span>${texts.otherOutcomes} <small>${texts.forTests}</small></span>
          </summary>
          ${otherOutcomes(visit)}
        </details>
      </form>`;
}

function button(name: ButtonName, label: string, kind = ""): Html {
  const style = kind === "" ? "" : html` class="${kind}"`;
  return html`<button name="action" value="${name}" data-testid="${name}"${style}>${label}</button>`;
}

function walletSwitch({ texts }: Visit): Html {
  return html`<fieldset class="switch">
          <legend>${texts.payersWallet}</legend>
          ${payerWallets.map(
            (wallet, index) =>
              html`<label>
            <input type="radio" name="wallet" value="${wallet}" data-testid="wallet-${wallet.replace("_", "-")}"${
              index === 0 ? html` checked` : ""
            }>
            <span>${texts.wallets[wallet]}</span>
          </label>`,
          )}
        </fieldset>`;
}

function otherOutcomes({ texts }: Visit): Html {
  return html`<fieldset><legend>${texts.walletDeclines}</legend>
            ${button("decline", texts.decline, "whole")}
            ${declineReasons.map((reason) => button(`decline-${reason}`, texts.declineReasons[reason]))}</fieldset>
          <fieldset><legend>${texts.noDecision}</legend>
            ${button("expire", texts.expire)}${button("fail", texts.fail)}</fieldset>
          <fieldset class="wide"><legend>${texts.returnFails}</legend>
            ${button("pay-never-returns", texts.payNeverReturns)}
            ${button("pay-return-by-post", texts.payReturnByPost)}
            ${button("lying-return", texts.lyingReturn)}</fieldset>`;
}
