import { expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, post } from "../support/merchant.ts";
import { notificationsOf, resend, startAnswering } from "../support/notifications.ts";
import { gate, type Receiver, startReceiver } from "../support/receiver.ts";

/** Amount of the scenario that delays the payment notification until the first refund notification. */
const outOfOrder = 8888.26;

const refund = (sandbox: Sandbox, id: string) =>
  post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1", amount: { value: 1, currency: "hkd" } });

/** A sandbox with a payment of this scenario, captured at 09:00:02. */
async function captured(receiver: Receiver) {
  const sandbox = await frozenSandbox({ webhook: receiver.url });
  const { id } = await createPayment(sandbox, { amount: outOfOrder });
  await sandbox.clock.advance("PT2S");
  return { sandbox, id };
}

const typesOf = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body).type as string);

test("the payment notification follows the first refund notification, also if that failed", async () => {
  const receiver = await startAnswering(500, 204);
  const { sandbox, id } = await captured(receiver);
  await sandbox.clock.advance("PT1H");
  expect(receiver.received).toEqual([]);
  await refund(sandbox, id);
  await sandbox.clock.advance("PT2S");
  expect(typesOf(receiver)).toEqual(["refund", "payment"]);
  expect(await notificationsOf(sandbox)).toMatchObject([
    { type: "refund", state: "retrying" },
    { type: "payment", state: "delivered", attempts: [{ startedAt: "2026-01-05T10:00:04.000Z" }] },
  ]);
  await sandbox.clock.advance("P10D");
  expect(typesOf(receiver)).toEqual(["refund", "payment", "refund"]);
  await sandbox.close();
  await receiver.close();
});

test("the payment notification waits for an attempt for a refund of the same payment", async () => {
  const held = gate();
  const receiver = await startReceiver(async (response) => {
    if (receiver.received.length === 3) await held.opened;
    response.writeHead(204).end();
  });
  const { sandbox, id } = await captured(receiver);
  const other = await createPayment(sandbox, { amount: 8888.9 });
  await sandbox.clock.advance("PT2S");
  await refund(sandbox, other.id);
  await sandbox.clock.advance("PT2S");
  expect(typesOf(receiver)).toEqual(["payment", "refund"]);
  await refund(sandbox, id);
  const advanced = sandbox.clock.advance("PT2S");
  await receiver.arrived(3);
  expect(await notificationsOf(sandbox)).toMatchObject([{ type: "refund" }, {}, {}, { state: "due", attempts: [] }]);
  held.open();
  await advanced;
  expect(typesOf(receiver)).toEqual(["payment", "refund", "refund", "payment"]);
  await sandbox.close();
  await receiver.close();
});

test("without a refund the payment notification is sent after 24 hours", async () => {
  const receiver = await startAnswering(204);
  const { sandbox } = await captured(receiver);
  await sandbox.clock.advance("PT23H59M59.999S");
  expect(receiver.received).toEqual([]);
  await sandbox.clock.advance("PT0.001S");
  expect(typesOf(receiver)).toEqual(["payment"]);
  await sandbox.close();
  await receiver.close();
});

test("after its first attempt a payment notification keeps its schedule", async () => {
  const receiver = await startAnswering(500, 204, 204);
  const { sandbox, id } = await captured(receiver);
  await sandbox.clock.advance("PT24H");
  await refund(sandbox, id);
  await sandbox.clock.advance("PT2S");
  expect(typesOf(receiver)).toEqual(["payment", "refund"]);
  await sandbox.clock.advance("PT2M");
  expect(typesOf(receiver)).toEqual(["payment", "refund", "payment"]);
  await sandbox.close();
  await receiver.close();
});

test("an acknowledged resend ends the wait, and a failed one does not", async () => {
  const receiver = await startAnswering(500, 204);
  const { sandbox, id } = await captured(receiver);
  const [{ id: notification }] = await notificationsOf(sandbox);
  await resend(sandbox, notification);
  await sandbox.settle();
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "due", attempts: [{ manual: true }] }]);
  await resend(sandbox, notification);
  await sandbox.settle();
  await refund(sandbox, id);
  await sandbox.clock.advance("P10D");
  expect(typesOf(receiver)).toEqual(["payment", "payment", "refund"]);
  await sandbox.close();
  await receiver.close();
});
