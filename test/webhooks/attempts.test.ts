import { describe, expect, test } from "vitest";
import { createPaidPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { gate, heldWebhook, startReceiver } from "../support/receiver.ts";

test("an attempt has its time, request, answer and duration", async () => {
  const receiver = await startReceiver((response) => response.writeHead(202).end("thank you"));
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  const [webhook] = receiver.received;
  expect(await notificationsOf(sandbox)).toEqual([
    {
      id: JSON.parse(webhook?.body ?? "{}").id,
      type: "payment",
      paymentId: id,
      state: "delivered",
      createTime: "2026-01-05T09:00:00.000Z",
      attempts: [
        {
          startedAt: "2026-01-05T09:00:00.000Z",
          url: receiver.url,
          requestHeaders: [
            ["content-type", "application/json"],
            ["user-agent", "alipay-hk-sandbox"],
            ["x-signature", webhook?.signatures[0]],
          ],
          requestBody: webhook?.body,
          answer: { status: 202, headers: expect.arrayContaining([["Connection", "close"]]), body: "thank you" },
          durationMs: expect.any(Number),
        },
      ],
    },
  ]);
  await receiver.close();
});

describe("an attempt has the answer of the receiver", () => {
  const large = "x".repeat(10_000);
  test.each<[string, Parameters<typeof startReceiver>[0], string, object]>([
    ["answers 204", (response) => response.writeHead(204).end(), "delivered", { answer: { status: 204, body: "" } }],
    ["answers 299", (response) => response.writeHead(299).end(), "delivered", { answer: { status: 299 } }],
    ["answers 300", (response) => response.writeHead(300).end(), "retrying", { answer: { status: 300 } }],
    [
      "answers 500",
      (response) => response.writeHead(500).end("no"),
      "retrying",
      { answer: { status: 500, body: "no" } },
    ],
    [
      "answers with a large body",
      (response) => response.end(large),
      "delivered",
      { answer: { status: 200, body: "x".repeat(4096) } },
    ],
  ])("%s", async (_, answer, state, kept) => {
    const receiver = await startReceiver(answer);
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([{ state, attempts: [kept] }]);
    await receiver.close();
  });
});

test("a notification is due during its attempt, and no_endpoint without an endpoint", async () => {
  const { webhook, arrived, letGo } = heldWebhook();
  await using sandbox = await frozenSandbox({
    webhook,
  });
  await createPaidPayment(sandbox);
  await arrived;
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "due", attempts: [] }]);
  letGo();
  await sandbox.settle();
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "delivered" }]);

  await using quiet = await frozenSandbox();
  await createPaidPayment(quiet);
  expect(await notificationsOf(quiet)).toMatchObject([{ state: "no_endpoint", attempts: [] }]);
});

test("an attempt from before a reset is not recorded, not even under the same id", async () => {
  const held = gate();
  const arrived = gate();
  let calls = 0;
  await using sandbox = await frozenSandbox({
    seed: "the same ids after the reset",
    webhook: async () => {
      calls += 1;
      if (calls > 1) return new Response(null, { status: 500 });
      arrived.open();
      await held.opened;
      return new Response(null, { status: 204 });
    },
  });
  await createPaidPayment(sandbox);
  await arrived.opened;
  await sandbox.reset();
  await createPaidPayment(sandbox);
  held.open();
  await sandbox.settle();
  expect(await notificationsOf(sandbox)).toMatchObject([
    { state: "retrying", attempts: [{ answer: { status: 500 } }] },
  ]);
});

test("notifications of one world are listed newest first, up to the limit", async () => {
  await using sandbox = await frozenSandbox();
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.unshift((await createPaidPayment(sandbox)).id);
  const paymentsOf = (data: { paymentId: string }[]) => data.map(({ paymentId }) => paymentId);
  expect(paymentsOf(await notificationsOf(sandbox))).toEqual(ids);
  expect(paymentsOf((await get(sandbox, "/_sandbox/notifications?limit=2")).body.data)).toEqual(ids.slice(0, 2));
  for (const [query, status] of [
    ["limit=0", 400],
    ["limit=x", 400],
    ["colour=teal", 400],
    ["processingAccountId=0ujtsYcgvSTl8PAuAdqWYSMnLOv", 404],
  ]) {
    expect((await get(sandbox, `/_sandbox/notifications?${query}`)).status).toBe(status);
    expect((await get(sandbox, `/_sandbox/requests?${query}`)).status).toBe(status);
  }
  expect((await post(sandbox, "/_sandbox/notifications", {})).status).toBe(405);
});
