import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { PaymentView } from "../../services/payments/payments.ts";
import type { Env } from "../env.ts";
import type { Texts } from "./texts/shape.ts";
import { chooseLanguage, type Language, languageOf, texts } from "./texts.ts";

/** The two addresses of a payment's pages: `/pay` is that of `nextStep`, `/wallet` what the QR code says. */
export type Door = "pay" | "wallet";

/** Somebody who looks at a payment's pages: where from, in which language, and how the pages are to be shown. */
export interface Visit {
  readonly door: Door;
  readonly token: string;
  readonly language: Language;
  readonly texts: Texts;
  /** The page's own query, which its links and forms carry along. */
  readonly query: URLSearchParams;
}

const yearSeconds = 365 * 86_400;

/** Reads what a request says, and remembers the language that it asks for. */
export function visitOf(c: Context<Env>, door: Door, token: string): Visit {
  const query = new URL(c.req.url).searchParams;
  const asked = languageOf(query.get("lang") ?? undefined);
  const language = chooseLanguage(asked, getCookie(c, "lang"), c.req.header("Accept-Language"));
  if (asked !== undefined) {
    setCookie(c, "lang", asked, { path: "/", sameSite: "Lax", httpOnly: true, maxAge: yearSeconds });
  }
  if (door === "pay" && c.req.method !== "POST" && isFromMerchant(c, token)) query.set("tab", "same");
  return { door, token, language, texts: texts[language], query };
}

/** The visit's own address, with changes to its query; `undefined` takes a parameter away. */
export function addressOf({ query }: Visit, path: string, changes: Record<string, string | undefined> = {}): string {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  const text = changed.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** A computer sees the code; a phone that opens the same URL, because a merchant drew it as a code, sees the wallet. */
export function viewFor(c: Context<Env>, { door, query }: Visit, { payment }: PaymentView): "qr" | "wallet" {
  if (door === "wallet") return "wallet";
  const asked = query.get("view");
  if (asked === "qr" || asked === "wallet") return asked;
  if (payment.flowType === "mobile_redirect") return "wallet";
  const hint = c.req.header("Sec-CH-UA-Mobile");
  const phone =
    hint === "?1" || (hint === undefined && /Mobile|Android|iPhone|iPad/i.test(c.req.header("User-Agent") ?? ""));
  return phone ? "wallet" : "qr";
}

/** Whether the browser came here from a page, so that it is to go back from here. A scanned code comes from none. */
function isFromMerchant(c: Context<Env>, token: string): boolean {
  const referrer = c.req.header("Referer");
  // The payment's own pages say in their addresses where the browser came from at first.
  if (referrer !== undefined && URL.canParse(referrer) && isPageOf(token, new URL(referrer))) return false;
  // Over plain http a browser says where it comes from by the referrer alone.
  return (c.req.header("Sec-Fetch-Site") ?? "none") !== "none" || referrer !== undefined;
}

function isPageOf(token: string, { pathname }: URL): boolean {
  return pathname === `/pay/${token}` || pathname === `/wallet/${token}`;
}
