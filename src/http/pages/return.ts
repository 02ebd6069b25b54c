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
  /** Targets of the page's forms besides the sandbox. */
  readonly formAction?: string;
}

/**
 * The return that the payment's scenario or the payer selected; by default GET to the `returnUrl`.
 * @param delayMs delay before the automatic return, in milliseconds; `undefined` for no automatic return.
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
): ReturnLink {
  const plan = appliedScenario?.scenario.return ?? returnPlan;
  if (plan === "never" || !isWebUrl(returnUrl)) {
    return { body: html`<p class="note" data-testid="never-returns">${visit.texts.neverReturns}</p>` };
  }
  // `stay=yes` stops the automatic return.
  const leaveAfterMs = visit.query.get("stay") === "yes" ? undefined : delayMs;
  const leaveAfter = leaveAfterMs === undefined ? "" : html` data-leave-after="${leaveAfterMs}"`;
  const { backToMerchant } = visit.texts;
  if (plan === "by_post") {
    return {
      body: html`<form method="post" action="${returnUrl}"${leaveAfter}>
        <button class="primary" data-testid="back-to-merchant">${backToMerchant}</button>
      </form>${note(visit, delayMs, leaveAfterMs)}`,
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
    body: html`<a class="button primary" data-testid="back-to-merchant" href="${url}"${leaveAfter}>${backToMerchant}</a>
      ${note(visit, delayMs, leaveAfterMs)}`,
  };
}

function note(visit: Visit, delayMs: number | undefined, leaveAfterMs: number | undefined): Html {
  if (delayMs === undefined) return html`<p class="note">${visit.texts.codePageReturns}</p>`;
  if (leaveAfterMs === undefined) return html``;
  const stayUrl = addressOf(visit, "", { stay: "yes" });
  return html`<div class="going"><p class="note">${visit.texts.returnsByItself}</p>
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
