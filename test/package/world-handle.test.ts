import { describe, expect, test } from "vitest";
import { createSandbox, signRequest } from "../../src/index.ts";
import { answerOf, createPayment, frozenSandbox, get, paymentRequest } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";

const nine = "2026-01-05T09:00:00.000Z";

test("a world of its own has a merchant whose keys work, and shares nothing with the demo world", async () => {
  await using sandbox = await frozenSandbox({ auth: "require" });
  const world = await sandbox.world();
  const { kid, privateKey } = world.credentials;
  const body = JSON.stringify(paymentRequest({ account: world.processingAccountId }));
  const signature = signRequest({ method: "POST", target: "/v1/payments", body, kid, privateKey });
  const headers = { "X-Signature": signature };
  const created = await answerOf(await sandbox.fetch("/v1/payments", { method: "POST", body, headers }));
  expect(created.status).toBe(201);
  expect(await world.payments.act(created.body.id, "pay")).toMatchObject({ id: created.body.id, status: "captured" });
  expect(world.processingAccountId).not.toBe(sandbox.processingAccountId);
  expect(world.credentials.hmacKey).not.toBe(sandbox.credentials.hmacKey);
});

test("each world has its clock: fifty of them, moved at once, each by its own way", async () => {
  await using sandbox = await frozenSandbox();
  const worlds = await Promise.all(Array.from({ length: 50 }, () => sandbox.world()));
  const payments = await Promise.all(
    worlds.map(({ processingAccountId: account }) => createPayment(sandbox, { account })),
  );
  await Promise.all(worlds.map((world, index) => world.clock.advance(`PT${index}M`)));
  const statuses = await Promise.all(
    payments.map(async ({ trackingUrl }) => (await get(sandbox, trackingUrl)).body.status),
  );
  expect(statuses).toEqual(worlds.map((_, index) => (index < 30 ? "pending" : "aborted")));
  expect(await worlds[7]?.clock.now()).toBe("2026-01-05T09:07:00.000Z");
  expect(await sandbox.clock.now()).toBe(nine);
});

test("it can be told its settings, its clock and its id", async () => {
  await using sandbox = await createSandbox();
  const processingAccountId = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
  const world = await sandbox.world({ processingAccountId, clock: nine, settings: { expiryMs: 60_000 } });
  const payment = await createPayment(sandbox, { account: processingAccountId });
  expect(await world.clock.advance("PT1M")).toEqual({ now: "2026-01-05T09:01:00.000Z", ran: 1 });
  expect((await get(sandbox, payment.trackingUrl)).body.status).toBe("aborted");
});

test("a reset of a world leaves the others, a reset of the sandbox removes it", async () => {
  await using sandbox = await frozenSandbox();
  const [one, other] = [await sandbox.world(), await sandbox.world()];
  const mine = await createPayment(sandbox, { account: one.processingAccountId });
  const theirs = await createPayment(sandbox, { account: other.processingAccountId });
  await one.clock.advance("PT1M");
  await one.reset();
  expect(await one.clock.now()).toBe(nine);
  expect((await get(sandbox, mine.trackingUrl)).status).toBe(404);
  expect((await get(sandbox, theirs.trackingUrl)).status).toBe(200);
  await sandbox.reset();
  await expect(other.clock.now()).rejects.toMatchObject({ code: "not_found" });
  await expect(other.settle()).rejects.toMatchObject({ code: "not_found" });
});

test("its endpoint may be on a socket while the sandbox's is a function", async () => {
  const receiver = await startReceiver();
  const paths: string[] = [];
  await using sandbox = await frozenSandbox({
    webhook: (request) => {
      paths.push(new URL(request.url).pathname);
      return new Response();
    },
  });
  const world = await sandbox.world({ settings: { webhookUrl: receiver.url } });
  await sandbox.payments.act((await createPayment(sandbox)).id, "pay");
  await sandbox.settle();
  await sandbox.payments.act((await createPayment(sandbox, { account: world.processingAccountId })).id, "pay");
  await world.settle();
  expect([paths, receiver.received.length]).toEqual([["/"], 1]);
  await receiver.close();
});

describe("what it cannot be told", () => {
  test.each([
    [{ processingAccountId: "x" }, "invalid_request", "KSUID"],
    [{ processingAccountId: "2HdN2jq6XWmlkhqRC2gDTNYCvNH" }, "action_not_allowed", "open"],
    [{ clock: "noon" }, "invalid_request", "running"],
    [{ settings: { expiryMs: -1 } }, "invalid_request", "expiryMs"],
    [{ settings: { expiry: "PT1M" } as object }, "invalid_request", "expiry is unknown"],
  ])("%j", async (options, code, words) => {
    await using sandbox = await frozenSandbox();
    await expect(sandbox.world(options)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });
});
