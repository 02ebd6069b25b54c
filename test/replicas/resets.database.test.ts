import { describe, expect, test } from "vitest";
import type { Sandbox, Snapshot } from "../../src/index.ts";
import { listening } from "../support/hints.ts";
import { createPaidPayment, createPayment, get, post } from "../support/merchant.ts";
import { account, eventually, holdingReceiver, receiverUntilEnd, twoReplicas } from "../support/replicas.ts";

/** Ways to end or replace a world. `before` is a snapshot of the empty world. */
const endings: readonly (readonly [string, (sandbox: Sandbox, before: Snapshot) => Promise<unknown>])[] = [
  ["reset", (sandbox) => post(sandbox, "/_sandbox/reset", { processingAccountId: account })],
  ["reset with all others", (sandbox) => sandbox.reset()],
  ["removed", (sandbox) => sandbox.fetch(`/_sandbox/worlds/${account}`, { method: "DELETE" })],
  ["restored", (sandbox, before) => sandbox.restore(before)],
];

/** Two replicas with a second world, and a snapshot of that world while it is empty. */
async function twoReplicasWithWorld(webhook?: string) {
  const replicas = await twoReplicas();
  const { a } = replicas;
  const world = await a.world({ processingAccountId: account, ...(webhook === undefined ? {} : { webhook }) });
  return Object.assign(replicas, { world, before: await world.snapshot() });
}

/** Notifications of the second world; empty if it does not exist. */
const notificationsIn = async (sandbox: Sandbox) =>
  (await get(sandbox, `/_sandbox/notifications?processingAccountId=${account}`)).body.data ?? [];

describe.each(endings)("a world that is %s through one replica", (_, end) => {
  test("ends waits on the other", async () => {
    await using replicas = await twoReplicasWithWorld();
    const { a, b, before } = replicas;
    const { id } = await createPayment(a, { account });
    const waits = [
      get(a, `/_sandbox/payments/${id}/wait?status=captured&timeoutMs=60000`),
      get(a, `/_sandbox/notifications/wait?processingAccountId=${account}&timeoutMs=60000`),
    ];
    const other = await createPayment(a);
    const elsewhere = get(a, `/_sandbox/payments/${other.id}/wait?status=captured&timeoutMs=60000`);
    // These responses come after the waits have begun.
    for (let count = 0; count < 5; count += 1) await get(a, `/_sandbox/payments/${id}`);
    await end(b, before);
    for (const wait of waits) {
      const { status, body } = await wait;
      expect([status, body.reason]).toEqual([
        409,
        { code: "not_reached", description: "The world was reset meanwhile." },
      ]);
    }
    const exists = (await get(b, `/_sandbox/payments/${other.id}`)).status === 200;
    if (exists) await b.payments.act(other.id, "pay");
    expect((await elsewhere).status).toBe(exists ? 200 : 409);
  });

  test("ends a delivery in progress on the other, which stores nothing afterwards", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicasWithWorld(receiver.url);
    const { a, b, before } = replicas;
    await createPaidPayment(a, { account });
    await receiver.arrived(1);
    await end(b, before);
    await receiver.givenUp;
    receiver.letGo();
    await post(a, "/_sandbox/settle", { processingAccountId: account });
    await post(b, "/_sandbox/settle", { processingAccountId: account });
    for (const sandbox of [a, b]) expect(await notificationsIn(sandbox)).toEqual([]);
    expect(receiver.received).toHaveLength(1);
  });

  test("ends an advance of its clock through the other, and later ones succeed", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicasWithWorld(receiver.url);
    const { a, b, before } = replicas;
    await createPayment(a, { account });
    const advancing = post(a, "/_sandbox/clock/advance", { processingAccountId: account, by: "PT1H" });
    await receiver.arrived(1);
    await end(b, before);
    const { status, body } = await advancing;
    expect([status, body.reason.code]).toEqual([409, "clock_busy"]);
    receiver.letGo();
    await createPayment(b, { account });
    for (const sandbox of [b, a]) {
      const next = await post(sandbox, "/_sandbox/clock/advance", { processingAccountId: account, by: "PT1S" });
      expect(next.status).toBe(200);
    }
    expect((await get(a, `/_sandbox/clock?processingAccountId=${account}`)).body.now).toBe("2026-01-05T09:00:02.000Z");
  });

  test("has an empty request log on both", async () => {
    await using replicas = await twoReplicasWithWorld();
    const { a, b, before } = replicas;
    await createPayment(a, { account });
    await end(b, before);
    await createPayment(b, { account, amount: 17 });
    const bodies = async (sandbox: Sandbox) => {
      const { data } = (await get(sandbox, `/_sandbox/requests?processingAccountId=${account}`)).body;
      return data.map(({ body }: { body: string }) => JSON.parse(body).amount.value);
    };
    expect(await bodies(b)).toEqual([17]);
    expect(await bodies(a)).toEqual([17]);
  });
});

