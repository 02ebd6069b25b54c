import { html } from "hono/html";
import { commonTexts } from "../../language/language.ts";
import type { Html } from "./html.ts";

/** The stripe at the top of every page; English by default. */
export function stripe(notice: string = commonTexts.en.notice): Html {
  return html`<p class="stripe" data-testid="sandbox-notice">${notice}</p>`;
}
