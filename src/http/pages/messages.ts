import { html } from "hono/html";
import type { Html } from "../ui/html.ts";
import type { Page } from "../ui/layout.ts";
import { payerPage } from "./bar.ts";
import { addressOf, type Reader, type Visit } from "./visit.ts";

/** The page for a payment link that no payment has. */
export function unknownPaymentPage(reader: Reader, withShop: boolean): Page {
  const { notFound, notFoundSentence } = reader.texts;
  return messagePage(reader, notFound, notFoundSentence, waysOn(reader, withShop));
}

/** The page for an address that the sandbox does not have. */
export function missingPage(reader: Reader, withShop: boolean): Page {
  const { noPage, noPageSentence } = reader.texts;
  return messagePage(reader, noPage, noPageSentence, waysOn(reader, withShop));
}

/** The page for a form with an unknown action. */
export function invalidFormPage(visit: Visit): Page {
  const { invalidForm, invalidFormSentence, toPayment } = visit.texts;
  const url = addressOf(visit, `/${visit.entrance}/${visit.token}`);
  return messagePage(visit, invalidForm, invalidFormSentence, wayOn("to-payment", url, toPayment, true));
}

function waysOn({ texts }: Reader, withShop: boolean): Html {
  const inspector = wayOn("to-inspector", "/", texts.toInspector, !withShop);
  return html`${withShop ? wayOn("to-shop", "/demo", texts.toShop, true) : ""}${inspector}`;
}

function wayOn(testId: string, url: string, label: string, isMain: boolean): Html {
  return html`<a class="${isMain ? "button primary" : "button"}" data-testid="${testId}" href="${url}">${label}</a>`;
}

function messagePage(reader: Reader, title: string, sentence: string, links: Html): Page {
  return payerPage(reader, reader.texts.site, {
    title,
    body: html`<h1 class="headline">${title}</h1><p>${sentence}</p><div class="ways">${links}</div>`,
  });
}
