import { sandboxTest as playwrightTest } from "alipay-hk-sandbox/playwright";
import { rehearse } from "alipay-hk-sandbox/rehearsal";
import { rehearsalTests } from "alipay-hk-sandbox/rehearsal/vitest";
import { sandboxTest as vitestTest } from "alipay-hk-sandbox/vitest";

export const browserTest = playwrightTest({ auth: "require" });
export const test = vitestTest({ auth: "require" });
// @ts-expect-error: the types are known
vitestTest({ auth: "sometimes" });

const plan = { webhookUrl: "http://127.0.0.1:3000/webhooks", checkout: { command: "node buy.js" } };
export const outcome: Promise<"pass" | "fail" | "incomplete"> = rehearse(plan).then((result) => result.outcome);
export const declare = () => rehearsalTests(plan, { critical: true });
// @ts-expect-error: the types are known
void rehearse({ webhookUrl: 1 });
