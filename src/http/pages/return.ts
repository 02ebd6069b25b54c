import { html } from "hono/html";
import { type ReturningPayment, returnOf } from "../../domain/return.ts";
import type { Html } from "../ui/html.ts";
import { addressOf, type Visit } from "./visit.ts";

/** How the browser returns to the merchant. */
export interface ReturnLink {
  /** Element of the head that redirects browsers without scripts. */
  readonly head?: Html;
  readonly body: Html;
  /** Whether the page has a way back. */
  readonly isPossible: boolean;
  /** Targets of the page's forms besides the sandbox; `any` for no limit. */
  readonly formAction?: string;
}

/**
 * The page's way back to the merchant.
 * @param delayMs delay before the automatic return, in milliseconds; `undefined` for no automatic return.
 * @param merchant the merchant's name.
 */
export function returnLink(
  visit: Visit,
  payment: ReturningPayment,
  delayMs: number | undefined,
  merchant: Html,
): ReturnLink {
  const back = returnOf(payment);
  if (back === undefined) {
    const body = html`<p class="note" data-testid="never-returns">${visit.texts.neverReturns}</p>`;
    return { body, isPossible: false };
  }
  // `stay=yes` stops the automatic return.
  const leaveAfterMs = visit.query.get("stay") === "yes" ? undefined : delayMs;
  const leaveAfter = leaveAfterMs === undefined ? "" : html` data-leave-after="${leaveAfterMs}"`;
  const { method, url, fields, opensApp } = back;
  const { returnTo, openApp } = visit.texts;
  const label = html`<span>${opensApp ? openApp(merchant) : returnTo(merchant)}</span>`;
  const going = note(visit, merchant, opensApp, delayMs, leaveAfterMs);
  if (method === "post") {
    // The fields have any names: a script must not read properties of the form, which they shadow.
    return {
      body: html`<form method="post" action="${url}">
        ${fields.map(({ name, value }) => html`<input type="hidden" name="${name}" value="${value}">`)}
        <button class="primary" data-testid="back-to-merchant"${leaveAfter}>${label}</button>
      </form>${going}`,
      isPossible: true,
      // The merchant may redirect the browser to any address from there. No source list has all schemes of apps.
      formAction: payment.contract?.returnSchemes === "custom" ? "any" : "http: https:",
    };
  }
  return {
    // Not a Location header: the policy for forms would block it, and it would encode the URL again.
    ...(leaveAfterMs === undefined
      ? {}
      : {
          head: html`<noscript>
      <meta http-equiv="refresh" content="${Math.ceil(leaveAfterMs / 1000)};url=${url}">
    </noscript>`,
        }),
    body: html`<a class="button primary" data-testid="back-to-merchant" href="${url}"${leaveAfter}>${label}</a>
      ${going}`,
    isPossible: true,
  };
}

function note(
  visit: Visit,
  merchant: Html,
  opensApp: boolean,
  delayMs: number | undefined,
  leaveAfterMs: number | undefined,
): Html {
  const { codePageReturns, returning, openingApp, appHint } = visit.texts;
  const hint = opensApp ? html`<p class="note">${appHint}</p>` : html``;
  if (delayMs === undefined) return html`<p class="note">${codePageReturns(merchant)}</p>${hint}`;
  if (leaveAfterMs === undefined) return hint;
  const stayUrl = addressOf(visit, "", { stay: "yes" });
  const seconds = Math.ceil(leaveAfterMs / 1000);
  const countdown = seconds === 0 ? undefined : html`<span data-countdown>${seconds}</span>`;
  const sentence = opensApp ? openingApp(merchant, countdown) : returning(merchant, countdown);
  return html`<div class="going"><p class="note">${sentence}</p>
      <a class="button quiet" data-testid="stay" href="${stayUrl}">${visit.texts.stay}</a></div>${hint}`;
}
