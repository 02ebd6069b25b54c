import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/**
 * Text from a merchant or another outside source. Its writing direction does not affect the text around it.
 * @param attributes further attributes of the element.
 */
export function foreign(text: string, attributes: Html | "" = ""): Html {
  return html`<bdi class="foreign"${attributes}>${text}</bdi>`;
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** A text between two tags, never in an attribute: its quotes stay as they are, which keeps a page of JSON small. */
export function textBetweenTags(text: string): Html {
  return raw(text.replace(/[&<>]/g, (character) => escapes[character] ?? ""));
}
