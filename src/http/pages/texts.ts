import { en } from "./texts/en.ts";
import type { Texts } from "./texts/shape.ts";
import { zhCn } from "./texts/zh-cn.ts";
import { zhHk } from "./texts/zh-hk.ts";

export const languages = ["en", "zh-HK", "zh-CN"] as const;
/** A language that the payer's pages speak, as `lang` and `?lang=` spell it. */
export type Language = (typeof languages)[number];

export const texts: Readonly<Record<Language, Texts>> = { en, "zh-HK": zhHk, "zh-CN": zhCn };

/** The languages as the switch shows them: in short, and in full in their own words. */
export const languageNames: Readonly<Record<Language, { readonly short: string; readonly full: string }>> = {
  en: { short: "EN", full: "EN, English" },
  "zh-HK": { short: "繁", full: "繁體中文" },
  "zh-CN": { short: "简", full: "简体中文" },
};

/**
 * The language that a request wants: what its address says, else what was chosen before, else the first of the browser's
 * languages that there is. English where nothing fits.
 */
export function chooseLanguage(
  asked: string | undefined,
  chosen: string | undefined,
  acceptLanguage: string | undefined,
): Language {
  return languageOf(asked) ?? languageOf(chosen) ?? acceptedLanguage(acceptLanguage ?? "") ?? "en";
}

/** The language of a code, in whatever case. */
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

/** Chinese by its script, however it is spelled: `zh-TW` and `yue` are written as in Hong Kong, `zh` as on the mainland. */
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
