import { describe, expect, test } from "vitest";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** An endpoint in this process that counts its webhooks. */
function counting() {
  const counter = { count: 0 };
  const webhook = () => {
    counter.count += 1;
    return new Response();
  };
  return { counter, webhook };
}

/** A snapshot of a world whose first webhook is due, taken of a sandbox with this endpoint. */
async function snapshotWithDueWebhook(webhook: (request: Request) => Promise<Response> | Response) {
  await using sandbox = await frozenSandbox({ webhook });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  return (await snapshotOf(sandbox)).body;
}

describe("the endpoint of a restored world", () => {
  test("is that of the world before: no webhook goes to the endpoint of the snapshot", async () => {
    const [origin, target] = [counting(), counting()];
    await using sandbox = await frozenSandbox({ webhook: target.webhook });
    const { webhookUrl } = await sandbox.settings();
    await sandbox.restore(await snapshotWithDueWebhook(origin.webhook));
    expect(await sandbox.settings()).toMatchObject({ webhookUrl });
    const before = origin.counter.count;
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect([origin.counter.count, target.counter.count]).toEqual([before, 1]);
  });

  test("is none in a world that had none", async () => {
    await using sandbox = await frozenSandbox();
    await sandbox.restore(await snapshotWithDueWebhook(counting().webhook));
    expect((await sandbox.settings()).webhookUrl).toBeUndefined();
  });

  test("stays that of the world before after a reset, too", async () => {
    await using sandbox = await frozenSandbox();
    await using origin = await sandbox.world({ processingAccountId: account, webhook: "http://origin.localhost/hook" });
    const snapshot = await origin.snapshot();
    for (const webhook of ["http://target.localhost/hook", undefined]) {
      await using other = await frozenSandbox();
      await using target = await other.world({ processingAccountId: account, webhook });
      await target.restore(snapshot);
      await target.reset();
      expect((await target.settings()).webhookUrl).toBe(webhook);
    }
  });

  test("is that of the snapshot, or another one, if the restore asks for it", async () => {
    await using sandbox = await frozenSandbox({ webhook: "http://target.localhost/hook" });
    const snapshot = await snapshotWithDueWebhook(counting().webhook);
    await sandbox.restore(snapshot, { webhookUrl: "restore" });
    expect((await sandbox.settings()).webhookUrl).toBe((snapshot.settings as { webhookUrl: string }).webhookUrl);
    const receiver = await startReceiver();
    await sandbox.restore(snapshot, { webhookUrl: receiver.url });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(receiver.received).toHaveLength(1);
    await sandbox.reset();
    await receiver.close();
  });

  test.each(["", "none", "ftp://shop"])("must be keep, restore or a URL: webhookUrl=%s", async (value) => {
    await using sandbox = await frozenSandbox();
    const refused = await putBack(sandbox, (await snapshotOf(sandbox)).text, `?webhookUrl=${value}`);
    const description = 'webhookUrl must be "keep", "restore", or an http or https URL.';
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ path: "webhookUrl", code: "invalid_request", description }],
    ]);
  });
});

test("two sandboxes give their functions different URLs, which nobody can guess", async () => {
  const urls = await Promise.all(
    [1, 2].map(async () => {
      await using sandbox = await frozenSandbox({ webhook: () => new Response() });
      return (await sandbox.settings()).webhookUrl ?? "";
    }),
  );
  expect(urls[0]).not.toBe(urls[1]);
  for (const url of urls) expect(url).toMatch(/^http:\/\/webhook\.localhost\/[\w-]{24}$/);
});

test("page URLs in stored responses lead to the restored world, with the same bytes in each replay", async () => {
  const target = "/v1/payments?idempotencyKey=payment-key";
  await using sandbox = await frozenSandbox({ publicUrl: "https://origin.example" });
  const request = { ...paymentRequest(), merchantReference: "https://origin.example/pay/" };
  const first = await post(sandbox, target, request);
  await createPayment(sandbox);
  const { text } = await snapshotOf(sandbox);

  await using other = await frozenSandbox({ publicUrl: "https://target.example" });
  await putBack(other, text);
  const replays = [await post(other, target, request), await post(other, target, request)].map((each) => each.text);
  const { url } = first.body.nextStep.redirect;
  expect(replays[0]).toBe(first.text.replace(url, url.replace("origin", "target")));
  expect(replays[1]).toBe(replays[0]);
  const found = await get(other, "/v1/requests/payments?idempotencyKey=payment-key");
  expect(found.text).toBe(replays[0]);
});
