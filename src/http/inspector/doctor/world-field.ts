import { html } from "hono/html";
import type { Html } from "../../ui/html.ts";
import type { PageData } from "../page-data.ts";

/** The world of the doctor's forms. */
export function worldField({ world }: Pick<PageData, "world">): Html {
  return html`<input type="hidden" name="world" value="${world.processingAccountId}">`;
}
