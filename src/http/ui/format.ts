import { type Money, majorFromMoney } from "../../domain/money.ts";
import type { Language } from "./language.ts";

/** Locale of prices and times in each language. */
const locales: Readonly<Record<Language, string>> = { en: "en-HK", "zh-HK": "zh-HK", "zh-CN": "zh-CN" };
const timeZones: Readonly<Record<Language, (time: string) => string>> = {
  en: (time) => `${time} HKT`,
  "zh-HK": (time) => `香港時間${time}`,
  "zh-CN": (time) => `香港时间${time}`,
};

/** An amount for people: `HK$128.50`. */
export function formatMoney(money: Money, language: Language = "en"): string {
  return new Intl.NumberFormat(locales[language], { style: "currency", currency: "HKD" }).format(majorFromMoney(money));
}

/** An instant for people, in the time zone of Hong Kong. */
export function formatTime(time: number, language: Language = "en"): string {
  const options = { dateStyle: "medium", timeStyle: "medium", timeZone: "Asia/Hong_Kong" } as const;
  return timeZones[language](new Intl.DateTimeFormat(locales[language], options).format(time));
}

/** Remaining time: `29:41`, or `1:05:00` from one hour on. `pages/live.js` uses the same format. */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}
