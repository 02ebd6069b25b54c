import { html } from "hono/html";
import type { Html } from "./html.ts";

/** Notice at the top of every page, in English. */
export const englishNotice = "SANDBOX: no money moves";

/** The stripe at the top of every page. */
export function stripe(notice: string = englishNotice): Html {
  return html`<p class="stripe" data-testid="sandbox-notice">${notice}</p>`;
}
