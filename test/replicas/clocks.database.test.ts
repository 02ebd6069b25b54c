import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, get, post } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import {
  account,
  demo,
  holdingReceiver,
  receiverUntilEnd,
  replicasIn,
  together,
  twoReplicas,
} from "../support/replicas.ts";

const advance = (sandbox: Sandbox, by: string, processingAccountId = demo) =>
  post(sandbox, "/_sandbox/clock/advance", { processingAccountId, by });

/** Ids of the payments in the received webhooks, in order. */
const notifiedIds = ({ received }: { received: { body: string }[] }): string[] =>
  received.map(({ body }) => JSON.parse(body).payload.id);

describe("while one replica advances a clock", () => {
  test("another gets clock_busy at once, and can advance it afterwards", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicas({ webhook: receiver.url });
    const { a, b } = replicas;
    await createPayment(a);
    const advancing = a.clock.advance("PT1H");
    await receiver.arrived(1);
    for (const [target, body] of [
      ["/_sandbox/clock/advance", { by: "PT1S" }],
      ["/_sandbox/clock", { mode: "running" }],
      ["/_sandbox/clock", { mode: "frozen", at: "2026-02-01T00:00:00Z" }],
    ] as const) {
      const answer = await post(b, target, body);
      expect([answer.status, answer.body.reason.code]).toEqual([409, "clock_busy"]);
    }
    expect((await get(b, "/_sandbox/clock")).body).toEqual({ mode: "frozen", now: "2026-01-05T09:30:00.000Z" });
    receiver.letGo();
    expect((await advancing).now).toBe("2026-01-05T10:00:00.000Z");
    expect(await b.clock.advance("PT1S")).toEqual({ now: "2026-01-05T10:00:01.000Z", ran: 0 });
  });

  test("another can advance the clock of another world", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    await a.change({ webhookUrl: receiver.url });
    await createPayment(a);
    await createPayment(a, { account });
    const advancing = a.clock.advance("PT1H");
    await receiver.arrived(1);
    expect((await advance(b, "PT1H", account)).body).toEqual({ now: "2026-01-05T10:00:00.000Z", ran: 1 });
    receiver.letGo();
    await advancing;
  });

  test("the merchant can use another during its webhook", async () => {
    const seen: unknown[] = [];
    await using receiver = await receiverUntilEnd(async (response, { body }) => {
      const { id, status } = JSON.parse(body).payload;
      if (status === "captured") {
        seen.push((await get(replicas.b, `/v1/payments/${id}`)).body.status);
        seen.push((await post(replicas.b, `/v1/payments/${id}/refunds`, { merchantReference: "r" })).status);
        seen.push((await createPayment(replicas.b)).id);
      }
      response.writeHead(204).end();
    });
    await using replicas = await twoReplicas({ webhook: receiver.url });
    const { a } = replicas;
    await a.scenarios.next({ outcome: "pay", after: "PT10M" });
    const { id } = await createPayment(a);
    expect((await a.clock.advance("PT2H")).now).toBe("2026-01-05T11:00:00.000Z");
    expect(seen).toEqual(["captured", 201, expect.any(String)]);
    expect((await get(a, `/v1/payments/${id}`)).body.status).toBe("refunded");
    expect((await get(a, `/v1/payments/${seen[2]}`)).body).toMatchObject({
      status: "aborted",
      updateTime: "2026-01-05T09:40:00.000Z",
    });
  });
});

test("of many concurrent advances through both replicas, the accepted ones add up", async () => {
  await using replicas = await twoReplicas();
  const { a, b } = replicas;
  const answers = await together(40, (index) => advance(index % 2 === 0 ? a : b, "PT1H"));
  const moved = answers.filter(({ status }) => status === 200);
  expect(moved.length).toBeGreaterThan(0);
  for (const { status, body } of answers) {
    if (status !== 200) expect([status, body.reason.code]).toEqual([409, "clock_busy"]);
  }
  const hours = (Date.parse(await b.clock.now()) - Date.parse("2026-01-05T09:00:00Z")) / 3_600_000;
  expect(hours).toBe(moved.length);
});

test("after an advance, the clock can be advanced through the other replica, repeatedly", async () => {
  await using receiver = await receiverUntilEnd();
  await using replicas = await twoReplicas({ webhook: receiver.url });
  const { a, b } = replicas;
  for (let turn = 0; turn < 10; turn += 1) {
    const [first, second] = turn % 2 === 0 ? [a, b] : [b, a];
    await createPaidPayment(first);
    expect((await advance(second, "PT30M")).status).toBe(200);
    expect((await advance(first, "PT30M")).status).toBe(200);
  }
  expect(await a.clock.now()).toBe("2026-01-05T19:00:00.000Z");
  expect(receiver.received).toHaveLength(10);
});

