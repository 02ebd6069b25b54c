import type { Context } from "hono";
import { html } from "hono/html";
import { languageFor } from "../language/choice.ts";
import type { Language } from "../language/language.ts";
import type { Html } from "./html.ts";
import { en } from "./texts/en.ts";
import type { Texts } from "./texts/shape.ts";
import { zhCn } from "./texts/zh-cn.ts";
import { zhHk } from "./texts/zh-hk.ts";

const texts: Readonly<Record<Language, Texts>> = { en, "zh-HK": zhHk, "zh-CN": zhCn };

/** The person who requests a page. */
export interface Reader {
  readonly language: Language;
  readonly texts: Texts;
}

/** Reads the reader from a request. The payer's pages use the same cookie. */
export function readerOf(c: Context): Reader {
  const language = languageFor(c);
  return { language, texts: texts[language] };
}

/** A text that is English in every language, such as a sentence of the provider. */
export function english({ language }: Reader, text: string): Html {
  return language === "en" ? html`${text}` : html`<span lang="en">${text}</span>`;
}
