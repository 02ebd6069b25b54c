import { html } from "hono/html";
import type { Html, Page } from "../ui/layout.ts";
import { mark } from "../ui/mark.ts";
import { languageNames, languages } from "./texts.ts";
import { addressOf, type Visit } from "./visit.ts";

/** What every payer's page has around its body: the visit's language, and the choice of another. */
export function payerPage(visit: Visit, name: string, page: Omit<Page, "bar" | "language" | "notice">): Page {
  return { ...page, language: visit.language, notice: visit.texts.notice, bar: bar(visit, name) };
}

function bar(visit: Visit, name: string): Html {
  return html`<div class="bar"><p class="brand">${mark}<span>${name}</span></p><nav aria-label="${visit.texts.language}">${languages.map(
    (language) =>
      html`<a href="${addressOf(visit, "", { lang: language })}" lang="${language}" hreflang="${language}" data-testid="language-${language}" aria-label="${languageNames[language].full}"${language === visit.language ? html` aria-current="true"` : ""}>${languageNames[language].short}</a>`,
  )}</nav></div>`;
}
