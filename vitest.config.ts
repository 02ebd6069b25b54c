import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/validate-responses.ts"],
    // CommonJS is imported as Node imports it.
    deps: { interopDefault: false },
    reporters: process.env.CI ? ["default", ["json", { outputFile: "test-results/vitest.json" }]] : ["default"],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
