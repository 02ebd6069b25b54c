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

// Hearing may come after the unit's promise, so every test waits for a change, never for a time.

interface Subscriber {
  /** All that it has heard until now. */
  readonly heard: readonly Change[];
  /** Resolves when it has heard of that key. */
  hears(key: string): Promise<void>;
  unsubscribe(): void;
}

function subscribe(store: Store): Subscriber {
  const heard: Change[] = [];
  let waiting: (() => void)[] = [];
  const unsubscribe = store.subscribe((changes) => {
    if (changes !== "anything") heard.push(...changes);
    for (const look of waiting) look();
  });
  const hears = (key: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (heard.some((change) => change.key === key)) resolve();
      };
      waiting = [...waiting, look];
      look();
    });
  return { heard, hears, unsubscribe };
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
  test.each(changed)("hears that a $kind was saved", async ({ record, ...change }) => {
    const store = await open();
    const { heard, hears } = subscribe(store);
    await save(store, change.kind, record);
    await hears(change.key);
    expect(heard).toEqual([change]);
  });

  test.each(changed)("hears that a $kind was removed", async ({ record, ...change }) => {
    const store = await open();
    const before = subscribe(store);
    await save(store, change.kind, record);
    await before.hears(change.key);
    const { heard, hears } = subscribe(store);
    await store.atomically((unit) => unit.remove(change.kind, change.key));
    await hears(change.key);
    expect(heard).toEqual([change]);
  });

  test("hears of each record that was removed with everything", async () => {
    const store = await open();
    const before = subscribe(store);
    for (const { kind, record } of changed) await save(store, kind, record);
    await Promise.all(changed.map(({ key }) => before.hears(key)));
    const { heard, hears } = subscribe(store);
    await store.atomically((unit) => unit.clear());
    await Promise.all(changed.map(({ key }) => hears(key)));
    const removals = changed.map(({ record: _gone, ...change }) => change);
    const byKind = (a: Change, b: Change) => a.kind.localeCompare(b.kind);
    expect(heard.toSorted(byKind)).toEqual(removals.toSorted(byKind));
  });

  test("hears of every record of a unit", async () => {
    const store = await open();
    const { heard, hears } = subscribe(store);
    await save(store, "payment", payment({ id: "a" }), payment({ id: "b" }), payment({ id: "c" }));
    await Promise.all(["a", "b", "c"].map(hears));
    expect(heard.map(({ key }) => key).toSorted()).toEqual(["a", "b", "c"]);
  });

  test("hears nothing before the commit", async () => {
    const store = await open();
    const { heard, hears } = subscribe(store);
    const heardInside = await store.atomically(async (unit) => {
      await unit.save("payment", payment());
      await nextTurn();
      return heard.length;
    });
    await hears("payment-1");
    expect(heardInside).toBe(0);
  });

  test("can read what it hears of", async () => {
    const store = await open();
    const read = new Promise((resolve) => {
      store.subscribe(() => resolve(store.atomically((unit) => unit.get("payment", "payment-1"))));
    });
    await save(store, "payment", payment());
    expect(await read).toEqual(payment());
  });

  test("never hears of a unit that failed", async () => {
    const store = await open();
    const { heard, hears } = subscribe(store);
    await save(store, "payment", payment({ id: "kept" }));
    await hears("kept");
    const failing = store.atomically(async (unit) => {
      await unit.save("payment", payment({ id: "lost" }));
      await unit.remove("payment", "kept");
      await unit.clear();
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    await save(store, "payment", payment({ id: "after" }));
    await hears("after");
    expect(heard.map(({ key }) => key)).toEqual(["kept", "after"]);
  });

  test("hears nothing of reads, nor of the removal of what is not there", async () => {
    const store = await open();
    const { heard, hears } = subscribe(store);
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
    await hears("after");
    expect(heard.map(({ key }) => key)).toEqual(["after"]);
  });

  test("hears nothing any more when it has unsubscribed, and others still do", async () => {
    const store = await open();
    const leaves = subscribe(store);
    const stays = subscribe(store);
    await save(store, "payment", payment({ id: "before" }));
    await Promise.all([leaves.hears("before"), stays.hears("before")]);
    leaves.unsubscribe();
    await save(store, "payment", payment({ id: "after" }));
    await stays.hears("after");
    expect(leaves.heard.map(({ key }) => key)).toEqual(["before"]);
    expect(stays.heard.map(({ key }) => key)).toEqual(["before", "after"]);
  });
}
