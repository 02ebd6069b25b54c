import type { Context } from "hono";
import { html } from "hono/html";
import { type Language, languageNames, languages, locales } from "../language/language.ts";
import type { Account } from "./account.ts";
import type { Html } from "./html.ts";
import { mark } from "./pictures.ts";
import type { Reader } from "./reader.ts";

/** A page of the shop. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** For a page that changes: the URL of its state, its version, and whether it reloads without scripts. */
  readonly live?: Live;
}

interface Live {
  readonly url: string;
  readonly version: number;
  readonly reloads: boolean;
}

/** The state of a page that does not change. Its script requests it to notice that the sandbox does not respond. */
const still: Live = { url: "/demo/state", version: 0, reloads: false };

/** The shop at the provider; empty while it has no account. */
interface Merchant {
  readonly account?: Account;
  /** Address of the logo. */
  readonly logo?: string | undefined;
}

/** Responds with a page. */
export async function respondPage(
  c: Context,
  reader: Reader,
  page: Page,
  merchant: Merchant,
  status: 200 | 400 | 404 | 502,
): Promise<Response> {
  // Forms are redirected to the payment's page, and browsers check redirects too.
  const payAt = merchant.account === undefined ? "" : new URL(merchant.account.publicUrl).origin;
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `form-action 'self' ${payAt}`.trim(),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  c.header("Content-Security-Policy", policy.join("; "));
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "strict-origin-when-cross-origin");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(layout(reader, page, merchant), status);
}

function layout(reader: Reader, { title, body, live = still }: Page, merchant: Merchant): Html {
  const { language, texts } = reader;
  const { account } = merchant;
  const inspector = account === undefined ? "/" : `/?world=${account.credentials.processingAccountId}`;
  const [before, after] = texts.about;
  return html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Harbour Coffee</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/demo/assets/shop.css">
    <script src="/demo/assets/shop.js" defer></script>
    ${live.reloads ? html`<noscript><meta http-equiv="refresh" content="3"></noscript>` : ""}
  </head>
  <body>
    <header>
      <p class="stripe" data-testid="sandbox-notice">${texts.notice}</p>
      <div class="bar">
        <a class="brand" href="/demo" data-testid="shop-link">${logoOf(merchant)}<span>Harbour Coffee</span></a>
        <nav aria-label="${texts.shop}"><a href="/demo/orders" data-testid="orders-link">${texts.orders}</a></nav>
        <nav class="languages" aria-label="${texts.language}">${languages.map((one) => languageLink(reader, one))}</nav>
      </div>
    </header>
    <main data-state="${live.url}" data-version="${live.version}">${body}</main>
    <footer>
      <p>${before}<code>src/demo</code>${after}</p>
      <p><a href="${inspector}" data-testid="sandbox-link">${texts.toInspector}</a></p>
    </footer>
    <p class="gone" role="status" data-testid="gone" data-gone="${texts.gone}"></p>
  </body>
</html>`;
}

function logoOf({ logo }: Merchant): Html {
  return logo === undefined ? mark : html`<img class="logo" src="${logo}" alt="">`;
}

function languageLink(reader: Reader, language: Language): Html {
  const { full, short } = languageNames[language];
  const id = html`data-testid="language-${language}" aria-label="${full}"`;
  const current = language === reader.language ? html` aria-current="true"` : "";
  return html`<a href="?lang=${language}" lang="${language}" hreflang="${language}" ${id}${current}>${short}</a>`;
}

/** A page with a message. */
export function messagePage({ texts }: Reader, title: string, sentence: string): Page {
  return {
    title,
    body: html`<div class="card message">
      <h1>${title}</h1>
      <p>${sentence}</p>
      <a class="button" href="/demo" data-testid="back-to-shop">${texts.toMenu}</a>
    </div>`,
  };
}

/** An amount in cents for people: `HK$128.50`. */
export function formatMoney({ language }: Reader, cents: number, currency = "HKD"): string {
  return new Intl.NumberFormat(locales[language], { style: "currency", currency }).format(cents / 100);
}
