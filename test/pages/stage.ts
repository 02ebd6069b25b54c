import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { createSandbox, type Sandbox, type WorldHandle, type WorldOptions } from "../../src/index.ts";
import { inPage } from "../support/browser.ts";
import { paymentRequest, post } from "../support/merchant.ts";

/** A payment with the addresses of its pages and its return URL. */
export interface StagedPayment {
  readonly id: string;
  readonly pay: string;
  readonly wallet: string;
  readonly returnUrl: string;
}

/** A sandbox on a port, a merchant's site to come back to, and a real browser. */
export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** Creates a payment in the demo world, or in the world given. */
  pay(
    flowType?: string,
    changes?: { readonly world?: WorldHandle; readonly reference?: string | undefined },
  ): Promise<StagedPayment>;
  /** Opens a world. By default the browser stays on its result pages. */
  world(options?: WorldOptions): Promise<WorldHandle>;
  /** Opens a page in a new context, passes it to `run`, and closes it in every case. */
  inPage<T>(options: BrowserContextOptions, run: (page: Page, context: BrowserContext) => Promise<T>): Promise<T>;
}

export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 760 } };
export const phone: BrowserContextOptions = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true };

/** Starts the merchant's site. Its page shows the method and the path of the request. */
async function startMerchantSite(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const requestLine = `${request.method} ${request.url}`.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><title>Merchant</title><h1 data-testid="merchant-site">${requestLine}</h1>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Opens a stage. In its demo world the browser returns to the merchant without delay. */
export async function openStage(): Promise<Stage> {
  const site = await startMerchantSite();
  const sandbox = await createSandbox({ settings: { returnDelayMs: 0 } });
  await sandbox.listen();
  let orders = 0;
  return {
    sandbox,
    pay: async (flowType = "qr_link", { world, reference = "order-1001" } = {}) => {
      orders += 1;
      const returnUrl = `${site.url}/back?order=${orders}`;
      const account = world?.processingAccountId ?? sandbox.processingAccountId;
      const request = { ...paymentRequest({ flowType, returnUrl, account }), merchantReference: reference };
      const { status, body } = await post(sandbox, "/v1/payments", request);
      if (status !== 201) throw new Error(`a payment was refused: ${JSON.stringify(body)}`);
      const pay: string = body.nextStep.redirect.url;
      return { id: body.id, pay, wallet: pay.replace("/pay/", "/wallet/"), returnUrl };
    },
    world: ({ settings, ...options } = {}) =>
      sandbox.world({ ...options, settings: { returnDelayMs: 60_000, ...settings } }),
    inPage,
    [Symbol.asyncDispose]: async () => {
      await sandbox.close();
      site.close();
    },
  };
}

/** Root element of the page. */
export const rootOf = (page: Page) => page.locator("html");

/** `data-testid` of every interactive element of the page, sorted. */
export function controlsOf(page: Page): Promise<string[]> {
  const interactive =
    "a, button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex], [contenteditable], [onclick]";
  return page
    .locator(interactive)
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-testid") ?? one.outerHTML).sort());
}

/** Options of a world with a frozen clock: its pages have no running countdown. */
export const atNine = { clock: "2026-01-05T09:00:00.000Z" } as const;
