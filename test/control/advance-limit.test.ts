import { expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";

const paymentsCount = 3;
const target = "2026-01-15T09:00:00.000Z";

/** A sandbox with more due deliveries than an advance may start, and an endpoint that refuses them. */
async function refusingEndpoint(): Promise<Sandbox> {
  const sandbox = await frozenSandbox({
    webhook: () => new Response(null, { status: 500 }),
    limits: { advanceTasksMax: 2, advanceDurationMaxMs: 10_000 },
  });
  for (let count = 0; count < paymentsCount; count += 1) await createPaidPayment(sandbox);
  await sandbox.settle();
  return sandbox;
}

const advance = (sandbox: Sandbox) => post(sandbox, "/_sandbox/clock/advance", { to: target });

test("after advance_limit, the same call continues until it reaches the target", async () => {
  await using sandbox = await refusingEndpoint();
  const attempted = async () => (await notificationsOf(sandbox)).flatMap(({ attempts }) => attempts).length;
  for (let before = await attempted(), after = before; ; before = after) {
    const { status, body } = await advance(sandbox);
    if (status === 200) break;
    expect(body).toMatchObject({ reason: { code: "advance_limit" } });
    await sandbox.settle();
    after = await attempted();
    expect(after).toBeGreaterThan(before);
  }
  expect(await sandbox.clock.now()).toBe(target);
  const states = (await notificationsOf(sandbox)).map(({ state }) => state);
  expect(states).toEqual(Array(paymentsCount).fill("exhausted"));
});

test("after advance_limit, settle runs the tasks that are still due", async () => {
  await using sandbox = await refusingEndpoint();
  expect((await advance(sandbox)).body).toMatchObject({ reason: { code: "advance_limit" }, ran: 2 });
  await sandbox.settle();
  const attempts = (await notificationsOf(sandbox)).map((notification) => notification.attempts.length);
  expect(attempts).toEqual(Array(paymentsCount).fill(2));
});

test("after advance_limit, new notifications are delivered", async () => {
  await using sandbox = await refusingEndpoint();
  expect((await advance(sandbox)).body).toMatchObject({ reason: { code: "advance_limit" } });
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  const { data } = (await get(sandbox, `/_sandbox/notifications?paymentId=${id}`)).body;
  expect(data[0].attempts).toHaveLength(1);
});