describe("settle", () => {
  test("waits for a delivery in progress on another replica", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicas({ webhook: receiver.url });
    const { a, b } = replicas;
    await createPaidPayment(a);
    await receiver.arrived(1);
    let isSettled = false;
    const settled = b.settle().then(() => {
      isSettled = true;
    });
    // A settle that does not wait ends within these requests.
    for (let count = 0; count < 10; count += 1) await b.clock.now();
    expect(isSettled).toBe(false);
    receiver.letGo();
    await settled;
    const [{ state, attempts }] = await notificationsOf(b);
    expect([state, attempts.length]).toEqual(["delivered", 1]);
  });

  test("of an idle world does not wait for deliveries of another world", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicas();
    const { a, b } = replicas;
    await a.change({ webhookUrl: receiver.url });
    await createPaidPayment(a);
    await receiver.arrived(1);
    await createPayment(b, { account });
    expect((await post(b, "/_sandbox/settle", { processingAccountId: account })).status).toBe(200);
    receiver.letGo();
  });
});

describe("while all replicas live, every delivery is made once", () => {
  test.each(["2026-01-05T09:00:00.000Z", "running"])("of payments paid through both, clock %s", async (clock) => {
    await using receiver = await receiverUntilEnd();
    await using replicas = await twoReplicas({ clock, webhook: receiver.url });
    const { a, b, another } = replicas;
    const sandboxes = [a, b, await another()];
    const made = await together(60, async (index) => {
      const { id } = await createPayment(sandboxes[index % 3] ?? a);
      await (sandboxes[(index + 1) % 3] ?? a).payments.act(id, "pay");
      return id;
    });
    await a.settle();
    expect(notifiedIds(receiver).sort()).toEqual(made.sort());
    const { data } = (await get(b, "/_sandbox/notifications?limit=100")).body;
    expect(data.map(({ state, attempts }: { state: string; attempts: [] }) => [state, attempts.length])).toEqual(
      made.map(() => ["delivered", 1]),
    );
  });

  test("of payments that expire", async () => {
    await using receiver = await receiverUntilEnd();
    await using replicas = await twoReplicas({
      clock: "running",
      webhook: receiver.url,
      settings: { expiryMs: 100 },
    });
    const { a, b } = replicas;
    const made = await together(20, async (index) => (await createPayment(index % 2 === 0 ? a : b)).id);
    await receiver.arrived(20);
    await Promise.all([a.settle(), b.settle()]);
    expect(notifiedIds(receiver).sort()).toEqual(made.sort());
  });
});

test("retries come in order and at their times, whichever replica advances the clock", async () => {
  await using receiver = await receiverUntilEnd((response) => response.writeHead(500).end());
  await using replicas = await twoReplicas({ webhook: receiver.url });
  const { a, b } = replicas;
  const first = await createPaidPayment(a);
  await b.clock.advance("PT1M");
  const second = await createPaidPayment(b);
  await a.clock.advance("PT8M");
  await b.clock.advance("PT8M");
  const [{ attempts: seconds }, one] = await notificationsOf(a);
  const minutes = (attempts: readonly { startedAt: string }[] = []) =>
    attempts.map(({ startedAt }) => (Date.parse(startedAt) - Date.parse("2026-01-05T09:00:00Z")) / 60_000);
  expect(minutes(one?.attempts)).toEqual([0, 2, 7, 15]);
  expect(minutes(seconds)).toEqual([1, 3, 8, 16]);
  const pair = [first.id, second.id];
  expect(notifiedIds(receiver)).toEqual([...pair, ...pair, ...pair, ...pair]);
});

test("a replica that closes hands over its work at once", async () => {
  await using receiver = await holdingReceiver();
  await using replicas = await twoReplicas({ webhook: receiver.url, limits: { closeTimeoutMs: 20 } });
  const { a, b } = replicas;
  await createPayment(a);
  const advancing = a.clock.advance("PT1H").catch((error: unknown) => error);
  await receiver.arrived(1);
  await a.close();
  expect(await advancing).toMatchObject({ code: "clock_busy" });
  // The record of a killed replica would still exist, and delay the takeover.
  expect(await replicasIn(replicas)).toBe(1);
  await receiver.arrived(2);
  receiver.letGo();
  expect((await advance(b, "PT1H")).status).toBe(200);
  const [{ state, attempts }] = await notificationsOf(b);
  expect([state, attempts.length]).toEqual(["delivered", 1]);
  expect(receiver.received).toHaveLength(2);
});
