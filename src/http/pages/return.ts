import { html } from "hono/html";
import { majorFromMoney } from "../../domain/money.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Html } from "../ui/html.ts";
import { addressOf, type Visit } from "./visit.ts";

/** How the browser returns to the merchant. */
export interface ReturnLink {
  /** Element of the head that redirects browsers without scripts. */
  readonly head?: Html;
  readonly body: Html;
  /** Whether the page has a way back. */
  readonly isPossible: boolean;
  /** Targets of the page's forms besides the sandbox. */
  readonly formAction?: string;
}

/**
 * The return that the payment's scenario or the payer selected; by default GET to the `returnUrl`.
 * @param delayMs delay before the automatic return, in milliseconds; `undefined` for no automatic return.
 * @param merchant the merchant's name.
 */
export function returnLink(
  visit: Visit,
  {
    appliedScenario,
    returnPlan,
    returnUrl,
    amount,
  }: Pick<Payment, "appliedScenario" | "returnPlan" | "returnUrl" | "amount">,
  delayMs: number | undefined,
  merchant: Html,
): ReturnLink {
  const plan = appliedScenario?.scenario.return ?? returnPlan;
  if (plan === "never" || !isWebUrl(returnUrl)) {
    const body = html`<p class="note" data-testid="never-returns">${visit.texts.neverReturns}</p>`;
    return { body, isPossible: false };
  }
  // `stay=yes` stops the automatic return.
  const leaveAfterMs = visit.query.get("stay") === "yes" ? undefined : delayMs;
  const leaveAfter = leaveAfterMs === undefined ? "" : html` data-leave-after="${leaveAfterMs}"`;
  const label = html`<span>${visit.texts.returnTo(merchant)}</span>`;
  const going = note(visit, merchant, delayMs, leaveAfterMs);
  if (plan === "by_post") {
    return {
      body: html`<form method="post" action="${returnUrl}"${leaveAfter}>
        <button class="primary" data-testid="back-to-merchant">${label}</button>
      </form>${going}`,
      isPossible: true,
      // The merchant may redirect the browser to any address from there.
      formAction: "http: https:",
    };
  }
  const url = plan === "lying" ? withQuery(returnUrl, `status=captured&amount=${majorFromMoney(amount)}`) : returnUrl;
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

function note(visit: Visit, merchant: Html, delayMs: number | undefined, leaveAfterMs: number | undefined): Html {
  const { codePageReturns, returning } = visit.texts;
  if (delayMs === undefined) return html`<p class="note">${codePageReturns(merchant)}</p>`;
  if (leaveAfterMs === undefined) return html``;
  const stayUrl = addressOf(visit, "", { stay: "yes" });
  const seconds = Math.ceil(leaveAfterMs / 1000);
  const countdown = seconds === 0 ? undefined : html`<span data-countdown>${seconds}</span>`;
  return html`<div class="going"><p class="note">${returning(merchant, countdown)}</p>
      <a class="button quiet" data-testid="stay" href="${stayUrl}">${visit.texts.stay}</a></div>`;
}

/** Whether a URL is safe in a link. The API accepts no other, but a link to `javascript:` would run it. */
function isWebUrl(url: string): boolean {
  return URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
}

/** Adds to the query of a URL and keeps the rest byte for byte. */
function withQuery(url: string, addition: string): string {
  const [, before = url, fragment = ""] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  return `${before}${before.includes("?") ? "&" : "?"}${addition}${fragment}`;
}
