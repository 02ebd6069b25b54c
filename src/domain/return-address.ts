/** Schemes that are never an app's own: a link to them runs code, shows made-up content, or reads files. */
const forbiddenSchemes: readonly string[] = ["javascript", "data", "vbscript", "file", "blob", "about"];
const webSchemes: readonly string[] = ["http", "https"];

/** Whether a text is a URL with an app's own scheme, such as `myapp://done`. */
export function isAppUrl(text: string): boolean {
  const [, scheme = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):./.exec(text) ?? [];
  return scheme !== "" && ![...webSchemes, ...forbiddenSchemes].includes(scheme.toLowerCase()) && URL.canParse(text);
}

/** Whether a URL is one of the web. */
export function isWebUrl(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

const inAnyCase = (word: string) => word.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
const others = [...webSchemes, ...forbiddenSchemes].map(inAnyCase).join("|");

/** Pattern of the schemes that an app can have, with the colon. */
export const appSchemePattern = `(?!(?:${others}):)[A-Za-z][A-Za-z0-9+.\\-]*:`;

/** The allowed addresses of the rule `returnSchemes`; completes "must be". */
export const allowedAddresses = {
  http_https: "an absolute http or https URL",
  custom:
    "an absolute http or https URL, or a URL with an app's own scheme, which is never " +
    `${forbiddenSchemes.slice(0, -1).join(", ")} or ${forbiddenSchemes.at(-1)}`,
} as const;
