import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Language } from "../../language/language.ts";
import type { Env } from "../env.ts";
import { addressOfAsset } from "./assets.ts";
import { icon, stylesheet } from "./files.ts";
import type { Html } from "./html.ts";
import { stripe } from "./notice.ts";

/** An HTML document, and what its content security policy allows besides the sandbox itself. */
export interface HtmlDocument {
  readonly title: string;
  /** The `body` element. */
  readonly body: Html;
  /** Name of the site in the title; English if absent. */
  readonly site?: string;
  /** Further elements of the head. */
  readonly head?: Html;
  /** English if absent. */
  readonly language?: Language;
  /** Targets of its forms besides the sandbox; `any` for no limit. */
  readonly formAction?: string;
  /** Source list of the pages that may frame it; none if absent. */
  readonly frameAncestors?: string;
}

/** A page with the shared style sheet. `body` is the content of `main`. */
export interface Page extends HtmlDocument {
  /** Content of the header below the stripe: the page's name and the language links. */
  readonly bar?: Html;
  /** Text of the stripe; English if absent. */
  readonly notice?: string;
  /** The class of `main`. */
  readonly shape?: string;
}

/** Responds with a page. */
export function respondPage(c: Context<Env>, page: Page, status: ContentfulStatusCode = 200): Promise<Response> {
  const { body, bar, notice, shape, head } = page;
  const document = {
    ...page,
    head: html`<link rel="stylesheet" href="${addressOfAsset(stylesheet)}">
    ${head ?? ""}`,
    body: html`<body>
    <header>${stripe(notice)}${bar ?? ""}</header>
    <main${shape === undefined ? "" : raw(` class="${shape}"`)}>${body}</main>
  </body>`,
  };
  return respondDocument(c, document, status);
}

/** Responds with an HTML document. Browsers do not store it, because its content changes at any time. */
export async function respondDocument(
  c: Context<Env>,
  document: HtmlDocument,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  c.header("Content-Security-Policy", policyOf(document));
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "same-origin");
  c.header("X-Content-Type-Options", "nosniff");
  return c.html(frame(document), status);
}

function policyOf({ formAction = "", frameAncestors = "'none'" }: HtmlDocument): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    ...(formAction === "any" ? [] : [`form-action 'self' ${formAction}`.trim()]),
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join("; ");
}

function frame({ title, body, head, site = "Alipay HK sandbox", language = "en" }: HtmlDocument): Html {
  return html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · ${site}</title>
    <link rel="icon" href="${addressOfAsset(icon)}">
    ${head ?? ""}
  </head>
  ${body}
</html>`;
}
