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

/** What one process does with a store: it may be stopped, and another begun. */
function begin(store: Store) {
  const sender = httpSender();
  const delivery = new WebhookDelivery({
    store,
    clock: systemClock,
    sender,
    slots: new Slots(1),
    storeSlots: new Slots(1),
    retryMs: 1_000,
  });
  const ids = seededIds("teal");
  const transitions = new PaymentTransitions(ids, () => "{}");
  const onDefect = (error: unknown) => {
    throw error;
  };
  const leases = new Leases({ store, clock: systemClock, id: "the only one" });
  const scheduler = new Scheduler({ store, clock: systemClock, transitions, delivery, leases }, onDefect);
  const stop = async (graceMs = 0) => {
    await scheduler.stop(graceMs);
    sender.close();
  };
  return { webhooks: delivery, settle: () => scheduler.settle(account), stop };
}

/** A store with notifications that are due. */
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

test("a delivery that is cut, and one that waits for its turn, count as not made: the next process makes them", async () => {
  const held = gate();
  const receiver = await startReceiver(async (response) => {
    if (receiver.received.length === 1) await held.opened;
    response.writeHead(204).end();
  });
  const store = await storeWith(receiver.url, "one", "two");
  const first = begin(store);
  const settled = first.settle();
  await receiver.arrived(1);
  await first.stop();
  await settled;
  expect(await attemptsOf(store)).toEqual([
    ["one", "due", []],
    ["two", "due", []],
  ]);
  expect(await store.atomically((unit) => unit.nextTask(account))).toMatchObject({ subjectId: "one", dueTime: start });

  const second = begin(store);
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

test("a delivery under way that ends in time is recorded before the end", async () => {
  const held = gate();
  const receiver = await startReceiver(async (response) => {
    await held.opened;
    response.writeHead(204).end();
  });
  const store = await storeWith(receiver.url, "one");
  const { settle, stop } = begin(store);
  const settled = settle();
  await receiver.arrived(1);
  const stopped = stop(60_000);
  // Other work goes on over sockets meanwhile: an end at once would have come by now.
  const other = await startReceiver();
  await fetch(other.url, { method: "POST" });
  held.open();
  await Promise.all([settled, stopped]);
  expect(await attemptsOf(store)).toEqual([["one", "delivered", [204]]]);
  await Promise.all([receiver.close(), other.close()]);
});

test("an attempt of the schedule whose notification was acknowledged while it waited is not made", async () => {
  const receiver = await startReceiver();
  const store = await storeWith(receiver.url, "one");
  const { webhooks, stop } = begin(store);
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
  ["without one", false],
])("a task that was leased to somebody else since is left alone, in a world %s", async (_, hasEndpoint) => {
  const receiver = await startReceiver();
  const store = await storeWith(receiver.url, "one");
  if (!hasEndpoint) await save(store, "world", world());
  const { webhooks, stop } = begin(store);
  const task = newTask("deliver_notification", notification({ id: "one" }), start);
  await save(store, "task", { ...task, lease: "lease 2" });
  await webhooks.deliver({ ...task, lease: "lease 1" }, new AbortController().signal);
  expect(receiver.received).toEqual([]);
  expect(await attemptsOf(store)).toEqual([["one", "due", []]]);
  expect(await store.atomically((unit) => unit.get("task", task.id))).toMatchObject({ lease: "lease 2" });
  await stop();
  await receiver.close();
});
