import { expect } from "@playwright/test";
import { sandboxTest } from "alipay-hk-sandbox/playwright";
import { openShop } from "../shop.ts";

const { SANDBOX_PORT = "8852" } = process.env;
const test = sandboxTest({ url: `http://127.0.0.1:${SANDBOX_PORT}`, clock: "2026-01-05T09:00:00Z" });

test("the payer pays, and the shop says so", async ({ page, world }) => {
  await using shop = await openShop(world.credentials);
  await page.goto(shop.url);
  await page.getByRole("button", { name: "Pay with Alipay HK" }).click();
  await page.getByTestId("open-wallet").click();
  await page.getByTestId("wallet-mainland").check();
  await page.getByTestId("pay").click();
  await page.getByTestId("back-to-merchant").click();
  await expect(page.getByTestId("order")).toHaveText("Thank you, it is paid.");
});

test("the wallet declines, and the shop says so", async ({ page, world }) => {
  await using shop = await openShop(world.credentials);
  await page.goto(shop.url);
  await page.getByRole("button", { name: "Pay with Alipay HK" }).click();
  await page.getByTestId("open-wallet").click();
  await page.getByTestId("other-outcomes").click();
  await page.getByTestId("decline").click();
  await expect(page.getByTestId("status")).toHaveAttribute("data-status", "declined");
  await page.getByTestId("back-to-merchant").click();
  await expect(page.getByTestId("order")).toHaveText("It is not paid: declined.");
});
