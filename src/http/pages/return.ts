import { html } from "hono/html";
import { majorFromMoney } from "../../domain/money.ts";
import type { Payment } from "../../domain/payment.ts";
import type { Html } from "../ui/layout.ts";
import { addressOf, type Visit } from "./visit.ts";

/** How the browser gets back to the merchant. */
export interface WayBack {
  /** An element of the head that takes it there by itself where there is no script. */
  readonly head?: Html;
  readonly body: Html;
  /** Where the page's forms may lead, besides the sandbox. */
  readonly formAction?: string;
}

/**
 * The way back that the payment's scenario or the payer plans: by GET to the `returnUrl` where it plans none.
 * @param delayMs how long the page stays before the browser goes without being asked; `undefined` where it does not.
 */
export function wayBack(
  visit: Visit,
  {
    appliedScenario,
    returnPlan,
    returnUrl,
    amount,
  }: Pick<Payment, "appliedScenario" | "returnPlan" | "returnUrl" | "amount">,
  delayMs: number | undefined,
): WayBack {
  const plan = appliedScenario?.scenario.return ?? returnPlan;
  if (plan === "never" || !isWebUrl(returnUrl)) {
    return { body: html`<p class="note" data-testid="never-returns">${visit.texts.neverReturns}</p>` };
  }
  // A user who wants to look at the page can stop it from going.
  const leaves = visit.query.get("stay") === "yes" ? undefined : delayMs;
  const leaveAfter = leaves === undefined ? "" : html` data-leave-after="${leaves}"`;
  const { backToMerchant } = visit.texts;
  if (plan === "by_post") {
    return {
      body: html`<form method="post" action="${returnUrl}"${leaveAfter}>
        <button class="primary" data-testid="back-to-merchant">${backToMerchant}</button>
      </form>${note(visit, delayMs, leaves)}`,
      // The merchant may send the browser on from there, to wherever it likes.
      formAction: "http: https:",
    };
  }
  const url = plan === "lying" ? withQuery(returnUrl, `status=captured&amount=${majorFromMoney(amount)}`) : returnUrl;
  return {
    // Not a Location header: a form's policy would stop it, and the URL would be encoded anew on the way.
    ...(leaves === undefined
      ? {}
      : {
          head: html`<noscript><meta http-equiv="refresh" content="${Math.ceil(leaves / 1000)};url=${url}"></noscript>`,
        }),
    body: html`<a class="button primary" data-testid="back-to-merchant" href="${url}"${leaveAfter}>${backToMerchant}</a>${note(visit, delayMs, leaves)}`,
  };
}

function note(visit: Visit, delayMs: number | undefined, leaves: number | undefined): Html {
  if (delayMs === undefined) return html`<p class="note">${visit.texts.codePageReturns}</p>`;
  if (leaves === undefined) return html``;
  return html`<div class="going"><p class="note">${visit.texts.returnsByItself}</p>
      <a class="button quiet" data-testid="stay" href="${addressOf(visit, "", { stay: "yes" })}">${visit.texts.stay}</a></div>`;
}

/** The API takes no other URL; a page that made a link of one would run what it says. */
function isWebUrl(url: string): boolean {
  return URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
}

/** Adds to the query of a URL and changes nothing else about it. */
function withQuery(url: string, addition: string): string {
  const [, before = url, fragment = ""] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  return `${before}${before.includes("?") ? "&" : "?"}${addition}${fragment}`;
}
