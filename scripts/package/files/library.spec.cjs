const { expect } = require("@playwright/test");
const { sandboxTest } = require("alipay-hk-sandbox/playwright");

const test = sandboxTest();

test("Playwright requires the fixtures", async ({ world }) => {
  expect(world.processingAccountId).toHaveLength(27);
});
