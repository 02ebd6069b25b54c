import { type Language, languages } from "../../ui/language.ts";
import { en } from "./en.ts";
import type { Texts } from "./shape.ts";
import { zhCn } from "./zh-cn.ts";
import { zhHk } from "./zh-hk.ts";

export const texts: Readonly<Record<Language, Texts>> = { en, "zh-HK": zhHk, "zh-CN": zhCn };

/** Labels of the language links, each in its own language. */
export const languageNames: Readonly<Record<Language, { readonly short: string; readonly full: string }>> = {
  en: { short: "EN", full: "EN, English" },
  "zh-HK": { short: "繁", full: "繁體中文" },
  "zh-CN": { short: "简", full: "简体中文" },
};

/**
 * The language of the response: the requested one, else the one chosen earlier, else the browser's first supported
 * language, else English.
 */
export function chooseLanguage(
  requested: string | undefined,
  chosen: string | undefined,
  acceptLanguage: string | undefined,
): Language {
  return languageOf(requested) ?? languageOf(chosen) ?? acceptedLanguage(acceptLanguage ?? "") ?? "en";
}

/** The language of a code. Case does not matter. */
export function languageOf(code: string | undefined): Language | undefined {
  return languages.find((language) => language.toLowerCase() === code?.toLowerCase());
}

function acceptedLanguage(header: string): Language | undefined {
  return header
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.split(";").map((text) => text.trim());
      const quality = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2);
      return { language: nearestLanguage(tag), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .find(({ language }) => language !== undefined)?.language;
}

/** Chinese by script: `zh-TW` and `yue` give `zh-HK`, plain `zh` gives `zh-CN`. */
function nearestLanguage(tag: string): Language | undefined {
  if (!/^[a-z]{2,3}(-[a-z\d]{2,8})*$/i.test(tag)) return undefined;
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    if (language === "en") return "en";
    if (language !== "zh" && language !== "yue") return undefined;
    return script === "Hant" ? "zh-HK" : "zh-CN";
  } catch {
    return undefined;
  }
}
