import type { Context } from "hono";
import { languageFor } from "../../language/choice.ts";
import type { Language } from "../../language/language.ts";
import type { PaymentView } from "../../services/payments/payments.ts";
import type { Env } from "../env.ts";
import { texts } from "./texts/languages.ts";
import type { Texts } from "./texts/shape.ts";

/** The two addresses of a payment's pages: `/pay` is in `nextStep`, `/wallet` is in the QR code. */
export type Entrance = "pay" | "wallet";

/** The person who requests a page: language and display options. */
export interface Reader {
  readonly language: Language;
  readonly texts: Texts;
  /** The page's query. Links and forms of the page repeat it. */
  readonly query: URLSearchParams;
}

/** A request for a page of a payment: its address, and its reader. */
export interface Visit extends Reader {
  readonly entrance: Entrance;
  readonly token: string;
}

/** Reads the visit from a request, and stores a requested language in a cookie. */
export function visitOf(c: Context<Env>, entrance: Entrance, token: string): Visit {
  const reader = readerOf(c);
  if (entrance === "pay" && c.req.method !== "POST" && isFromMerchant(c, token)) reader.query.set("tab", "same");
  return { entrance, token, ...reader };
}

/** Reads the reader of a page from a request, and stores a requested language in a cookie. */
export function readerOf(c: Context<Env>): Reader {
  const language = languageFor(c);
  return { language, texts: texts[language], query: new URL(c.req.url).searchParams };
}

/** A path with the page's query and changes to it; `undefined` removes a parameter. */
export function addressOf({ query }: Reader, path: string, changes: Record<string, string | undefined> = {}): string {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  const text = changed.toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * The view for a browser: the QR code on a computer, the wallet on a phone. A phone opens `/pay` when the merchant
 * shows that URL as a QR code of its own.
 */
export function viewFor(c: Context<Env>, { entrance, query }: Visit, { payment }: PaymentView): "qr" | "wallet" {
  if (entrance === "wallet") return "wallet";
  const requested = query.get("view");
  if (requested === "qr" || requested === "wallet") return requested;
  if (payment.flowType === "mobile_redirect") return "wallet";
  const hint = c.req.header("Sec-CH-UA-Mobile");
  const isPhone =
    hint === "?1" || (hint === undefined && /Mobile|Android|iPhone|iPad/i.test(c.req.header("User-Agent") ?? ""));
  return isPhone ? "wallet" : "qr";
}

/** Whether the payer came from the merchant's page in this tab, and so returns in it. A scan opens a new tab. */
function isFromMerchant(c: Context<Env>, token: string): boolean {
  const referrer = c.req.header("Referer");
  // The payment's own pages carry the first origin in their query.
  if (referrer !== undefined && URL.canParse(referrer) && isPageOf(token, new URL(referrer))) return false;
  // Over plain HTTP browsers send no Sec-Fetch-Site, only the referrer.
  return (c.req.header("Sec-Fetch-Site") ?? "none") !== "none" || referrer !== undefined;
}

function isPageOf(token: string, { pathname }: URL): boolean {
  // The public URL may have a path in front.
  return pathname.endsWith(`/pay/${token}`) || pathname.endsWith(`/wallet/${token}`);
}
