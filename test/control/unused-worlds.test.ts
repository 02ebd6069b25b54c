import { describe, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { createPayment, get } from "../support/merchant.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** Whether a world exists. This request does not count as use. */
const exists = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/_sandbox/worlds/${id}`)).status === 200;

// These tests wait in real time, so they run concurrently, each with an `expect` of its own.
describe.concurrent("an unused world", () => {
  test("is removed with its merchant and records, but initial worlds are not", async ({ expect }) => {
    const merchants = [{ merchantId: "harbour", processingAccountIds: [account] as [string] }];
    await using sandbox = await createSandbox({ removeUnusedAfter: "PT1S", merchants });
    const { processingAccountId } = await sandbox.world();
    const { id } = await createPayment(sandbox, { account: processingAccountId });
    await expect.poll(() => exists(sandbox, processingAccountId)).toBe(false);
    expect((await get(sandbox, `/v1/payments/${id}`)).status).toBe(404);
    expect((await get(sandbox, `/_sandbox/credentials?processingAccountId=${processingAccountId}`)).status).toBe(404);
    expect([await exists(sandbox, demo), await exists(sandbox, account)]).toEqual([true, true]);
  });

  test("ends its waits when it is removed", async ({ expect }) => {
    await using sandbox = await createSandbox({ removeUnusedAfter: "PT3S" });
    const { processingAccountId } = await sandbox.world();
    const target = `/_sandbox/notifications/wait?processingAccountId=${processingAccountId}&timeoutMs=60000`;
    const { status, body } = await get(sandbox, target);
    expect([status, body.reason.description]).toEqual([409, "The world was reset meanwhile."]);
  });

  test("can be created again and is empty", async ({ expect }) => {
    await using sandbox = await createSandbox({ removeUnusedAfter: "PT3S" });
    const processingAccountId = "0ujzPyRiIAffKhBux4PvQdDqMHY";
    const first = await createPayment(sandbox, { account: processingAccountId });
    await expect.poll(() => exists(sandbox, processingAccountId)).toBe(false);
    const { id } = await createPayment(sandbox, { account: processingAccountId });
    expect(id).not.toBe(first.id);
    const { data } = (await get(sandbox, `/_sandbox/payments?processingAccountId=${processingAccountId}`)).body;
    expect(data.map((payment: { id: string }) => payment.id)).toEqual([id]);
  });
});

test.concurrent("a world is not removed while it gets requests or changes, or runs tasks", async ({ expect }) => {
  await using sandbox = await createSandbox({ removeUnusedAfter: "PT4S" });
  const open = async (settings = {}) =>
    (await sandbox.world({ settings, webhook: () => new Response() })).processingAccountId;
  const [unused, asked, changed, busy] = [await open(), await open(), await open(), await open({ expiryMs: 1 })];
  const { id } = await createPayment(sandbox, { account: asked });
  const use = async () => {
    expect((await get(sandbox, `/v1/payments/${id}`)).status).toBe(200);
    const body = JSON.stringify({ settings: { merchantName: "Harbour Coffee" } });
    expect((await sandbox.fetch(`/_sandbox/worlds/${changed}`, { method: "PATCH", body })).status).toBe(200);
    await createPayment(sandbox, { account: busy });
  };
  // This world is newer, so its removal shows that the others were due for removal.
  const idle = await open();
  await expect.poll(() => use().then(() => exists(sandbox, idle)), { interval: 50 }).toBe(false);
  await expect.poll(() => use().then(() => exists(sandbox, unused)), { interval: 50 }).toBe(false);
  for (const used of [asked, changed, busy, demo]) expect(await exists(sandbox, used)).toBe(true);
});

test.concurrent("no world is removed without the setting", async ({ expect }) => {
  await using sandbox = await createSandbox();
  await using removing = await createSandbox({ removeUnusedAfter: "PT1S" });
  const kept = await sandbox.world();
  const removed = await removing.world();
  await expect.poll(() => exists(removing, removed.processingAccountId)).toBe(false);
  expect(await exists(sandbox, kept.processingAccountId)).toBe(true);
});
