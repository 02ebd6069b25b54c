import { html } from "hono/html";
import type { PaymentView } from "../../services/payments/payments.ts";
import { addressOfAsset } from "../ui/assets.ts";
import { formatMoney } from "../ui/format.ts";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { payerPage } from "./bar.ts";
import { expiryFact, goneNotice, liveData, merchantFact, merchantInText, referenceFact } from "./facts.ts";
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
  return payerPage(visit, texts.site, {
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
        ${stepList(texts, view.payment, merchantInText(view))}
      </div>
      ${withWallet ? walletInPhone(visit, view) : cancelForm(visit, merchantInText(view))}${goneNotice(visit)}`,
  });
}

async function codeSection(visit: Visit, { payment }: PaymentView, options: QrPageOptions): Promise<Html> {
  const { texts } = visit;
  const { walletUrl, reachable } = options;
  const toScan = reachable ? texts.scanTheCode : texts.unreachable;
  const code = await drawQrCode(walletUrl);
  return html`<section class="code">
      <h2>${texts.payWith}</h2>
      <div class="${reachable ? "qr" : "qr dimmed"}" data-testid="qr" role="img" aria-label="${texts.qrCode}">
        ${code}
      </div>
      <p class="status" data-testid="status" data-status="${payment.status}" data-scanned="${texts.scanned}"
        role="status">${payment.scanTime === undefined ? toScan : texts.scanned}</p>
      ${reachable ? html`<p class="note">${texts.anyPhone}</p>` : ""}
      ${isWalletHere(visit) ? "" : withoutPhone(visit, options)}
    </section>`;
}

/** The way to pay without a phone: the main one where no phone can open the code. */
function withoutPhone(visit: Visit, { reachable, walletUrl }: QrPageOptions): Html {
  const { texts } = visit;
  const url = addressOf(visit, "", { wallet: "here" });
  const button = (kind: string) =>
    html`<a class="${kind}" data-testid="open-wallet" href="${url}">${texts.openWallet}</a>`;
  if (reachable) return html`<p class="question">${texts.noPhone}</p>${button("button")}`;
  return html`${button("button primary")}
      <details class="fold"><summary data-testid="use-phone">${texts.usePhone}</summary>
        <p class="note">${texts.startReachable}</p>
        <code class="command" data-testid="phone-command">${reachableCommand(walletUrl, texts.secret)}</code>
      </details>`;
}

/** The command that starts this sandbox so that a phone can reach it. */
function reachableCommand(walletUrl: string, secret: string): Html {
  const { port } = new URL(walletUrl);
  const flags = ["--host 0.0.0.0", ...(port === "" ? [] : [`--port ${port}`]), `--admin-token "${secret}"`];
  return html`npx --no -- alipay-hk-sandbox${flags.map((flag) => html` <span class="part">${flag}</span>`)}`;
}

function cancelForm(visit: Visit, merchant: Html): Html {
  const { cancelAndReturn } = visit.texts;
  return html`<form class="leave" method="post" action="${addressOf(visit, `/pay/${visit.token}/actions`)}">
        <button class="quiet" name="action" value="cancel" data-testid="cancel">${cancelAndReturn(merchant)}</button>
      </form>`;
}
