import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeFindings } from "../support/axe.ts";
import { findChromium } from "../support/chromium.ts";
import { startReceiver } from "../support/receiver.ts";
import { desktop, openStage, pay, type Stage } from "./stage.ts";

describe.skipIf(findChromium() === undefined)("the page of webhooks in a browser", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test.each(["light", "dark"] as const)("shows a new webhook at once, and its response after a resend, %s", (scheme) =>
    stage.inPage({ ...desktop, colorScheme: scheme, bypassCSP: true }, async (page) => {
      let status = 500;
      const started = await startReceiver((response) => {
        response.writeHead(status, { "X-Shop": "harbour" }).end("from the shop");
      });
      await using receiver = Object.assign(started, { [Symbol.asyncDispose]: () => started.close() });
      await using world = await stage.world({ webhook: receiver.url });
      await page.goto(`/inspector/webhooks?world=${world.processingAccountId}`);
      await page.getByTestId("first-webhook").waitFor();
      await world.payments.act(await pay(world), "pay");
      await page.getByTestId("webhook-row").and(page.locator("[data-state=retrying]")).waitFor();
      await page.getByTestId("resend-failed").click();
      await page.getByTestId("notice").getByText("Resent 1 webhook: 0 delivered").waitFor();
      expect(await axeFindings(page)).toEqual([]);

      await world.payments.act(await pay(world), "pay");
      await page.getByTestId("webhook-row").nth(1).waitFor();
      expect(await page.getByTestId("notice").isVisible()).toBe(true);
      expect(new URL(page.url()).searchParams.get("done")).toBeNull();

      status = 200;
      await page.getByTestId("webhook-row").first().click();
      await page.getByTestId("why-resend").click();
      await page.getByTestId("webhook").and(page.locator("[data-state=delivered]")).waitFor();
      await page.getByTestId("attempt-open").first().click();
      expect(await page.getByTestId("answered-text").first().textContent()).toMatch(/^200\nX-Shop: harbour\n.*shop$/s);
      expect(await axeFindings(page)).toEqual([]);
    }),
  );
});
