import { expect } from "@playwright/test";
import { sandboxTest } from "alipay-hk-sandbox/playwright";
import { createOrder } from "./order.ts";

const { SANDBOX_URL: url = "", SANDBOX_ADMIN_TOKEN: adminToken } = process.env;
const test = sandboxTest({ url, adminToken });

for (const word of ["passes", "fails"]) {
  test(`one that ${word}`, async ({ world }, { annotations }) => {
    annotations.push({ type: "world", description: world.processingAccountId });
    const { page } = await createOrder(world);
    expect(new URL(page).origin).toBe(url);
    expect(word).toBe("passes");
  });
}
