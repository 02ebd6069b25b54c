import { type Money, majorFromMoney } from "../../domain/money.ts";
import type { Language } from "../pages/texts.ts";

/** Where prices and times are written as in Hong Kong. */
const locales: Readonly<Record<Language, string>> = { en: "en-HK", "zh-HK": "zh-HK", "zh-CN": "zh-CN" };
const timeZones: Readonly<Record<Language, (time: string) => string>> = {
  en: (time) => `${time} HKT`,
  "zh-HK": (time) => `香港時間${time}`,
  "zh-CN": (time) => `香港时间${time}`,
};

/** An amount as payers read it: `HK$128.50`. */
export function formatMoney(money: Money, language: Language = "en"): string {
  return new Intl.NumberFormat(locales[language], { style: "currency", currency: "HKD" }).format(majorFromMoney(money));
}

/** An instant as payers read it, in Hong Kong. */
export function formatTime(time: number, language: Language = "en"): string {
  const options = { dateStyle: "medium", timeStyle: "medium", timeZone: "Asia/Hong_Kong" } as const;
  return timeZones[language](new Intl.DateTimeFormat(locales[language], options).format(time));
}

/** A time that is left: `29:41`, and `1:05:00` from an hour on. The script of the pages writes it in the same way. */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}
