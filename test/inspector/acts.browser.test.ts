import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorldHandle } from "../../src/index.ts";
import { axeFindings } from "../support/axe.ts";
import { findChromium } from "../support/chromium.ts";
import { desktop, openStage, pay, phone, type Stage } from "./stage.ts";

/** Whether the beginning of an element is visible. Nothing else covers it. */
const isInView = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => {
    const { left, top, width } = element.getBoundingClientRect();
    const found = element.ownerDocument.elementFromPoint(left + width / 2, top + 6);
    return found !== null && element.contains(found);
  });

const focused = (page: Page) => page.evaluate("document.activeElement.dataset.testid ?? document.activeElement.id");
const scrollOfPage = (page: Page) => page.evaluate("document.documentElement.scrollTop");

describe.skipIf(findChromium() === undefined)("in a browser", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  /** Opens the page of a payment that was paid and notified. @returns its id. */
  async function openPaid(page: Page, world: WorldHandle): Promise<string> {
    const id = await pay(world);
    await world.payments.act(id, "pay");
    await world.settle();
    await page.goto(`/inspector/payments/${id}`);
    return id;
  }

  test("after a resend the answer and the new attempt are in view, once: a reload does not repeat the notice", () =>
    stage.inPage({ viewport: { width: 1280, height: 560 } }, async (page) => {
      await using world = await stage.world({ webhook: async () => new Response("fine") });
      const id = await openPaid(page, world);
      await page.getByTestId("notifications-open").click();
      await page.getByTestId("resend").click();
      const notice = page.getByTestId("notice");
      await notice.getByText(/^Sent: 200 in \d+ ms\.$/).waitFor();
      await expect.poll(() => page.url()).not.toContain("done=");
      expect(new URL(page.url()).pathname).toBe(`/inspector/payments/${id}`);
      expect(await page.locator("li:target").getByTestId("answered-text").isVisible()).toBe(true);
      expect([await isInView(page, "li:target"), await isInView(page, "#notice")]).toEqual([true, true]);
      expect(await scrollOfPage(page)).toBe(0);
      expect(await axeFindings(page)).toEqual([]);

      await pay(world, { amount: 5 });
      await page.getByText("HK$5.00").waitFor();
      expect(await notice.count()).toBe(1);
      await page.reload();
      await page.getByTestId("timeline").waitFor();
      expect(await notice.count()).toBe(0);

      await page.getByTestId("clock-run").click();
      await notice.getByText("The clock runs.").waitFor();
      await expect.poll(() => page.url()).not.toContain("done=");
      await page.getByTestId("notice-close").click();
      expect([await notice.count(), await focused(page)]).toEqual([0, "main"]);
    }));

  test("a refused form has the focus at its field, and keeps it and what was typed while the page updates itself", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      await openPaid(page, world);
      await page.getByTestId("advance-by").fill("tomorrow");
      await page.getByTestId("advance").click();
      await page.getByTestId("field-problem").waitFor();
      await pay(world, { amount: 5 });
      await page.getByText("HK$5.00").waitFor();
      expect(await focused(page)).toBe("advance-by");
      expect(await page.getByTestId("advance-by").inputValue()).toBe("tomorrow");
      expect(await page.getByTestId("field-problem").textContent()).toContain('The duration is "tomorrow"');
      expect(await axeFindings(page)).toEqual([]);
      await page.getByTestId("advance-by").fill("30m");
      await page.getByTestId("advance").click();
      await page.getByText("Advanced 30 min: 1 payment expired.").waitFor();
      expect(await page.getByTestId("field-problem").count()).toBe(0);
    }));

  test("without script too, on a phone: a refused refund stays open, and a new one is in view", () =>
    stage.inPage({ ...phone, javaScriptEnabled: false }, async (page) => {
      await using world = await stage.world();
      await openPaid(page, world);
      await page.getByTestId("refund-open").click();
      await page.getByTestId("refund-amount").fill("abc");
      await page.getByTestId("refund-start").click();
      await page.getByTestId("field-problem").waitFor();
      expect(await page.locator("#refund-amount:focus").count()).toBe(1);
      expect(await isInView(page, "#refund-amount")).toBe(true);
      await page.getByTestId("refund-amount").fill("5");
      await page.getByTestId("refund-start").click();
      await page.getByTestId("notice").getByText("Refund started: HK$5.00.").waitFor();
      expect(await page.locator("[data-testid=refund]:target").getByTestId("refund-succeed").isVisible()).toBe(true);
      expect([await isInView(page, "[data-testid=refund]"), await isInView(page, "#notice")]).toEqual([true, true]);
      await page.getByTestId("notice-close").click();
      await page.waitForURL(({ search, hash }) => !search.includes("done") && hash === "");
      expect(await page.getByTestId("notice").count()).toBe(0);
    }));
});
