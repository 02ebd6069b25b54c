import { html, raw } from "hono/html";
import type { PaymentView } from "../../services/payments.ts";
import { formatMoney, formatTime, type Page } from "./layout.ts";

export interface QrPageOptions {
  /** What the code says: the wallet page, as a phone can reach it. */
  readonly walletUrl: string;
  /** Whether a phone on this network gets there. */
  readonly reachable: boolean;
}

/** For a computer: the code to scan. It shows by itself when the payer has scanned and paid. */
export async function qrPage({ payment, world }: PaymentView, { walletUrl, reachable }: QrPageOptions): Promise<Page> {
  // Loaded when the first code is drawn: the program starts sooner without it.
  const { renderSVG } = await import("uqr");
  const token = payment.pageToken;
  const scanned = "Scanned: confirm on your phone.";
  return {
    title: `Pay ${formatMoney(payment.amount)}`,
    head: html`<noscript><meta http-equiv="refresh" content="3"></noscript>
    <script src="/assets/live.js" defer></script>`,
    body: html`<div data-live="/pay/${token}/status" data-status="${payment.status}" data-scanned="${scanned}">
      <h1>You are paying ${world.settings.merchantName}</h1>
      <p class="amount" data-testid="amount">${formatMoney(payment.amount)}</p>
      <dl>
        <dt>Reference</dt><dd class="id" data-testid="reference">${payment.merchantReference}</dd>
        <dt>Pay before</dt><dd data-testid="expiry">${formatTime(payment.expireTime)}</dd>
      </dl>
      <div class="qr" data-testid="qr" role="img" aria-label="QR code that opens the wallet">${raw(renderSVG(walletUrl, { ecc: "M", border: 4 }))}</div>
      <p class="status" data-testid="status" role="status">${payment.scanTime === undefined ? "Scan the code with your phone." : scanned}</p>
      <p class="note">${reachability(reachable)}</p>
      <p class="note">No phone at hand? The wallet opens here too.</p>
      <a class="button" data-testid="open-wallet" href="/wallet/${token}?tab=same">Open the wallet here</a>
      <form method="post" action="/pay/${token}/actions">
        <button name="action" value="cancel" data-testid="cancel">Cancel and go back to the merchant</button>
      </form>
    </div>`,
  };
}

function reachability(reachable: boolean): string {
  return reachable
    ? "Any phone on this network can scan it."
    : "Only this computer can open what the code says. For a phone, start the sandbox with --host 0.0.0.0 --admin-token <a secret>.";
}
