import { html } from "hono/html";
import { type Language, languageNames, languages } from "../../language/language.ts";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { mark } from "../ui/mark.ts";
import { addressOf, type Reader } from "./visit.ts";

/** A payer's page in the reader's language, with links to the other languages. */
export function payerPage(
  reader: Reader,
  name: string,
  page: Omit<Page, "bar" | "language" | "notice" | "site">,
): Page {
  const { language, texts } = reader;
  return { ...page, language, site: texts.site, notice: texts.notice, bar: bar(reader, name) };
}

function bar(reader: Reader, name: string): Html {
  return html`<div class="bar">
      <p class="brand">${mark}<span>${name}</span></p>
      <nav aria-label="${reader.texts.language}">${languages.map((language) => languageLink(reader, language))}</nav>
    </div>`;
}

function languageLink(reader: Reader, language: Language): Html {
  const { full, short } = languageNames[language];
  const url = addressOf(reader, "", { lang: language });
  const id = html`data-testid="language-${language}" aria-label="${full}"`;
  const current = language === reader.language ? html` aria-current="true"` : "";
  return html`<a href="${url}" lang="${language}" hreflang="${language}" ${id}${current}>${short}</a>`;
}
