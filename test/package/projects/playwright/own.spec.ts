import { expect } from "@playwright/test";
import { sandboxTest } from "alipay-hk-sandbox/playwright";
import { createOrder } from "./order.ts";

const test = sandboxTest({ settings: { merchantName: "Harbour Coffee" } });
const seen = new Set<string>();

for (const name of ["one", "another"]) {
  test(`${name}: a sandbox that listens, and a world of its own`, async ({ sandbox, world }) => {
    const { page } = await createOrder(world);
    expect(page.startsWith(sandbox.credentials.baseUrl)).toBe(true);
    expect(await (await fetch(page)).text()).toContain("Harbour Coffee");
    expect((await world.payments.list()).data).toHaveLength(1);
    expect((await sandbox.payments.list()).data).toHaveLength(0);
    expect(seen.has(world.processingAccountId)).toBe(false);
    seen.add(world.processingAccountId).add(sandbox.credentials.baseUrl);
    expect([...seen].filter((text) => text.startsWith("http"))).toHaveLength(1);
  });
}
