import { sandboxTest } from "alipay-hk-sandbox/vitest";
import { order, remember } from "./remember.ts";

const { SANDBOX_URL: url = "", SANDBOX_ADMIN_TOKEN: adminToken } = process.env;
let heard = 0;
const webhook = () => {
  heard += 1;
  return new Response();
};
const test = sandboxTest({ url, adminToken, clock: "2026-01-05T09:00:00Z", webhook });

test.for(["passes", "fails"])("one that %s", async (word, { expect, task, world }) => {
  const created = await world.fetch("/v1/payments", order(world));
  const { id } = (await created.json()) as { id: string };
  await world.payments.act(id, "pay");
  await world.settle();
  const now = await world.clock.now();
  remember(task, { world: world.processingAccountId, status: created.status, now, heard });
  expect(word).toBe("passes");
});

test("one that has no use for a world", ({ expect }) => expect(1).toBe(1));
