import { html } from "hono/html";
import type { PaymentView } from "../../services/payments/payments.ts";
import { addressOfAsset } from "../ui/assets.ts";
import { formatMoney } from "../ui/format.ts";
import type { Html, Page } from "../ui/layout.ts";
import { payerPage } from "./bar.ts";
import { expiryFact, liveData, merchantFact, referenceFact } from "./facts.ts";
import { script } from "./files.ts";
import { drawQrCode } from "./qr-code.ts";
import { stepList } from "./steps.ts";
import { addressOf, type Visit } from "./visit.ts";
import { walletInPhone } from "./wallet.ts";

export interface QrPageOptions {
  /** What the code says: the wallet page, as a phone can reach it. */
  readonly walletUrl: string;
  /** Whether a phone on this network gets there. */
  readonly reachable: boolean;
}

/** Whether the payer has no phone at hand: the wallet stands beside the code. */
export function isWalletHere({ query }: Visit): boolean {
  return query.get("wallet") === "here";
}

/** For a computer: the code to scan. It shows by itself when the payer has scanned and paid. */
export async function qrPage(visit: Visit, view: PaymentView, options: QrPageOptions): Promise<Page> {
  const { texts, language } = visit;
  const here = isWalletHere(visit);
  const amount = formatMoney(view.payment.amount, language);
  return payerPage(visit, "Alipay HK sandbox", {
    title: texts.payTitle(amount),
    shape: here ? "checkout beside" : "checkout",
    // Without script the page asks again by itself, unless somebody is at the wallet.
    head: html`${here ? "" : html`<noscript><meta http-equiv="refresh" content="3"></noscript>`}
    <script src="${addressOfAsset(script)}" defer></script>`,
    body: html`<div class="card halves"${liveData(visit, view)}>
        <section>
          <h1><span class="label">${texts.youArePaying}</span> <span class="amount" data-testid="amount">${amount}</span></h1>
          <dl class="facts">${merchantFact(visit, view)}${referenceFact(visit, view)}${expiryFact(visit, view)}</dl>
        </section>
        ${await codeSection(visit, view, options)}
        ${stepList(texts, view.payment)}
      </div>
      ${here ? walletInPhone(visit, view) : cancelForm(visit)}`,
  });
}

async function codeSection(visit: Visit, { payment }: PaymentView, options: QrPageOptions): Promise<Html> {
  const { texts } = visit;
  const status = payment.scanTime === undefined ? texts.scanTheCode : texts.scanned;
  const noPhone = html`<p class="question">${texts.noPhoneAtHand}</p>
      <a class="button" data-testid="open-wallet" href="${addressOf(visit, "", { wallet: "here" })}">${texts.openWallet}</a>`;
  return html`<section class="code">
      <div class="qr" data-testid="qr" role="img" aria-label="${texts.qrCode}">${await drawQrCode(options.walletUrl)}</div>
      <p class="status" data-testid="status" data-status="${payment.status}" data-scanned="${texts.scanned}" role="status">${status}</p>
      <p class="note">${options.reachable ? texts.anyPhone : withCode(texts.noPhoneYet)}</p>
      ${isWalletHere(visit) ? "" : noPhone}
    </section>`;
}

/** Text with what stands in backticks as code. */
function withCode(text: string): Html[] {
  return text.split("`").map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

function cancelForm(visit: Visit): Html {
  return html`<form class="leave" method="post" action="${addressOf(visit, `/pay/${visit.token}/actions`)}">
        <button class="quiet" name="action" value="cancel" data-testid="cancel">${visit.texts.cancelAndReturn}</button>
      </form>`;
}
