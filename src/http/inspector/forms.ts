import { html } from "hono/html";
import type { Html } from "../ui/html.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";

/** Fields of every form: its world, and the page to return to. */
export function hiddenFields({ world, address }: Pick<PageData, "world" | "address">): Html {
  return html`<input type="hidden" name="processingAccountId" value="${world.processingAccountId}">
    <input type="hidden" name="back" value="${addressOf(address)}">`;
}

/** A link to a page with one text, which copies the text instead if scripts run. */
export function copyLink(url: string, label: string, testid: string): Html {
  return html`<a class="button" href="${url}" data-copies-target data-testid="${testid}">${label}</a>`;
}

const icon = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path class="sheets"
  d="M9 9h9v9H9zM6 15H5V5h10v1"/><path class="tick" d="m5 12 5 5 9-10"/></svg>`;

/**
 * A button that copies the text of an element. It is visible only with scripts.
 * @param small shows an icon instead of the label.
 */
export function copyButton(elementId: string, label: string, testid: string, small = false): Html {
  const content = small ? html`${icon}<span class="unseen">${label}</span>` : label;
  return html`<button type="button" class="copy ${small ? "small" : ""}"
    data-copies="${elementId}" data-testid="${testid}">${content}</button>`;
}
