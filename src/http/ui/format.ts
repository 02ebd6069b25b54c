import { html } from "hono/html";
import { type Money, majorFromMoney } from "../../domain/money.ts";
import { type Language, locales } from "../../language/language.ts";
import type { Html } from "./html.ts";

/** The parts of an instant, in the order of each language. */
const timeZones: Readonly<Record<Language, (time: string, date?: string) => readonly string[]>> = {
  en: (time, date) => [...(date === undefined ? [] : [`${date},`]), `${time} HKT`],
  "zh-HK": (time, date) => (date === undefined ? [`香港時間${time}`] : [`香港時間${date}`, time]),
  "zh-CN": (time, date) => (date === undefined ? [`香港时间${time}`] : [`香港时间${date}`, time]),
};

const formatsOf = (language: Language) => {
  const timeZone = "Asia/Hong_Kong";
  return {
    money: new Intl.NumberFormat(locales[language], { style: "currency", currency: "HKD" }),
    date: new Intl.DateTimeFormat(locales[language], { dateStyle: "medium", timeZone }),
    time: new Intl.DateTimeFormat(locales[language], { timeStyle: "medium", timeZone }),
  };
};

/** Making a format costs a hundred times as much as using it. */
const formats: Readonly<Record<Language, ReturnType<typeof formatsOf>>> = {
  en: formatsOf("en"),
  "zh-HK": formatsOf("zh-HK"),
  "zh-CN": formatsOf("zh-CN"),
};

/** An amount for people: `HK$128.50`. */
export function formatMoney(money: Money, language: Language = "en"): string {
  return formats[language].money.format(majorFromMoney(money));
}

/**
 * An instant for people, in the time zone of Hong Kong. A line breaks only between date and time.
 * @param now leaves out the date on the same day.
 */
export function formatTime(instant: number, language: Language = "en", now?: number): Html {
  const { date, time } = formats[language];
  const day = date.format(instant);
  const isToday = now !== undefined && day === date.format(now);
  const parts = timeZones[language](time.format(instant), isToday ? undefined : day);
  return html`${parts.map((part, at) => html`${at === 0 ? "" : " "}<span class="part">${part}</span>`)}`;
}

/**
 * Remaining time: `29:41`, or `1:05:00` from one hour on. It is rounded down, so its last second is `0:00`.
 * `pages/live.js` and `inspector/inspector.js` use the same format.
 */
export function formatLeft(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}
