import { describe, expect, test } from "vitest";
import { connectSandbox, type Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { gate, startReceiver } from "../support/receiver.ts";

describe("an endpoint in this process may wait for the world before it responds:", () => {
  test.each<[string, (sandbox: Sandbox) => Promise<unknown>]>([
    ["settle", (sandbox) => sandbox.settle()],
    ["settle twice at once", (sandbox) => Promise.all([sandbox.settle(), sandbox.settle()])],
    ["settle after other work", (sandbox) => createPayment(sandbox).then(() => sandbox.settle())],
    ["advance", (sandbox) => sandbox.clock.advance("PT1M")],
  ])("%s does not wait for its own delivery", async (_, wait) => {
    await using sandbox = await frozenSandbox({
      webhook: async () => {
        await wait(sandbox);
        return new Response(null, { status: 204 });
      },
    });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([
      { state: "delivered", attempts: [{ answer: { status: 204 } }] },
    ]);
  });

  test("two that settle at once do not wait for each other, and a test's settle waits for both", async () => {
    const both = gate();
    let calls = 0;
    await using sandbox = await frozenSandbox({
      webhook: async () => {
        calls += 1;
        if (calls === 2) both.open();
        await both.opened;
        await sandbox.settle();
        return new Response(null, { status: 204 });
      },
    });
    await createPaidPayment(sandbox);
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
  });
});

test("over HTTP it waits for itself until the timeout, and the attempt says so", async () => {
  let answered: Promise<void> | undefined;
  const receiver = await startReceiver((response) => {
    answered = remote.settle().then(() => void response.writeHead(204).end());
  });
  await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTimeoutMs: 1000 } });
  const remote = await connectSandbox(await sandbox.listen());
  await createPaidPayment(sandbox);
  await sandbox.settle();
  await answered;
  const [{ id, state, attempts }] = await notificationsOf(sandbox);
  expect([state, attempts[0]?.error]).toEqual([
    "retrying",
    `no response within 1000 ms; meanwhile a settle or an advance waited for this delivery of notification ${id}: ` +
      "an endpoint that calls settle or advance must respond first",
  ]);
  await receiver.close();
});
