import { expect } from "@playwright/test";
import { sandboxTest } from "alipay-hk-sandbox/playwright";
import { openShop } from "../shop.ts";

const test = sandboxTest({ auth: "require", clock: "2026-01-05T09:00:00Z" });

test("the payer does not pay in time, and the shop says so", async ({ page, world }) => {
  await using shop = await openShop(world.credentials);
  await page.goto(shop.url);
  await page.getByRole("button", { name: "Pay with Alipay HK" }).click();
  await expect(page.getByTestId("qr")).toBeVisible();
  await world.clock.advance("PT30M");
  await expect(page.getByTestId("status")).toHaveAttribute("data-status", "aborted");
  await page.getByTestId("back-to-merchant").click();
  await expect(page.getByTestId("order")).toHaveText("It is not paid: aborted.");
});

test("a browser that never comes back has paid all the same", async ({ page, world }) => {
  await using shop = await openShop(world.credentials);
  await world.scenarios.next("paid_never_returns");
  await page.goto(shop.url);
  await page.getByRole("button", { name: "Pay with Alipay HK" }).click();
  await world.clock.advance("PT2S");
  await expect(page.getByTestId("never-returns")).toBeVisible();
  await page.goto(`${shop.url}/thanks`);
  await expect(page.getByTestId("order")).toHaveText("Thank you, it is paid.");
});
