export const languages = ["en", "zh-HK", "zh-CN"] as const;
/** A language of the payer's pages, spelled as in `lang` and `?lang=`. */
export type Language = (typeof languages)[number];
