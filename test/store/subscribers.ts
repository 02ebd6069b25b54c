import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Change, Kind, Records, Store } from "../../src/store/store.ts";
import {
  credential,
  entry,
  merchant,
  notification,
  payment,
  refund,
  replay,
  save,
  task,
  world,
} from "../support/records.ts";

// A change can arrive after the promise of the unit resolves, so each test waits for a change, not for a time.

interface Subscriber {
  /** The changes received so far. */
  readonly received: readonly Change[];
  /** Resolves when a change of that key was received. */
  arrival(key: string): Promise<void>;
  unsubscribe(): void;
}

function subscribe(store: Store): Subscriber {
  const received: Change[] = [];
  let waiting: (() => void)[] = [];
  const unsubscribe = store.subscribe((changes) => {
    if (changes !== "anything") received.push(...changes);
    for (const look of waiting) look();
  });
  const arrival = (key: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (received.some((change) => change.key === key)) resolve();
      };
      waiting = [...waiting, look];
      look();
    });
  return { received, arrival, unsubscribe };
}

const changed: readonly { kind: Kind; record: Records[Kind]; key: string; processingAccountId: string | undefined }[] =
  [
    { kind: "merchant", record: merchant(), key: "merchant-1", processingAccountId: undefined },
    { kind: "credential", record: credential(), key: "kid-1", processingAccountId: undefined },
    { kind: "world", record: world(), key: "world-1", processingAccountId: "world-1" },
    { kind: "payment", record: payment(), key: "payment-1", processingAccountId: "world-1" },
    { kind: "refund", record: refund(), key: "refund-1", processingAccountId: "world-1" },
    { kind: "entry", record: entry(), key: "entry-1", processingAccountId: "world-1" },
    { kind: "notification", record: notification(), key: "notification-1", processingAccountId: "world-1" },
    { kind: "replay", record: replay(), key: replay().id, processingAccountId: "world-1" },
    { kind: "task", record: task(), key: "task-1", processingAccountId: "world-1" },
  ];

export function describeSubscribers(open: () => Promise<Store>): void {
  test.each(changed)("receives the save of a $kind", async ({ record, ...change }) => {
    const store = await open();
    const { received, arrival } = subscribe(store);
    await save(store, change.kind, record);
    await arrival(change.key);
    expect(received).toEqual([change]);
  });

  test.each(changed)("receives the removal of a $kind", async ({ record, ...change }) => {
    const store = await open();
    const before = subscribe(store);
    await save(store, change.kind, record);
    await before.arrival(change.key);
    const { received, arrival } = subscribe(store);
    await store.atomically((unit) => unit.remove(change.kind, change.key));
    await arrival(change.key);
    expect(received).toEqual([change]);
  });

  test("receives the removal of each record by clear", async () => {
    const store = await open();
    const before = subscribe(store);
    for (const { kind, record } of changed) await save(store, kind, record);
    await Promise.all(changed.map(({ key }) => before.arrival(key)));
    const { received, arrival } = subscribe(store);
    await store.atomically((unit) => unit.clear());
    await Promise.all(changed.map(({ key }) => arrival(key)));
    const removals = changed.map(({ record: _removed, ...change }) => change);
    const byKind = (a: Change, b: Change) => a.kind.localeCompare(b.kind);
    expect(received.toSorted(byKind)).toEqual(removals.toSorted(byKind));
  });

  test("receives every change of a unit", async () => {
    const store = await open();
    const { received, arrival } = subscribe(store);
    await save(store, "payment", payment({ id: "a" }), payment({ id: "b" }), payment({ id: "c" }));
    await Promise.all(["a", "b", "c"].map(arrival));
    expect(received.map(({ key }) => key).toSorted()).toEqual(["a", "b", "c"]);
  });

  test("receives nothing before the commit", async () => {
    const store = await open();
    const { received, arrival } = subscribe(store);
    const receivedInside = await store.atomically(async (unit) => {
      await unit.save("payment", payment());
      await nextTurn();
      return received.length;
    });
    await arrival("payment-1");
    expect(receivedInside).toBe(0);
  });

  test("can read a record when it receives its change", async () => {
    const store = await open();
    const read = new Promise((resolve) => {
      store.subscribe(() => resolve(store.atomically((unit) => unit.get("payment", "payment-1"))));
    });
    await save(store, "payment", payment());
    expect(await read).toEqual(payment());
  });

  test("never receives a change of a failed unit", async () => {
    const store = await open();
    const { received, arrival } = subscribe(store);
    await save(store, "payment", payment({ id: "kept" }));
    await arrival("kept");
    const failing = store.atomically(async (unit) => {
      await unit.save("payment", payment({ id: "lost" }));
      await unit.remove("payment", "kept");
      await unit.clear();
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    await save(store, "payment", payment({ id: "after" }));
    await arrival("after");
    expect(received.map(({ key }) => key)).toEqual(["kept", "after"]);
  });

  test("receives nothing for reads, nor for the removal of a missing record", async () => {
    const store = await open();
    const { received, arrival } = subscribe(store);
    await store.atomically(async (unit) => {
      await unit.get("payment", "payment-1");
      await unit.list("payment", { processingAccountId: "world-1" });
      await unit.page("payment", { processingAccountId: "world-1" }, { limit: 9 });
      await unit.all("merchant");
      await unit.nextTask("world-1");
      await unit.remove("payment", "payment-1");
      await unit.clear();
    });
    await save(store, "payment", payment({ id: "after" }));
    await arrival("after");
    expect(received.map(({ key }) => key)).toEqual(["after"]);
  });

  test("receives nothing after it unsubscribed, but others do", async () => {
    const store = await open();
    const leaves = subscribe(store);
    const stays = subscribe(store);
    await save(store, "payment", payment({ id: "before" }));
    await Promise.all([leaves.arrival("before"), stays.arrival("before")]);
    leaves.unsubscribe();
    await save(store, "payment", payment({ id: "after" }));
    await stays.arrival("after");
    expect(leaves.received.map(({ key }) => key)).toEqual(["before"]);
    expect(stays.received.map(({ key }) => key)).toEqual(["before", "after"]);
  });
}
