import { describe, expect, onTestFinished, test } from "vitest";
import { startReplica } from "../../scripts/replicas.ts";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, get, post } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { eventually, holdingReceiver, type Replicas, replicasIn, twoReplicas } from "../support/replicas.ts";

/** Starts a replica in another process, on the schema of the others. */
async function processBeside({ schema }: Replicas) {
  const defects: string[] = [];
  const replica = await startReplica({ url: schema.url, schema: schema.name, port: 0 }, ({ event, message }) => {
    if (event === "defect") defects.push(message);
  });
  onTestFinished(() => replica.kill());
  return { ...replica, defects, fetch: ((path, init) => fetch(replica.url + path, init)) as Sandbox["fetch"] };
}

const advance = (sandbox: Pick<Sandbox, "fetch">, by: string) => post(sandbox, "/_sandbox/clock/advance", { by });

describe("a process that is killed", () => {
  test("during an advance keeps the clock busy for a few seconds, then another replica can advance it", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicas({ webhook: receiver.url });
    const { a: survivor } = replicas;
    const dying = await processBeside(replicas);
    await createPayment(survivor);
    const advancing = advance(dying, "PT1H").catch((error: unknown) => error);
    await receiver.arrived(1);
    await dying.kill();
    expect(await advancing).toBeInstanceOf(Error);

    const busy = await advance(survivor, "PT1H");
    expect([busy.status, busy.body.reason.code]).toEqual([409, "clock_busy"]);
    expect((await get(survivor, "/_sandbox/clock")).body).toEqual({ mode: "frozen", now: "2026-01-05T09:30:00.000Z" });
    receiver.letGo();
    const answers: string[] = [];
    await eventually(async () => {
      const { status, body } = await advance(survivor, "PT1H");
      answers.push(status === 200 ? body.now : body.reason.code);
      return status;
    }, 30_000).toBe(200);
    expect(new Set(answers)).toEqual(new Set(["clock_busy", "2026-01-05T10:30:00.000Z"]));
    const [{ state, attempts }] = await notificationsOf(survivor);
    expect([state, attempts.length]).toEqual(["delivered", 1]);
    expect(receiver.received.map(({ body }) => body)).toEqual([0, 1].map(() => receiver.received[0]?.body));
  });

  test("during a delivery: another replica repeats it once, and settle waits for it", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicas({ webhook: receiver.url });
    const { a, b } = replicas;
    const dying = await processBeside(replicas);
    const { id } = await createPayment(a);
    await post(dying, `/_sandbox/payments/${id}/actions`, { action: "pay" });
    await receiver.arrived(1);
    await dying.kill();
    receiver.letGo();
    await Promise.all([a.settle(), b.settle()]);
    const [{ state, attempts }, ...others] = await notificationsOf(a);
    expect([state, attempts.length, others]).toEqual(["delivered", 1, []]);
    expect(receiver.received).toHaveLength(2);
  });

  test("leaves its confirmed payments, and does not disturb the other replicas", async () => {
    await using receiver = await holdingReceiver();
    await using replicas = await twoReplicas({ webhook: receiver.url });
    const { a: survivor } = replicas;
    const dying = await processBeside(replicas);
    const made: string[] = [];
    const makeUntilItDies = () =>
      createPayment(dying).then(({ id }): Promise<void> => {
        made.push(id);
        return makeUntilItDies();
      });
    const making = Promise.allSettled(Array.from({ length: 4 }, makeUntilItDies));
    await eventually(async () => made.length).toBeGreaterThan(20);
    await dying.kill();
    await making;
    const answers = await Promise.all(made.map((id) => get(survivor, `/v1/payments/${id}`)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.status}`))).toEqual(new Set(["200 pending"]));
    receiver.letGo();
    expect((await advance(survivor, "PT1H")).status).toBe(200);
  });
});

test("a process that is stopped hands over its work at once", async () => {
  await using receiver = await holdingReceiver();
  await using replicas = await twoReplicas({ webhook: receiver.url });
  const { a: survivor } = replicas;
  const leaving = await processBeside(replicas);
  await createPayment(survivor);
  const advancing = advance(leaving, "PT1H").catch((error: unknown) => error);
  await receiver.arrived(1);
  const stopped = leaving.stop();
  await receiver.givenUp;
  await stopped;
  // The record of a killed replica would still exist, and delay the takeover.
  expect(await replicasIn(replicas)).toBe(2);
  await receiver.arrived(2);
  receiver.letGo();
  await advancing;
  expect((await advance(survivor, "PT1H")).body.now).toBe("2026-01-05T10:30:00.000Z");
  expect(receiver.received).toHaveLength(2);
  expect(leaving.defects).toEqual([]);
});
