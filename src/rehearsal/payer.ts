import { jsonOf, memberAt, unescapeHtml } from "./steps.ts";

/** A button of the payer's pages: what the payer or the wallet does. */
export type PayerButton =
  | ("pay" | "cancel" | "decline" | "expire" | "fail" | "pay-never-returns" | "pay-return-by-post" | "lying-return")
  | `decline-${string}`;

/** The way back to the merchant, as the result page has it. */
export interface WayBack {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly form: Readonly<Record<string, string>> | undefined;
}

type FetchPage = (url: string, init?: RequestInit) => Promise<Response>;

/** Presses a button on the hosted pages. @param isOnPhone whether the wallet is on the device with the checkout. */
export async function pressButton(
  fetchPage: FetchPage,
  pageUrl: string,
  button: PayerButton,
  isOnPhone: boolean,
): Promise<void> {
  // A phone that scanned the code opens the wallet's page.
  const walletUrl = isOnPhone ? pageUrl : pageUrl.replace("/pay/", "/wallet/");
  await (await fetchPage(walletUrl)).text();
  const response = await fetchPage(`${walletUrl.split("?")[0]}/actions`, {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ action: button }).toString(),
  });
  await response.text();
  if (response.status !== 303) throw new Error(`The page refused the button ${button} with ${response.status}.`);
}

/** Whether the page shows a payment that can be paid. */
export async function isPayable(fetchPage: FetchPage, pageUrl: string): Promise<boolean> {
  const response = await fetchPage(`${pageUrl.split("?")[0]}/status`);
  return response.ok && memberAt(jsonOf(await response.text()), "/status") === "pending";
}

/** Reads the way back from the result page; `undefined` if the page has none. */
export async function wayBack(fetchPage: FetchPage, pageUrl: string): Promise<WayBack | undefined> {
  const page = await (await fetchPage(pageUrl)).text();
  const link = /<a [^>]*data-testid="back-to-merchant"[^>]*href="([^"]*)"/.exec(page)?.[1];
  if (link !== undefined) return { method: "GET", url: unescapeHtml(link), form: undefined };
  const form = /<form method="post" action="([^"]*)">([\s\S]*?)data-testid="back-to-merchant"/.exec(page);
  if (form === null) return undefined;
  const [, action = "", content = ""] = form;
  const fields = [...content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
    ([, name = "", value = ""]) => [unescapeHtml(name), unescapeHtml(value)],
  );
  return { method: "POST", url: unescapeHtml(action), form: Object.fromEntries(fields) };
}
