import { expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, get } from "../support/merchant.ts";
import { demo, eventually, twoReplicas } from "../support/replicas.ts";

const isThere = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/_sandbox/worlds/${id}`)).status === 200;

test("a world that nobody uses is removed for all; one that is used through either replica stays", async () => {
  await using replicas = await twoReplicas({ removeUnusedAfter: "PT4S" });
  const { a, b } = replicas;
  const open = async () => (await a.world()).processingAccountId;
  const [unused, throughA, throughB] = [await open(), await open(), await open()];
  const payments = [
    [a, (await createPayment(a, { account: throughA })).id],
    [b, (await createPayment(b, { account: throughB })).id],
  ] as const;
  const use = async () => {
    for (const [sandbox, id] of payments) expect((await get(sandbox, `/v1/payments/${id}`)).status).toBe(200);
  };
  // When one that was opened after all of them is gone, they would be gone too.
  const idle = await open();
  await eventually(() => use().then(() => isThere(a, idle)), 30_000).toBe(false);
  expect(await isThere(b, idle)).toBe(false);
  expect(await isThere(b, unused)).toBe(false);
  for (const used of [throughA, throughB, demo]) {
    expect([await isThere(a, used), await isThere(b, used)]).toEqual([true, true]);
  }
});

test("a world that nobody has used since before a restart is removed after it", async () => {
  await using replicas = await twoReplicas();
  const { a, b, another } = replicas;
  const { processingAccountId } = await a.world();
  await Promise.all([a.close(), b.close()]);
  const next = await another({ removeUnusedAfter: "PT1S" });
  await eventually(() => isThere(next, processingAccountId)).toBe(false);
  expect(await isThere(next, demo)).toBe(true);
});
