import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { axeColours, axeFindings } from "../support/axe.ts";
import { inPage } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { isFull } from "../support/scope.ts";

const computer = { width: 1280, height: 800 };
const phone = { width: 390, height: 800 };
const entries = (page: Page) => page.locator("#index li a").filter({ visible: true });
const current = (page: Page) => page.locator("#index [aria-current]").evaluateAll((all) => all.map(({ hash }) => hash));

describe.skipIf(findChromium() === undefined)("the references in a browser", () => {
  let sandbox: Sandbox;
  let baseURL: string;
  beforeAll(async () => {
    sandbox = await createSandbox();
    baseURL = await sandbox.listen();
  });
  afterAll(() => sandbox?.close());

  test("filter the index as one types, and mark the current section", () =>
    inPage({ baseURL, viewport: computer }, async (page) => {
      await page.goto("/docs/control");
      const all = await entries(page).count();
      await page.getByRole("searchbox").pressSequentially("clock POST adv");
      expect(await entries(page).evaluateAll((shown) => shown.map(({ hash }) => hash))).toEqual([
        "#advanceClockInWorld",
        "#advanceClock",
      ]);
      expect(await page.locator("#index .group").filter({ visible: true }).count()).toBe(1);
      expect(await page.getByRole("status").textContent()).toBe(`2 of ${all}`);
      await entries(page).last().click();
      await expect.poll(() => current(page)).toEqual(["#advanceClock"]);
      await page.getByRole("searchbox").fill("");
      expect(await entries(page).count()).toBe(all);
      await page.goto("/docs/control#schemas");
      await expect.poll(() => current(page)).toEqual(["#schemas"]);
    }));

  test("show the whole index and no search without a script", () =>
    inPage({ baseURL, viewport: computer, javaScriptEnabled: false }, async (page) => {
      await page.goto("/docs");
      expect(await page.getByRole("searchbox").count()).toBe(0);
      await entries(page).first().click();
      expect(new URL(page.url()).hash).toBe("#createPayment");
    }));

  const sizes = [
    ["/docs", "a phone", phone],
    ["/docs/control", "a computer", computer],
  ] as const;
  test.each(isFull ? sizes : sizes.slice(0, 1))(
    `have no axe findings: %s on %s, ${axeColours}, without horizontal scrolling`,
    (path, _, viewport) =>
      inPage({ baseURL, viewport, bypassCSP: true }, async (page) => {
        await page.goto(`${path}#headers`);
        expect(await axeFindings(page)).toEqual([]);
        expect(await page.locator("html").evaluate((root) => root.scrollWidth - root.clientWidth)).toBe(0);
      }),
  );

  test("print without the index", () =>
    inPage({ baseURL, viewport: computer }, async (page) => {
      await page.goto("/docs");
      await page.emulateMedia({ media: "print" });
      expect(await page.locator("#index").isVisible()).toBe(false);
      expect(await page.getByRole("heading", { name: "POST /v1/payments", exact: true }).isVisible()).toBe(true);
    }));
});
