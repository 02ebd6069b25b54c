import { html } from "hono/html";
import type { Html } from "../ui/html.ts";
import { type Language, languages } from "../ui/language.ts";
import type { Page } from "../ui/layout.ts";
import { mark } from "../ui/mark.ts";
import { languageNames } from "./texts/languages.ts";
import { addressOf, type Visit } from "./visit.ts";

/** A payer's page in the visit's language, with links to the other languages. */
export function payerPage(visit: Visit, name: string, page: Omit<Page, "bar" | "language" | "notice" | "site">): Page {
  const { language, texts } = visit;
  return { ...page, language, site: texts.site, notice: texts.notice, bar: bar(visit, name) };
}

function bar(visit: Visit, name: string): Html {
  return html`<div class="bar">
      <p class="brand">${mark}<span>${name}</span></p>
      <nav aria-label="${visit.texts.language}">${languages.map((language) => languageLink(visit, language))}</nav>
    </div>`;
}

function languageLink(visit: Visit, language: Language): Html {
  const { full, short } = languageNames[language];
  const url = addressOf(visit, "", { lang: language });
  const id = html`data-testid="language-${language}" aria-label="${full}"`;
  const current = language === visit.language ? html` aria-current="true"` : "";
  return html`<a href="${url}" lang="${language}" hreflang="${language}" ${id}${current}>${short}</a>`;
}
