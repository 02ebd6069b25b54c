import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Env } from "../env.ts";
import { icon, stylesheet } from "../pages/files.ts";
import type { Language } from "../pages/texts.ts";
import { addressOfAsset } from "./assets.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** What stands above the body: the name of the page, and the choice of languages. */
  readonly bar?: Html;
  /** Further elements of the head. */
  readonly head?: Html;
  /** English where nothing is said. With another, `notice` says what stands on the stripe. */
  readonly language?: Language;
  readonly notice?: string;
  /** The class of `main`. */
  readonly shape?: string;
  /** Where its forms may lead, besides the sandbox. */
  readonly formAction?: string;
  /** Whose pages may frame it, as a list of sources for its policy; nobody's where nothing is said. */
  readonly frameAncestors?: string;
}

/** What stands on the stripe of every page, in English. */
export const englishNotice = "SANDBOX: no money moves";

const policy = ({ formAction = "", frameAncestors = "'none'" }: Page) =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    `form-action 'self' ${formAction}`.trim(),
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join("; ");

/** Answers with a page. No page is kept: what it shows may be over a second later. */
export async function respondPage(c: Context<Env>, page: Page, status: ContentfulStatusCode = 200): Promise<Response> {
  c.header("Content-Security-Policy", policy(page));
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "same-origin");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(layout(page), status);
}

function layout({ title, body, bar, head, language = "en", notice = englishNotice, shape }: Page): Html {
  return html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Alipay HK sandbox</title>
    <link rel="icon" href="${addressOfAsset(icon)}">
    <link rel="stylesheet" href="${addressOfAsset(stylesheet)}">
    ${head ?? ""}
  </head>
  <body>
    <header><p class="stripe" data-testid="sandbox-notice">${notice}</p>${bar ?? ""}</header>
    <main${shape === undefined ? "" : raw(` class="${shape}"`)}>${body}</main>
  </body>
</html>`;
}
