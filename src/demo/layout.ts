import type { Context } from "hono";
import { html } from "hono/html";
import type { Account } from "./account.ts";
import type { Html } from "./html.ts";
import { logo } from "./pictures.ts";

/** A page of the shop. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** For a page that changes: the URL of its state, its version, and whether it reloads without scripts. */
  readonly live?: { readonly url: string; readonly version: number; readonly reloads: boolean };
}

/** Responds with a page. @param account absent while the shop has none. */
export async function respondPage(
  c: Context,
  page: Page,
  account: Account | undefined,
  status: 200 | 400 | 404 | 502,
): Promise<Response> {
  // Forms are redirected to the payment's page, and browsers check redirects too.
  const payAt = account === undefined ? "" : new URL(account.publicUrl).origin;
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src data:",
    `form-action 'self' ${payAt}`.trim(),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  c.header("Content-Security-Policy", policy.join("; "));
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "strict-origin-when-cross-origin");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(layout(page, account), status);
}

function layout({ title, body, live }: Page, account: Account | undefined): Html {
  const attributes = live === undefined ? "" : html`data-state="${live.url}" data-version="${live.version}"`;
  const inspector = account === undefined ? "/" : `/?world=${account.credentials.processingAccountId}`;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Harbour Coffee</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/demo/assets/shop.css">
    ${live === undefined ? "" : html`<script src="/demo/assets/shop.js" defer></script>`}
    ${live?.reloads ? html`<noscript><meta http-equiv="refresh" content="3"></noscript>` : ""}
  </head>
  <body>
    <header>
      <p class="stripe" data-testid="sandbox-notice">SANDBOX: no money moves</p>
      <div class="bar">
        <a class="brand" href="/demo" data-testid="shop-link">${logo}<span>Harbour Coffee</span></a>
        <nav aria-label="Shop"><a href="/demo/orders" data-testid="orders-link">Orders</a></nav>
      </div>
    </header>
    <main ${attributes}>${body}</main>
    <footer>
      <p>A demo shop. Like your shop, it uses the sandbox only over HTTP. Its source is in <code>src/demo</code>.</p>
      <p><a href="${inspector}" data-testid="sandbox-link">The shop's payments in the inspector</a></p>
    </footer>
  </body>
</html>`;
}

/** A page with a message. */
export function messagePage(title: string, sentence: string): Page {
  return {
    title,
    body: html`<div class="card message">
      <h1>${title}</h1>
      <p>${sentence}</p>
      <a class="button" href="/demo" data-testid="back-to-shop">To the menu</a>
    </div>`,
  };
}

/** An amount in cents for people: `HK$128.50`. */
export function formatMoney(cents: number): string {
  return new Intl.NumberFormat("en-HK", { style: "currency", currency: "HKD" }).format(cents / 100);
}
