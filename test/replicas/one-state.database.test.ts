import { describe, expect, test } from "vitest";
import type { SandboxOptions } from "../../src/index.ts";
import { createPaidPayment, createPayment, get, paymentRequest, post } from "../support/merchant.ts";
import { account, demo, eventually, together, twoReplicas } from "../support/replicas.ts";

describe("concurrent requests, half through each replica", () => {
  test("200 full refunds: exactly one is made", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const { id } = await createPaidPayment(a);
    const answers = await together(200, (index) =>
      post(index % 2 === 0 ? a : b, `/v1/payments/${id}/refunds`, { merchantReference: `refund-${index}` }),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    const others = answers.filter((answer) => !made.includes(answer));
    expect(new Set(others.map(({ status, body }) => `${status} ${body.reason.code}`))).toEqual(
      new Set(["400 refund_amount_exceeded"]),
    );
    for (const sandbox of [a, b]) {
      const { refunds, amounts } = await sandbox.payments.get(id);
      expect(refunds.map(({ id: refundId }) => refundId)).toEqual([made[0]?.body.id]);
      expect(amounts).toEqual({ captured: 200, refunded: 0, reserved: 200, left: 0 });
    }
  });

  test("200 equal payments with one key: one is made, and all get the same answer", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const answers = await together(200, (index) =>
      post(index % 2 === 0 ? a : b, "/v1/payments?idempotencyKey=order-1001-a", paymentRequest()),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    for (const sandbox of [a, b]) {
      expect((await get(sandbox, "/v1/payments")).body.data.map(({ id }: { id: string }) => id)).toEqual([
        answers[0]?.body.id,
      ]);
    }
  });

  test("one key, two amounts: one of them is refused", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const create = "/v1/payments?idempotencyKey=order-1001-a";
    const answers = await together(20, (index) =>
      post(index % 2 === 0 ? a : b, create, paymentRequest({ amount: index % 2 === 0 ? 200 : 300 })),
    );
    const created = answers.filter(({ status }) => status === 201);
    expect(new Set(created.map(({ text }) => text)).size).toBe(1);
    expect(created).toHaveLength(10);
    for (const { status, body } of answers) {
      if (status !== 201) expect([status, body.reason.code]).toEqual([409, "idempotency_key_conflict"]);
    }
  });

  test("first payments in a new world: one world, all payments", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const made = await together(20, (index) => createPayment(index % 2 === 0 ? a : b, { account }));
    for (const sandbox of [a, b]) {
      const { data } = (await get(sandbox, `/_sandbox/payments?processingAccountId=${account}`)).body;
      expect(data.map(({ id }: { id: string }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
    }
  });
});

describe("a record of one replica", () => {
  test("can be read at once through the other: payments, worlds, actions, settings, queued scenarios", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const payment = await createPayment(a);
    expect((await get(b, `/v1/payments/${payment.id}`)).status).toBe(200);
    expect((await get(b, payment.trackingUrl)).body.id).toBe(payment.id);
    expect((await get(b, payment.nextStep.redirect.url)).status).toBe(200);
    await b.payments.act(payment.id, "pay");
    expect((await get(a, `/v1/payments/${payment.id}`)).body.status).toBe("captured");

    const world = await a.world({ settings: { merchantName: "Harbour Coffee" } });
    const { processingAccountId } = world;
    expect((await get(b, `/_sandbox/worlds/${processingAccountId}`)).body.settings.merchantName).toBe("Harbour Coffee");
    await post(b, "/_sandbox/scenarios/next", { processingAccountId, scenario: { outcome: "cancel" } });
    expect(await world.scenarios.queue()).toHaveLength(1);
    const second = await createPayment(a, { account: processingAccountId });
    expect((await get(b, `/_sandbox/scenarios/next?processingAccountId=${processingAccountId}`)).body.data).toEqual([]);
    expect((await b.payments.get(second.id)).timeline.map(({ kind }) => kind)).toContain("scenario");

    await world.remove();
    expect((await get(b, `/_sandbox/worlds/${processingAccountId}`)).status).toBe(404);
    expect((await get(b, `/v1/payments/${second.id}`)).status).toBe(404);
  });

  test("keys are the same on all replicas, also after a rotation", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    expect(b.credentials).toEqual(a.credentials);
    const before = a.credentials.hmacKey;
    const rotated = await a.keys.rotate();
    expect(rotated.hmacKey).not.toBe(before);
    expect((await get(b, "/_sandbox/credentials")).body).toEqual(rotated);
    await eventually(async () => b.credentials).toEqual(rotated);
  });

  test("an idempotent response is repeated by the other", async () => {
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    const create = "/v1/payments?idempotencyKey=order-1001-a";
    const first = await post(a, create, paymentRequest());
    await a.payments.act(first.body.id, "pay");
    const again = await post(b, create, paymentRequest());
    expect([again.status, again.text]).toEqual([201, first.text]);
  });
});

describe("a start on a used schema", () => {
  test("changes no existing record", async () => {
    await using replicas = await twoReplicas();
    const { a, b, another } = replicas;
    const payment = await createPaidPayment(a);
    await a.change({ merchantName: "Harbour Coffee" });
    const keys = await a.keys.rotate({ overlap: "PT0S" });
    await a.clock.advance("P2DT1H");
    await Promise.all([a.close(), b.close()]);

    const next = await another({ clock: "2030-01-01T00:00:00Z", settings: { merchantName: "Another" } });
    expect(await next.clock.now()).toBe("2026-01-07T10:00:00.000Z");
    expect((await get(next, "/_sandbox/clock")).body.mode).toBe("frozen");
    expect((await next.settings()).merchantName).toBe("Harbour Coffee");
    expect(next.credentials).toEqual(keys);
    expect((await next.payments.get(payment.id)).status).toBe("captured");
  });

  test("adds configured merchants that do not exist yet, and no world twice", async () => {
    await using replicas = await twoReplicas();
    const { a, another } = replicas;
    const own = { kid: "1srOrx2ZWZBpBUvZwXKQmoEYga2", publicKey: a.credentials.publicKey };
    const merchants: SandboxOptions["merchants"] = [
      { merchantId: "harbour", processingAccountIds: [account], credentials: [own] },
    ];
    const third = await another({ merchants });
    expect((await get(a, `/_sandbox/worlds/${account}`)).status).toBe(200);
    await createPaidPayment(third, { account });
    const fourth = await another({ merchants });
    expect((await get(fourth, `/_sandbox/payments?processingAccountId=${account}`)).body.data).toHaveLength(1);
  });
});

test("a seed determines the keys and the initial ids, and no others", async () => {
  const runs: { keys: unknown; ids: string[] }[] = [];
  for (let run = 0; run < 2; run += 1) {
    await using replicas = await twoReplicas({ seed: "teal" });
    const { a, b } = replicas;
    const { baseUrl: _, ...keys } = a.credentials;
    expect(keys.processingAccountId).toBe(demo);
    const ids = [(await createPayment(a)).id, (await createPayment(b)).id, (await a.world()).processingAccountId];
    runs.push({ keys, ids });
  }
  expect(runs[1]?.keys).toEqual(runs[0]?.keys);
  expect(new Set(runs.flatMap(({ ids }) => ids)).size).toBe(6);

  await using other = await twoReplicas({ seed: "plum" });
  const { baseUrl: _, ...keys } = other.a.credentials;
  expect(keys).not.toEqual(runs[0]?.keys);
});
