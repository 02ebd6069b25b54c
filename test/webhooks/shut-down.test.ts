import { expect, test } from "vitest";
import { newTask } from "../../src/domain/task.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { seededIds } from "../../src/platform/ids.ts";
import { httpSender } from "../../src/platform/sender.ts";
import { Slots } from "../../src/platform/slots.ts";
import { PaymentTransitions } from "../../src/services/payments/transitions.ts";
import { WebhookDelivery } from "../../src/services/scheduling/delivery.ts";
import { Leases } from "../../src/services/scheduling/leases.ts";
import { Scheduler } from "../../src/services/scheduling/scheduler.ts";
import { MemoryStore } from "../../src/store/memory/store.ts";
import type { Store } from "../../src/store/store.ts";
import { gate, startReceiver } from "../support/receiver.ts";
import { merchant, notification, save, start, world } from "../support/records.ts";

const account = "world-1";

/** The scheduler and delivery of one process. Several can use one store in turn. */
function startProcess(store: Store) {
  const sender = httpSender();
  const delivery = new WebhookDelivery({
    store,
    clock: systemClock,
    sender,
    slots: new Slots(1),
    storeSlots: new Slots(1),
    attemptsMax: 1_000,
    retryMs: 1_000,
  });
  const ids = seededIds("teal");
  const transitions = new PaymentTransitions(ids, () => "{}");
  const onDefect = (error: unknown) => {
    throw error;
  };
  const leases = new Leases({ store, clock: systemClock, id: "replica-1" });
  const scheduler = new Scheduler(
    { store, clock: systemClock, transitions, delivery, leases, currentDelivery: () => undefined },
    onDefect,
  );
  const stop = async (graceMs = 0) => {
    await scheduler.stop(graceMs);
    sender.close();
  };
  return { webhooks: delivery, settle: () => scheduler.settle(account), stop };
}

/** A store with due notifications. */
async function storeWith(webhookUrl: string, ...ids: string[]) {
  const store = new MemoryStore();
  const { settings } = world();
  await save(store, "merchant", merchant());
  await save(store, "world", world({ settings: { ...settings, webhookUrl } }));
  for (const id of ids) {
    const due = notification({ id, body: JSON.stringify({ id }) });
    await save(store, "notification", due);
    await save(store, "task", newTask("deliver_notification", due, start));
  }
  return store;
}

const attemptsOf = (store: Store) =>
  store.atomically(async (unit) => {
    const all = await unit.list("notification", { processingAccountId: account });
    return all.map(({ id, state, attempts }) => [id, state, attempts.map(({ answer }) => answer?.status)]);
  });

test("the next process makes deliveries that were aborted or waiting at the stop", async () => {
  const held = gate();
  const receiver = await startReceiver(async (response) => {
    if (receiver.received.length === 1) await held.opened;
    response.writeHead(204).end();
  });
  const store = await storeWith(receiver.url, "one", "two");
  const first = startProcess(store);
  const settled = first.settle();
  await receiver.arrived(1);
  await first.stop();
  await settled;
  expect(await attemptsOf(store)).toEqual([
    ["one", "due", []],
    ["two", "due", []],
  ]);
  expect(await store.atomically((unit) => unit.nextTask(account))).toMatchObject({ subjectId: "one", dueTime: start });

  const second = startProcess(store);
  await second.settle();
  expect(await attemptsOf(store)).toEqual([
    ["one", "delivered", [204]],
    ["two", "delivered", [204]],
  ]);
  expect(receiver.received.map(({ body }) => JSON.parse(body).id)).toEqual(["one", "one", "two"]);
  held.open();
  await second.stop();
  await receiver.close();
});

test("a running delivery that ends within the grace period is recorded", async () => {
  const held = gate();
  const receiver = await startReceiver(async (response) => {
    await held.opened;
    response.writeHead(204).end();
  });
  const store = await storeWith(receiver.url, "one");
  const { settle, stop } = startProcess(store);
  const settled = settle();
  await receiver.arrived(1);
  const stopped = stop(60_000);
  // This request takes longer than an immediate stop would take.
  const other = await startReceiver();
  await fetch(other.url, { method: "POST" });
  held.open();
  await Promise.all([settled, stopped]);
  expect(await attemptsOf(store)).toEqual([["one", "delivered", [204]]]);
  await Promise.all([receiver.close(), other.close()]);
});

test("a scheduled attempt is not made if the notification was acknowledged before", async () => {
  const receiver = await startReceiver();
  const store = await storeWith(receiver.url, "one");
  const { webhooks, stop } = startProcess(store);
  const task = { ...newTask("deliver_notification", notification({ id: "one" }), start), lease: "lease 1" };
  await save(store, "task", task);
  await save(store, "notification", notification({ id: "one", state: "delivered" }));
  await webhooks.deliver(task, new AbortController().signal);
  expect(receiver.received).toEqual([]);
  expect(await attemptsOf(store)).toEqual([["one", "delivered", []]]);
  expect(await store.atomically((unit) => unit.get("task", task.id))).toBeUndefined();
  await stop();
  await receiver.close();
});

test.each([
  ["with an endpoint", true],
  ["without an endpoint", false],
])("a task with a newer lease is not changed, in a world %s", async (_, hasEndpoint) => {
  const receiver = await startReceiver();
  const store = await storeWith(receiver.url, "one");
  if (!hasEndpoint) await save(store, "world", world());
  const { webhooks, stop } = startProcess(store);
  const task = newTask("deliver_notification", notification({ id: "one" }), start);
  await save(store, "task", { ...task, lease: "lease 2" });
  await webhooks.deliver({ ...task, lease: "lease 1" }, new AbortController().signal);
  expect(receiver.received).toEqual([]);
  expect(await attemptsOf(store)).toEqual([["one", "due", []]]);
  expect(await store.atomically((unit) => unit.get("task", task.id))).toMatchObject({ lease: "lease 2" });
  await stop();
  await receiver.close();
});
