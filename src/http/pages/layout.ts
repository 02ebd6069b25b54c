import type { Context } from "hono";
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type Money, majorFromMoney } from "../../domain/money.ts";
import type { Env } from "../env.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Answers with a page. No page is kept: what it shows may be over a second later. */
export async function respondPage(c: Context<Env>, page: Page, status: ContentfulStatusCode = 200): Promise<Response> {
  c.header("Content-Security-Policy", policy);
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "same-origin");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(layout(page), status);
}

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Further elements of the head. */
  readonly head?: Html;
}

function layout({ title, body, head }: Page): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Alipay HK sandbox</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/assets/sandbox.css">
    ${head ?? ""}
  </head>
  <body>
    <p class="stripe" data-testid="sandbox-notice">SANDBOX: no money moves</p>
    <main>${body}</main>
  </body>
</html>`;
}

/** An amount as payers read it: `HK$128.50`. */
export function formatMoney(money: Money): string {
  return new Intl.NumberFormat("en-HK", { style: "currency", currency: "HKD" }).format(majorFromMoney(money));
}

/** An instant as payers read it, in Hong Kong. */
export function formatTime(time: number): string {
  const options = { dateStyle: "medium", timeStyle: "medium", timeZone: "Asia/Hong_Kong" } as const;
  return `${new Intl.DateTimeFormat("en-HK", options).format(time)} HKT`;
}
