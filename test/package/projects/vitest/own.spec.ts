import { sandboxTest } from "alipay-hk-sandbox/vitest";
import { order, remember } from "./remember.ts";

const test = sandboxTest({ settings: { merchantName: "Harbour Coffee" } });

test.for([1, 2])("test %i", async (_, { expect, sandbox, task, world }) => {
  const created = await sandbox.fetch("/v1/payments", order(sandbox));
  expect(created.status).toBe(201);
  const { merchantName } = await world.settings();
  const inSandbox = (await sandbox.payments.list()).data.length;
  const inWorld = (await world.payments.list()).data.length;
  remember(task, { world: world.processingAccountId, merchantName, inSandbox, inWorld });
});

test("the sandbox may listen", async ({ expect, sandbox, world }) => {
  const url = await sandbox.listen();
  expect(world.credentials.baseUrl).toBe(url);
});
