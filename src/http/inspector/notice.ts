import { html } from "hono/html";
import { foreign, type Html } from "../ui/html.ts";
import { isBad, sentenceOf } from "./done.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";
import { problemLinks } from "./refused-form.ts";

const icon = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"/></svg>`;

/** What the last form did, or why it was refused. It stays while the page updates itself. */
export function notices({ done, problem, refused, address }: PageData): Html {
  if (problem !== undefined) {
    const sentences = refused?.problems.length ? problemLinks(refused) : foreign(problem);
    return html`<p class="why wrong" role="alert" id="problem" data-testid="problem" data-keep>
    <span><strong>The action failed.</strong> ${sentences}</span></p>`;
  }
  if (done === undefined) return html``;
  return html`<div class="notice ${isBad(done) ? "wrong" : ""}" id="notice" data-keep>
    <p role="status" data-testid="notice">${sentenceOf(done)}</p>
    <a href="${addressOf(address)}" data-dismisses="notice" data-testid="notice-close">${icon}
      <span class="unseen">Close this notice</span></a></div>`;
}
