import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { createPayment, get } from "../support/merchant.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** Whether there is such a world. Who asks so does not use it. */
const isThere = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/_sandbox/worlds/${id}`)).status === 200;

// They wait in real time: at once they wait no longer than the longest.
describe.concurrent("a world that nobody uses", () => {
  test("is removed after a while, with its merchant and all that is in it; those of the start stay", async () => {
    const merchants = [{ merchantId: "harbour", processingAccountIds: [account] as [string] }];
    await using sandbox = await createSandbox({ removeUnusedAfter: "PT1S", merchants });
    const { processingAccountId } = await sandbox.world();
    const { id } = await createPayment(sandbox, { account: processingAccountId });
    await expect.poll(() => isThere(sandbox, processingAccountId), { timeout: 10_000 }).toBe(false);
    expect((await get(sandbox, `/v1/payments/${id}`)).status).toBe(404);
    expect((await get(sandbox, `/_sandbox/credentials?processingAccountId=${processingAccountId}`)).status).toBe(404);
    expect([await isThere(sandbox, demo), await isThere(sandbox, account)]).toEqual([true, true]);
  });

  test("ends what waits for it", async () => {
    await using sandbox = await createSandbox({ removeUnusedAfter: "PT3S" });
    const { processingAccountId } = await sandbox.world();
    const target = `/_sandbox/notifications/wait?processingAccountId=${processingAccountId}&timeoutMs=60000`;
    const { status, body } = await get(sandbox, target);
    expect([status, body.reason.description]).toEqual([409, "The world was reset meanwhile."]);
  });

  test("can be opened again, and is empty then", async () => {
    await using sandbox = await createSandbox({ removeUnusedAfter: "PT3S" });
    const processingAccountId = "0ujzPyRiIAffKhBux4PvQdDqMHY";
    const first = await createPayment(sandbox, { account: processingAccountId });
    await expect.poll(() => isThere(sandbox, processingAccountId), { timeout: 10_000 }).toBe(false);
    const { id } = await createPayment(sandbox, { account: processingAccountId });
    expect(id).not.toBe(first.id);
    const { data } = (await get(sandbox, `/_sandbox/payments?processingAccountId=${processingAccountId}`)).body;
    expect(data.map((payment: { id: string }) => payment.id)).toEqual([id]);
  });
});

test.concurrent("a world that is used stays, whether it is asked, changed, or something happens in it by itself", async () => {
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
  // When one that was opened after all of them is gone, they would be gone too.
  const idle = await open();
  await expect.poll(() => use().then(() => isThere(sandbox, idle)), { timeout: 18_000, interval: 50 }).toBe(false);
  expect(await isThere(sandbox, unused)).toBe(false);
  for (const used of [asked, changed, busy, demo]) expect(await isThere(sandbox, used)).toBe(true);
});

test.concurrent("where nothing is said, no world is removed", async () => {
  await using sandbox = await createSandbox();
  await using removing = await createSandbox({ removeUnusedAfter: "PT1S" });
  const kept = await sandbox.world();
  const removed = await removing.world();
  await expect.poll(() => isThere(removing, removed.processingAccountId), { timeout: 10_000 }).toBe(false);
  expect(await isThere(sandbox, kept.processingAccountId)).toBe(true);
});
