export const languages = ["en", "zh-HK", "zh-CN"] as const;
/** A language of the pages for payers, spelled as in `lang` and `?lang=`. */
export type Language = (typeof languages)[number];

/** Labels of the language links, each in its own language. */
export const languageNames: Readonly<Record<Language, { readonly short: string; readonly full: string }>> = {
  en: { short: "EN", full: "EN, English" },
  "zh-HK": { short: "繁", full: "繁體中文" },
  "zh-CN": { short: "简", full: "简体中文" },
};

/** Locale of prices and times in each language. */
export const locales: Readonly<Record<Language, string>> = { en: "en-HK", "zh-HK": "zh-HK", "zh-CN": "zh-CN" };

/** Texts that the payer's pages and the demo shop share. */
export interface CommonTexts {
  /** Text of the stripe at the top. */
  readonly notice: string;
  /** Label of the language links. */
  readonly language: string;
  /** Shown while the sandbox does not respond. */
  readonly gone: string;
}

export const commonTexts: Readonly<Record<Language, CommonTexts>> = {
  en: {
    notice: "SANDBOX: no money moves",
    language: "Language",
    gone: "The sandbox does not respond. This page continues as soon as it is back.",
  },
  "zh-HK": {
    notice: "沙盒環境：不涉及真實款項",
    language: "語言",
    gone: "沙盒沒有回應。恢復後，此頁會自動繼續。",
  },
  "zh-CN": {
    notice: "沙箱环境：不涉及真实资金",
    language: "语言",
    gone: "沙箱没有响应。恢复后，此页会自动继续。",
  },
};
