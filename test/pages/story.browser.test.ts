import qrReader from "jsqr";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { sharedBrowser } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { type Shop, startShop } from "../support/shop.ts";

/** Returns the text of the QR code on a page. */
async function scan(page: Page): Promise<string | undefined> {
  const { data, width, height } = PNG.sync.read(await page.screenshot({ fullPage: true }));
  return qrReader.default(new Uint8ClampedArray(data), width, height)?.data;
}

describe.skipIf(findChromium() === undefined)("in a real browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await sharedBrowser();
  });

  async function story(options: SandboxOptions, run: (sandbox: Sandbox, shop: Shop) => Promise<void>): Promise<void> {
    let sandbox: Sandbox | undefined;
    const shop = await startShop(() => (sandbox as Sandbox).credentials);
    try {
      const settings = { returnDelayMs: 0, ...options.settings };
      sandbox = await createSandbox({ ...options, auth: "require", webhook: shop.webhookUrl, settings });
      await sandbox.listen();
      await run(sandbox, shop);
    } finally {
      await sandbox?.close();
      await shop.close();
    }
  }

  test("a payment from the shop to the refund: scan, pay, come back, be notified, refund once in part", () =>
    story({ clock: "2026-01-05T09:00:00Z" }, async (sandbox, shop) => {
      const payment = await shop.createPayment("qr_link");
      const computer = await (await browser.newContext()).newPage();
      await computer.goto(payment.nextStep.redirect.url);

      const walletUrl = payment.nextStep.redirect.url.replace("/pay/", "/wallet/");
      expect(await scan(computer)).toBe(walletUrl);
      expect(await computer.getByTestId("status").textContent()).toBe("Your phone cannot reach this sandbox.");

      const phone = await (
        await browser.newContext({ viewport: { width: 390, height: 780 }, isMobile: true })
      ).newPage();
      await phone.goto(walletUrl);
      await computer.getByText("Scanned. Confirm on your phone.").waitFor();
      await phone.getByTestId("pay").click();
      expect(await phone.getByTestId("status").textContent()).toBe("Paid");
      expect(phone.url()).toBe(walletUrl);

      await computer.waitForURL(`${shop.url}/complete-payment?order=1001#paid`);
      expect(shop.returns).toEqual(["/complete-payment?order=1001"]);
      await sandbox.settle();
      expect(shop.webhooks).toMatchObject([{ type: "payment", payload: { id: payment.id, status: "captured" } }]);
      expect((await shop.call("GET", payment.trackingUrl)).body).toMatchObject({ status: "captured" });

      const refunds = `/v1/payments/${payment.id}/refunds`;
      const part = { merchantReference: "refund-1", amount: { value: 50, currency: "hkd" } };
      const refund = await shop.call("POST", refunds, part);
      expect(refund).toMatchObject({ status: 201, body: { status: "pending" } });
      await sandbox.clock.advance("PT2S");
      expect((await shop.call("GET", (refund.body as { trackingUrl: string }).trackingUrl)).body).toMatchObject({
        status: "partially_refunded",
      });
      expect(shop.webhooks).toMatchObject([
        {},
        { type: "refund", payload: { status: "partially_refunded", paymentId: payment.id } },
      ]);
      expect(await shop.call("POST", refunds, { ...part, merchantReference: "refund-2" })).toMatchObject({
        status: 400,
        body: { reason: { code: "partial_refund_limit_reached" } },
      });
      await Promise.all([computer.context().close(), phone.context().close()]);
    }));

  describe.each([true, false])("with script: %s", (javaScriptEnabled) => {
    test.each(["mobile_redirect", "qr_link"])(
      "%s: after the payment, the wallet in the same tab returns to the shop automatically",
      (flowType) =>
        story({}, async (_, shop) => {
          const payment = await shop.createPayment(flowType);
          const context = await browser.newContext({ javaScriptEnabled });
          const page = await context.newPage();
          await page.goto(payment.nextStep.redirect.url);
          if (flowType === "qr_link") await page.getByTestId("open-wallet").click();
          await page.getByTestId("pay").click();
          await page.waitForURL(`${shop.url}/complete-payment?order=1001#paid`);
          await context.close();
        }),
    );

    test("the QR page returns to the shop when the payment is paid elsewhere", () =>
      story({}, async (sandbox, shop) => {
        const payment = await shop.createPayment("qr_link");
        const context = await browser.newContext({ javaScriptEnabled });
        const page = await context.newPage();
        await page.goto(payment.nextStep.redirect.url);
        await sandbox.payments.act(payment.id, "pay");
        await page.waitForURL(`${shop.url}/complete-payment?order=1001#paid`);
        await context.close();
      }));

    test("after the return to the shop, the Back button shows the current status and no form", () =>
      story({ settings: { returnDelayMs: 60_000 } }, async (_, shop) => {
        const payment = await shop.createPayment("mobile_redirect");
        const context = await browser.newContext({ javaScriptEnabled });
        const page = await context.newPage();
        await page.goto(payment.nextStep.redirect.url);
        await page.getByTestId("pay").click();
        await page.getByTestId("back-to-merchant").click();
        await page.waitForURL(`${shop.url}/complete-payment?order=1001#paid`);
        await page.goBack();
        expect(await page.getByTestId("status").textContent()).toBe("Paid");
        expect(await page.getByTestId("pay").count()).toBe(0);
        await context.close();
      }));
  });
});
