import { Cookie, CookieJar } from "tough-cookie";
import { type MerchantResponse, sendRequest } from "./http.ts";

/** A request of a browser. */
export interface BrowserRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly form?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  /** Whether the navigation comes from another site, as that from the provider's page does. */
  readonly isCrossSite?: boolean;
}

/** A response in a browser, after its redirects on the merchant's site. */
export interface BrowserAnswer extends MerchantResponse {
  /** URL of the response. */
  readonly url: string;
  /** URLs that the browser was sent to, in order; the last one is not loaded if it is not the merchant's. */
  readonly redirects: readonly string[];
}

const redirectsMax = 5;

/** A browser without scripts, with a cookie jar of its own. */
export class Browser {
  readonly #jar = new CookieJar(undefined, { allowSpecialUseDomain: true, rejectPublicSuffixes: false });
  readonly #origin: string;
  readonly #timeoutMs: number;

  /**
   * @param siteUrl base of the merchant's pages: redirects to other origins are not followed.
   * @param timeoutMs maximum time of each response, in milliseconds.
   */
  constructor(siteUrl: string, timeoutMs: number) {
    this.#origin = new URL(siteUrl).origin;
    this.#timeoutMs = timeoutMs;
  }

  /** Opens a URL and follows redirects on the merchant's site. Never rejects. */
  async open(request: BrowserRequest): Promise<BrowserAnswer> {
    const redirects: string[] = [];
    let next = request;
    for (;;) {
      const response = await this.#load(next);
      const location = response.header("location");
      const answer = { ...response, url: next.url, redirects };
      if (response.status < 300 || response.status >= 400 || location === "") return answer;
      if (!URL.canParse(location, next.url)) {
        return { ...answer, error: `a redirect to ${JSON.stringify(location)}, which is no URL` };
      }
      const url = new URL(location, next.url).href;
      redirects.push(url);
      if (new URL(url).origin !== this.#origin || redirects.length > redirectsMax) return answer;
      const keepsMethod = response.status === 307 || response.status === 308;
      next = keepsMethod ? { ...next, url } : { method: "GET", url, isCrossSite: next.isCrossSite ?? false };
    }
  }

  async #load({ method, url, headers, form, json, isCrossSite = false }: BrowserRequest): Promise<MerchantResponse> {
    // A navigation from another site carries Lax cookies only with GET.
    const sameSiteContext = !isCrossSite ? "strict" : method === "GET" ? "lax" : "none";
    const cookie = await this.#jar.getCookieString(url, { sameSiteContext });
    const content = contentOf(form, json);
    const response = await sendRequest({
      method,
      url,
      headers: {
        Accept: "text/html,application/json;q=0.9,*/*;q=0.8",
        ...(content === undefined ? {} : { "Content-Type": content.type }),
        ...(cookie === "" ? {} : { Cookie: cookie }),
        ...(method === "GET" ? {} : { Origin: isCrossSite ? "null" : new URL(url).origin }),
        "Sec-Fetch-Site": isCrossSite ? "cross-site" : "same-origin",
        "Sec-Fetch-Mode": "navigate",
        ...headers,
      },
      body: content?.body,
      timeoutMs: this.#timeoutMs,
    });
    for (const line of response.cookies) await this.#keep(line, url);
    return response;
  }

  async #keep(line: string, url: string): Promise<void> {
    const cookie = Cookie.parse(line);
    if (cookie === undefined) return;
    // Browsers treat a cookie without the attribute as Lax.
    cookie.sameSite ??= "lax";
    await this.#jar.setCookie(cookie, url).catch(() => undefined);
  }
}

function contentOf(form: BrowserRequest["form"], json: unknown): { type: string; body: string } | undefined {
  if (form !== undefined) {
    return { type: "application/x-www-form-urlencoded", body: new URLSearchParams(form).toString() };
  }
  return json === undefined ? undefined : { type: "application/json", body: JSON.stringify(json) };
}