test("a world that is removed through one replica ends the streams of the other", async () => {
  await using replicas = await twoReplicasWithWorld();
  const { a, b } = replicas;
  const stream = await listening(a, account);
  await b.fetch(`/_sandbox/worlds/${account}`, { method: "DELETE" });
  const events: (string | undefined)[] = [];
  for (let hint = await stream.next(); hint !== undefined; hint = await stream.next()) events.push(hint.data.resource);
  expect(new Set(events)).toEqual(new Set(["world"]));
});

test("a delivery in progress during a snapshot is repeated after it is restored", async () => {
  await using receiver = await holdingReceiver();
  await using replicas = await twoReplicasWithWorld(receiver.url);
  const { a, b, world } = replicas;
  await createPaidPayment(a, { account });
  await receiver.arrived(1);
  await b.restore(await world.snapshot());
  await receiver.givenUp;
  await receiver.arrived(2);
  receiver.letGo();
  await post(a, "/_sandbox/settle", { processingAccountId: account });
  const [notification] = await notificationsIn(b);
  expect([notification.state, notification.attempts.length]).toEqual(["delivered", 1]);
  expect(receiver.received).toHaveLength(2);
});

test("an endpoint that was changed through one replica is used by the other", async () => {
  await using before = await receiverUntilEnd();
  await using after = await receiverUntilEnd();
  await using replicas = await twoReplicas({ webhook: before.url });
  const { a, b } = replicas;
  await b.change({ webhookUrl: after.url });
  await createPaidPayment(a);
  await after.arrived(1);
  await eventually(async () => (await a.notifications.list()).data[0]?.state).toBe("delivered");
  expect(before.received).toEqual([]);
});

describe("a replica that worked on a world before the other reset it", () => {
  /** A has run all due tasks of the world and is idle. Then B resets the world. */
  async function resetElsewhere() {
    const receiver = await holdingReceiver();
    const replicas = await twoReplicas({ webhook: receiver.url });
    const { a, b } = replicas;
    receiver.letGo();
    await createPaidPayment(a);
    await a.settle();
    await b.reset();
    return { ...replicas, receiver };
  }

  test("advances its clock at the first try", async () => {
    await using replicas = await resetElsewhere();
    await using _ = replicas.receiver;
    const moved = await post(replicas.a, "/_sandbox/clock/advance", { by: "PT1M" });
    expect([moved.status, moved.body]).toEqual([200, { now: "2026-01-05T09:01:00.000Z", ran: 0 }]);
  });

  test("has delivered its notifications when it has settled", async () => {
    await using replicas = await resetElsewhere();
    await using _ = replicas.receiver;
    const { a, b, receiver } = replicas;
    const { id } = await createPayment(b);
    await a.payments.act(id, "pay");
    await a.settle();
    expect(receiver.received).toHaveLength(2);
    expect((await b.notifications.list()).data.map(({ state }) => state)).toEqual(["delivered"]);
  });
});
