import { sandboxTest } from "alipay-hk-sandbox/vitest";
import { order, remember } from "./remember.ts";

const { SANDBOX_URL: url = "", SANDBOX_ADMIN_TOKEN: adminToken } = process.env;
const test = sandboxTest({ url, adminToken });

test.for(["passes", "fails"])("one that %s", async (word, { expect, task, world }) => {
  const created = await world.fetch("/v1/payments", order(world));
  remember(task, { world: world.processingAccountId, status: created.status });
  expect(word).toBe("passes");
});

test("one that has no use for a world", ({ expect }) => expect(1).toBe(1));
