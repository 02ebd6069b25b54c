import { sandboxTest as playwrightTest } from "alipay-hk-sandbox/playwright";
import { sandboxTest as vitestTest } from "alipay-hk-sandbox/vitest";

export const browserTest = playwrightTest({ auth: "require" });
export const test = vitestTest({ auth: "require" });
// @ts-expect-error: the types are known
vitestTest({ auth: "sometimes" });
