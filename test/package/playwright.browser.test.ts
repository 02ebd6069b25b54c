import { expect, test } from "vitest";
import { findChromium } from "../support/chromium.ts";
import { runPlaywright } from "../support/playwright-project.ts";

const chromium = findChromium();

test.skipIf(chromium === undefined)("a Playwright test pays a payment on its page", async () => {
  const { code, results } = await runPlaywright("pay.spec.ts", { CHROME_PATH: chromium ?? "" });
  expect(results).toMatchObject([{ status: "passed", errors: [] }]);
  expect(code).toBe(0);
});
