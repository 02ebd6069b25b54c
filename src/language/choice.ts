import type { Context, Env } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { type Language, languages } from "./language.ts";

const yearSeconds = 365 * 86_400;

/**
 * The language of the response: the requested one, else the one chosen earlier, else the browser's first supported
 * language, else English. Stores a requested language in a cookie.
 */
export function languageFor<E extends Env>(c: Context<E>): Language {
  const requested = languageOf(c.req.query("lang"));
  if (requested !== undefined) {
    setCookie(c, "lang", requested, { path: "/", sameSite: "Lax", httpOnly: true, maxAge: yearSeconds });
  }
  const accepted = () => acceptedLanguage(c.req.header("Accept-Language") ?? "");
  return requested ?? languageOf(getCookie(c, "lang")) ?? accepted() ?? "en";
}

/** The language of a code. Case does not matter. */
function languageOf(code: string | undefined): Language | undefined {
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
