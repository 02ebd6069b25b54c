import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { SandboxOptions } from "../../src/index.ts";
import { inPage } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { createPayment } from "../support/merchant.ts";
import { isFull } from "../support/scope.ts";
import { behindProxy, type ProxiedSandbox } from "../support/sub-path-proxy.ts";

const adminToken = "open-sesame-and-let-me-in";

/** Styled: the shared style sheet sets the font of every page. */
const isStyled = (page: Page) => page.evaluate("getComputedStyle(document.body).margin === '0px'");

describe.skipIf(findChromium() === undefined)("behind a proxy below a path, in a real browser", () => {
  /** Opens a page. Afterwards no request may have left the path or failed. */
  async function below(
    options: SandboxOptions,
    run: (page: Page, proxied: ProxiedSandbox) => Promise<void>,
    proxy: { readonly keepsHost?: boolean } = {},
  ): Promise<void> {
    await using proxied = await behindProxy("/tools/sandbox", options, proxy);
    const failures: string[] = [];
    await inPage({ viewport: { width: 1280, height: 800 } }, async (page) => {
      page.on("response", (response) => {
        // The page that asks to sign in, and that of a refused form, have such a status.
        const isPage = response.request().isNavigationRequest();
        if (response.status() >= 400 && !isPage) failures.push(`${response.status()} ${response.url()}`);
      });
      page.on("pageerror", (error) => failures.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error" && !/ 40[01] /.test(message.text())) failures.push(message.text());
      });
      await run(page, proxied);
      expect(await isStyled(page)).toBe(true);
    });
    expect([failures, proxied.strays]).toEqual([[], []]);
  }

  test("the payer changes the language, opens the wallet and pays, and the first page shows it", () =>
    below({ settings: { returnDelayMs: 60_000 } }, async (page, { sandbox, url }) => {
      const { nextStep } = await createPayment(sandbox);
      await page.goto(nextStep.redirect.url);
      const [phone] = await Promise.all([page.context().newPage(), page.getByTestId("qr").waitFor()]);
      await page.getByTestId("language-zh-HK").click();
      await page.locator("html[lang=zh-HK]").waitFor();
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ name: "lang", value: "zh-HK", path: "/tools/sandbox" });

      await phone.goto(nextStep.redirect.url.replace("/pay/", "/wallet/"));
      await phone.locator("html[lang=zh-HK]").waitFor();
      await page.locator("[data-step=confirm][data-state=now]").waitFor();
      await phone.getByTestId("pay").click();
      await phone.locator("[data-testid=status][data-status=captured]").waitFor();
      expect(phone.url().startsWith(`${url}/wallet/`)).toBe(true);
      await page.locator("[data-testid=status][data-status=captured]").waitFor();
    }));

  test.each(isFull ? [true, false] : [false])(
    "a developer signs in and watches a payment; the proxy keeps the Host: %s",
    (keepsHost) =>
      below(
        { adminToken, seed: "teal", demo: true },
        async (page, { sandbox, url }) => {
          await page.goto(`${url}/inspector/controls`);
          await page.getByTestId("token").fill(adminToken);
          await page.getByTestId("sign-in").click();
          await page.waitForURL(`${url}/inspector/controls`);
          expect(await page.context().cookies()).toMatchObject([{ path: "/tools/sandbox", httpOnly: true }]);

          await page.getByTestId("nav-payments").click();
          await page.waitForURL(`${url}/`);
          await page.getByTestId("no-payments").waitFor();
          const { id } = await createPayment(sandbox);
          await page.getByTestId("payment-row").click();
          await page.waitForURL(`${url}/inspector/payments/${id}`);
          await page.getByTestId("act-open").click();
          await page.getByTestId("act-pay").click();
          await page.locator("[data-testid=payment][data-status=captured]").waitFor();
          await page.waitForURL(`${url}/inspector/payments/${id}`);
          await sandbox.payments.refund(id);
          await page.getByTestId("refunds-open").waitFor();

          await page.getByTestId("advance-by").fill("tomorrow");
          await page.getByTestId("advance").click();
          await page.getByTestId("problem").waitFor();
          await page.waitForURL(`${url}/inspector/payments/${id}`);
          await page.getByTestId("clock-freeze").click();
          await page.getByTestId("clock-run").waitFor();
          await page.getByTestId("search").fill("order-1001");
          await page.getByTestId("search-go").click();
          await page.waitForURL(({ href }) => href === `${url}/inspector/payments/${id}?q=order-1001`);
          await page.getByTestId("payment-row").waitFor();
          await page.getByTestId("docs-link").click();
          await page.waitForURL(`${url}/docs`);
          await page.goBack();
          await page.getByTestId("sign-out").click();
          await page.getByTestId("token").waitFor();
          expect(page.url()).toBe(`${url}/`);
        },
        { keepsHost },
      ),
  );

  test("a payer buys in the demo shop, pays and comes back", () =>
    below({ demo: true, clock: "running", settings: { returnDelayMs: 0 } }, async (page, { url }) => {
      await page.goto(`${url}/demo`);
      await page.getByTestId("buy").click();
      await page.getByTestId("open-wallet").click();
      await page.getByTestId("pay").first().click();
      await page.waitForURL(new RegExp(`^${url}/demo/orders/\\d+$`));
      await page.locator("[data-testid=state][data-state=paid]").waitFor();
      await page.getByTestId("timeline-link").click();
      await page.waitForURL(({ href }) => href.startsWith(`${url}/inspector/payments/`));
      await page.goBack();
      await page.getByTestId("sandbox-link").click();
      await page.waitForURL(({ href }) => href.startsWith(`${url}/?world=`));
    }));
});
