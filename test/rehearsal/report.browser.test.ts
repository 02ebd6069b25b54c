import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cases } from "../../src/rehearsal/cases.ts";
import { htmlReport } from "../../src/rehearsal/report/html.ts";
import type { RehearsalResult } from "../../src/rehearsal/result.ts";
import { axeColours, axeFindings } from "../support/axe.ts";
import { inPage } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { caseResult, failure, hostileResult, resultOf } from "./results.ts";

const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const phone: BrowserContextOptions = { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true };

const results: Readonly<Record<string, RehearsalResult>> = {
  failures: resultOf([
    failure("paid_by_qr"),
    failure("forged_alg_none", { verdict: "warn", severity: "minor" }),
    caseResult("no_hook", { verdict: "not_judged", reason: "missing_hook", missing: ["jobs"], sentence: "No jobs." }),
    caseResult("paid_on_phone"),
  ]),
  right: resultOf([caseResult("paid_by_qr"), caseResult("paid_on_phone")]),
  hostile: hostileResult(),
};

/** Opens every part of the page. */
const openAll = (page: Page) =>
  page.locator("details").evaluateAll((all) => {
    for (const one of all) one.open = true;
  });

describe.skipIf(findChromium() === undefined)("the HTML report in a browser", () => {
  let folder = "";
  const urlOf = (name: string) => pathToFileURL(join(folder, `${name}.html`)).href;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "report-"));
    for (const [name, result] of Object.entries(results)) {
      writeFileSync(join(folder, `${name}.html`), htmlReport(result, cases));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.keys(results))(`is accessible ${axeColours}: %s`, (name) =>
    inPage(desktop, async (page) => {
      await page.goto(urlOf(name));
      await openAll(page);
      expect(await axeFindings(page)).toEqual([]);
    }),
  );

  test.each(Object.keys(results))("does not scroll sideways: %s", async (name) => {
    for (const options of [desktop, phone]) {
      await inPage(options, async (page) => {
        await page.goto(urlOf(name));
        await openAll(page);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(options.viewport?.width);
      });
    }
  });

  test("follows the colours of the system", () =>
    inPage(desktop, async (page) => {
      await page.goto(urlOf("failures"));
      const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
      await page.emulateMedia({ colorScheme: "light" });
      const light = await background();
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await background()).not.toBe(light);
    }));

  test("loads nothing, runs nothing and reports no error", () =>
    inPage(desktop, async (page) => {
      const seen: string[] = [];
      page.on("request", (request) => seen.push(request.url()));
      page.on("console", (message) => seen.push(message.text()));
      page.on("dialog", (dialog) => seen.push(dialog.message()));
      await page.goto(urlOf("hostile"));
      await openAll(page);
      expect(seen).toEqual([urlOf("hostile")]);
    }));

  test("a link of a finding leads to its case", () =>
    inPage(desktop, async (page) => {
      await page.goto(urlOf("failures"));
      await page.getByTestId("findings").getByRole("link").first().click();
      expect(await page.locator(":target").getAttribute("id")).toBe("case-paid_by_qr");
    }));

  test("prints failures with every detail, and cases that passed in one line", () =>
    inPage(desktop, async (page) => {
      await page.goto(urlOf("failures"));
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      const visible = (selector: string) =>
        page.locator(selector).evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
      expect(await visible("#case-paid_by_qr pre")).toBe(1);
      expect(await visible("#case-no_hook .sentence")).toBe(1);
      expect(await visible("#case-no_hook .timeline")).toBe(0);
      expect(await visible("#case-paid_on_phone summary")).toBe(1);
      expect(await visible("#case-paid_on_phone .content")).toBe(0);
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    }));
});
