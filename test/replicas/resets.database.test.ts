import { describe, expect, test } from "vitest";
import type { Sandbox, Snapshot } from "../../src/index.ts";
import { listening } from "../support/hints.ts";
import { createPaidPayment, createPayment, get, post } from "../support/merchant.ts";
import { account, eventually, holdingReceiver, receiverUntilEnd, twoReplicas } from "../support/replicas.ts";

/** What ends a world's life, or begins it anew; `before` is the world as it was when it was empty. */
const endings: readonly (readonly [string, (sandbox: Sandbox, before: Snapshot) => Promise<unknown>])[] = [
  ["reset", (sandbox) => post(sandbox, "/_sandbox/reset", { processingAccountId: account })],
  ["reset with all others", (sandbox) => sandbox.reset()],
  ["removed", (sandbox) => sandbox.fetch(`/_sandbox/worlds/${account}`, { method: "DELETE" })],
  ["restored", (sandbox, before) => sandbox.restore(before)],
];

/** Two replicas and a world that is not the demo world, as it is while it is empty. */
async function twoReplicasWithWorld(webhook?: string) {
  const replicas = await twoReplicas();
  const { a } = replicas;
  const world = await a.world({ processingAccountId: account, ...(webhook === undefined ? {} : { webhook }) });
  return Object.assign(replicas, { world, before: await world.snapshot() });
}

/** What a world tells of its deliveries; nothing where there is no such world. */
const notificationsIn = async (sandbox: Sandbox) =>
  (await get(sandbox, `/_sandbox/notifications?processingAccountId=${account}`)).body.data ?? [];

describe.each(endings)("a world that is %s through one replica", (_, end) => {
  test("ends what waits for it through the other", async () => {
    await using replicas = await twoReplicasWithWorld();
    const { a, b, before } = replicas;
    const { id } = await createPayment(a, { account });
    const waits = [
      get(a, `/_sandbox/payments/${id}/wait?status=captured&timeoutMs=60000`),
      get(a, `/_sandbox/notifications/wait?processingAccountId=${account}&timeoutMs=60000`),
    ];
    const other = await createPayment(a);
    const elsewhere = get(a, `/_sandbox/payments/${other.id}/wait?status=captured&timeoutMs=60000`);
    // They have begun once what came after them is answered.
    for (let count = 0; count < 5; count += 1) await get(a, `/_sandbox/payments/${id}`);
    await end(b, before);
    for (const wait of waits) {
      const { status, body } = await wait;
      expect([status, body.reason]).toEqual([
        409,
        { code: "not_reached", description: "The world was reset meanwhile." },
      ]);
    }
    const isThere = (await get(b, `/_sandbox/payments/${other.id}`)).status === 200;
    if (isThere) await b.payments.act(other.id, "pay");
    expect((await elsewhere).status).toBe(isThere ? 200 : 409);
  });

  test("ends a delivery that the other has under way, of which nothing is written after", async () => {
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

  test("ends a move of its clock through the other, and leaves the clock to whoever comes next", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicasWithWorld(receiver.url);
    const { a, b, before } = replicas;
    await createPayment(a, { account });
    const move = post(a, "/_sandbox/clock/advance", { processingAccountId: account, by: "PT1H" });
    await receiver.arrived(1);
    await end(b, before);
    const { status, body } = await move;
    expect([status, body.reason.code]).toEqual([409, "clock_busy"]);
    receiver.letGo();
    await createPayment(b, { account });
    for (const sandbox of [b, a]) {
      const next = await post(sandbox, "/_sandbox/clock/advance", { processingAccountId: account, by: "PT1S" });
      expect(next.status).toBe(200);
    }
    expect((await get(a, `/_sandbox/clock?processingAccountId=${account}`)).body.now).toBe("2026-01-05T09:00:02.000Z");
  });

  test("has no requests any more that the other has taken before", async () => {
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
  for (let told = await stream.next(); told !== undefined; told = await stream.next()) events.push(told.data.resource);
  expect(new Set(events)).toEqual(new Set(["world"]));
});

test("a delivery that counts as not made in a snapshot is made again where that is restored", async () => {
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

test("an endpoint that was changed through one replica is the one that the other sends to", async () => {
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

describe("a replica that was at a world before it was reset through the other", () => {
  /** A has run what was due in the world and is idle since; then B puts it back. */
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

  test("moves its clock at the first try", async () => {
    await using replicas = await resetElsewhere();
    await using _ = replicas.receiver;
    const moved = await post(replicas.a, "/_sandbox/clock/advance", { by: "PT1M" });
    expect([moved.status, moved.body]).toEqual([200, { now: "2026-01-05T09:01:00.000Z", ran: 0 }]);
  });

  test("has delivered what it captures when it says that it has settled", async () => {
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
