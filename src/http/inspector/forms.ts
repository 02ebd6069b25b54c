import { html } from "hono/html";
import type { Html } from "../ui/layout.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";

/** What every form carries: the world that it is about, and the page to come back to. */
export function hiddenFields({ world, view }: Pick<PageData, "world" | "view">): Html {
  return html`<input type="hidden" name="processingAccountId" value="${world.processingAccountId}"><input type="hidden" name="back" value="${addressOf(view)}">`;
}

const sheets = "M9 9h9v9H9zM6 15H5V5h10v1";

/**
 * A button that copies the text of an element; it shows itself where there is a script.
 * @param small shows a picture in place of the words.
 */
export function copyButton(elementId: string, words: string, testid: string, small = false): Html {
  return html`<button type="button" class="copy ${small ? "small" : ""}" data-copies="${elementId}" data-testid="${testid}">${
    small
      ? html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${sheets}"/></svg><span class="unseen">${words}</span>`
      : words
  }</button>`;
}
