import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../support/chromium.ts";
import { desktop, openStage, type Stage } from "./stage.ts";

const shown = async (page: Page) => {
  const buttons = await page.getByTestId("scenario").filter({ visible: true }).all();
  return Promise.all(buttons.map((button) => button.getAttribute("value")));
};

describe.skipIf(findChromium() === undefined)("the search for a scenario", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test("filters the groups by name and description, also after an update, and a click queues", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      await page.goto(`/?world=${world.processingAccountId}`);
      expect(await shown(page)).toEqual([]);
      const search = page.getByTestId("scenario-search");

      await search.pressSequentially("wallet RISK");
      expect(await shown(page)).toEqual(["declined_risk"]);
      expect(await page.getByTestId("scenario-group").filter({ visible: true }).allTextContents()).toEqual([
        expect.stringContaining("declines"),
      ]);
      expect(await page.locator("output[for=scenario-search]").textContent()).toMatch(/^1 of \d+$/);
      await search.press("Enter");

      await world.scenarios.next("expired");
      await page.getByTestId("queue").getByText("expired").waitFor();
      expect(await search.inputValue()).toBe("wallet RISK");
      expect(await shown(page)).toEqual(["declined_risk"]);
      await page.getByTestId("scenario").filter({ visible: true }).click();
      await page.getByTestId("queue").getByText("declined_risk").waitFor();
      expect(await world.scenarios.queue()).toEqual([
        { scenario: "expired", times: 1 },
        { scenario: "declined_risk", times: 1 },
      ]);
    }));

  test("shows no group without a match, and closes what it opened when it is empty again", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto("/");
      await page.getByTestId("scenario-group").last().click();
      const search = page.getByTestId("scenario-search");
      await search.fill("nothing like this");
      expect(await page.getByTestId("scenario-group").filter({ visible: true }).count()).toBe(0);
      await search.fill("");
      expect(await page.getByTestId("scenario-group").filter({ visible: true }).count()).toBe(6);
      expect(await page.locator("#scenario-form details[open]").count()).toBe(1);
      expect(await page.locator("output[for=scenario-search]").textContent()).toBe("");
    }));
});
