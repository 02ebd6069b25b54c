import { html } from "hono/html";
import type { PaymentView } from "../../services/payments/payments.ts";
import { addressOfAsset } from "../ui/assets.ts";
import { formatMoney } from "../ui/format.ts";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { payerPage } from "./bar.ts";
import { expiryFact, liveData, merchantFact, referenceFact } from "./facts.ts";
import { script } from "./files.ts";
import { drawQrCode } from "./qr-code.ts";
import { stepList } from "./steps.ts";
import { addressOf, type Visit } from "./visit.ts";
import { walletInPhone } from "./wallet.ts";

export interface QrPageOptions {
  /** Content of the QR code: the address of the wallet page for a phone. */
  readonly walletUrl: string;
  /** Whether a phone on this network can reach that address. */
  readonly reachable: boolean;
}

/** Whether the page shows the wallet beside the code, for payers without a phone. */
export function isWalletHere({ query }: Visit): boolean {
  return query.get("wallet") === "here";
}

/** The page for a computer, with the QR code. It updates when the payer scans and pays. */
export async function qrPage(visit: Visit, view: PaymentView, options: QrPageOptions): Promise<Page> {
  const { texts, language } = visit;
  const withWallet = isWalletHere(visit);
  const amount = formatMoney(view.payment.amount, language);
  return payerPage(visit, "Alipay HK sandbox", {
    title: texts.payTitle(amount),
    shape: withWallet ? "checkout beside" : "checkout",
    // Without scripts the page reloads, unless the payer may be using the wallet on it.
    head: html`${withWallet ? "" : html`<noscript><meta http-equiv="refresh" content="3"></noscript>`}
    <script src="${addressOfAsset(script)}" defer></script>`,
    body: html`<div class="card halves"${liveData(visit, view)}>
        <section>
          <h1><span class="label">${texts.youArePaying}</span>
            <span class="amount" data-testid="amount">${amount}</span></h1>
          <dl class="facts">${merchantFact(visit, view)}${referenceFact(visit, view)}${expiryFact(visit, view)}</dl>
        </section>
        ${await codeSection(visit, view, options)}
        ${stepList(texts, view.payment)}
      </div>
      ${withWallet ? walletInPhone(visit, view) : cancelForm(visit)}`,
  });
}

async function codeSection(visit: Visit, { payment }: PaymentView, options: QrPageOptions): Promise<Html> {
  const { texts } = visit;
  const status = payment.scanTime === undefined ? texts.scanTheCode : texts.scanned;
  const walletHere = addressOf(visit, "", { wallet: "here" });
  const noPhone = html`<p class="question">${texts.noPhone}</p>
      <a class="button" data-testid="open-wallet" href="${walletHere}">${texts.openWallet}</a>`;
  const code = await drawQrCode(options.walletUrl);
  return html`<section class="code">
      <div class="qr" data-testid="qr" role="img" aria-label="${texts.qrCode}">${code}</div>
      <p class="status" data-testid="status" data-status="${payment.status}" data-scanned="${texts.scanned}"
        role="status">${status}</p>
      <p class="note">${options.reachable ? texts.anyPhone : withCode(texts.unreachable)}</p>
      ${isWalletHere(visit) ? "" : noPhone}
    </section>`;
}

/** Text with the parts in backticks as code. */
function withCode(text: string): Html[] {
  return text.split("`").map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

function cancelForm(visit: Visit): Html {
  const { cancelAndReturn } = visit.texts;
  return html`<form class="leave" method="post" action="${addressOf(visit, `/pay/${visit.token}/actions`)}">
        <button class="quiet" name="action" value="cancel" data-testid="cancel">${cancelAndReturn}</button>
      </form>`;
}
