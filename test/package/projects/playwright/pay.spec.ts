import { expect } from "@playwright/test";
import { sandboxTest } from "alipay-hk-sandbox/playwright";
import { createOrder } from "./order.ts";

const test = sandboxTest({ clock: "2026-01-05T09:00:00Z" });

test.use({
  launchOptions: {
    executablePath: process.env.CHROME_PATH ?? "",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  },
});

test("the payer pays on the page", async ({ page, world }) => {
  const order = await createOrder(world);
  await page.goto(order.page);
  await page.getByTestId("open-wallet").click();
  await page.getByTestId("pay").click();
  await expect(page.getByTestId("status")).toHaveText("Paid");
  expect(await world.payments.waitFor(order.id, "captured")).toMatchObject({ merchantReference: "1001" });
});
