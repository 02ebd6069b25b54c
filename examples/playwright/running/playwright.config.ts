import { defineConfig } from "@playwright/test";

const { CHROME_PATH, CI, SANDBOX_PORT = "8852" } = process.env;

export default defineConfig({
  fullyParallel: true,
  // The sandbox reads SANDBOX_PORT too. It requires signatures, as the provider does.
  webServer: {
    command: "npx --no -- alipay-hk-sandbox --auth require",
    url: `http://127.0.0.1:${SANDBOX_PORT}/_sandbox/ready`,
    reuseExistingServer: !CI,
  },
  use: CHROME_PATH ? { launchOptions: { executablePath: CHROME_PATH } } : {},
});
