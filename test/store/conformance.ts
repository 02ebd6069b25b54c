import { describe, expect, onTestFinished, test } from "vitest";
import type { World } from "../../src/domain/world.ts";
import type { Store } from "../../src/store/store.ts";
import { credential, hkd, payment, refund, save, start, world } from "../support/records.ts";
import { describeCounts } from "./counts.ts";
import { describeCountsBy } from "./counts-by.ts";
import { describeAll, describeClear } from "./everything.ts";
import { example, get, kinds } from "./examples.ts";
import { describeLists } from "./lists.ts";
import { describePages } from "./pages.ts";
import { describeRaces } from "./races.ts";
import { describeRequests } from "./requests.ts";
import { describeSubscribers } from "./subscribers.ts";
import { describeTasks } from "./tasks.ts";
import { describeUnits } from "./units.ts";

/**
 * Tests the guarantees of `src/store/store.ts`.
 * @param open returns an empty store. The suite closes it.
 * @param keep returns an empty store for one test that only leaves records. The suite does not close it.
 */
export function describeStore(name: string, open: () => Promise<Store>, keep?: () => Promise<Store>): void {
  const opened = async (): Promise<Store> => {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  };
  const kept = keep ?? opened;
  describe(name, () => {
    describe("a record", () => describeRecords(kept));
    describe("a list", () => describeLists(kept));
    describe("a page", () => describePages(kept));
    describe("counts", () => describeCounts(kept));
    describe("counts by a member", () => describeCountsBy(kept));
    describe("all records", () => describeAll(kept));
    describe("the removal of everything", () => describeClear(kept));
    describe("the next task", () => describeTasks(kept));
    describe("a unit of work", () => describeUnits(opened));
    describe("a subscriber", () => describeSubscribers(opened));
    describe("concurrent units", () => describeRaces(opened));
    describe("requests in the log", () => describeRequests(opened));
  });
}

function describeRecords(open: () => Promise<Store>) {
  test.each(kinds)("of kind %s is read unchanged", async (kind) => {
    const store = await open();
    await save(store, kind, example(kind, "key-1"), example(kind, "key-2"));
    expect(await get(store, kind, "key-1")).toEqual(example(kind, "key-1"));
  });

  test.each(kinds)("of kind %s does not exist after its removal, and others do", async (kind) => {
    const store = await open();
    await save(store, kind, example(kind, "key-1"), example(kind, "key-2"));
    await store.atomically((unit) => unit.remove(kind, "key-1"));
    expect(await get(store, kind, "key-1")).toBeUndefined();
    expect(await get(store, kind, "key-2")).toEqual(example(kind, "key-2"));
  });

  test.each(kinds)("of kind %s that was never saved does not exist, and can be removed", async (kind) => {
    const store = await open();
    await store.atomically((unit) => unit.remove(kind, "key-1"));
    expect(await get(store, kind, "key-1")).toBeUndefined();
  });

  test.each(["__proto__", "constructor", "toString", "", "'; --"])("can have the key %j", async (key) => {
    const store = await open();
    expect(await get(store, "credential", key)).toBeUndefined();
    await save(store, "credential", credential({ kid: key }));
    expect(await get(store, "credential", key)).toEqual(credential({ kid: key }));
  });

  test.each([
    ["quotes and backslashes", `'one' "two" \\three \\u0041`],
    ["Chinese", "訂單一"],
    ["a character above U+FFFF", "\u{1f9e7}"],
    ["a lone surrogate", "\ud83e"],
    ["the character U+0000", "a\u0000b"],
    ["an empty text", ""],
  ])("keeps %s", async (_what, text) => {
    const store = await open();
    await save(store, "payment", payment({ merchantReference: text }));
    expect((await get(store, "payment", "payment-1"))?.merchantReference).toBe(text);
  });

  test("keeps amounts and times that need more than 32 bits", async () => {
    const store = await open();
    const large = payment({ amount: hkd(1e12), expireTime: Number.MAX_SAFE_INTEGER });
    await save(store, "payment", large);
    expect(await get(store, "payment", "payment-1")).toEqual(large);
  });

  test("replaces the record with its key completely", async () => {
    const store = await open();
    const { reason: _removed, ...captured } = payment({ status: "captured" });
    await save(store, "payment", payment({ scanTime: start }), captured);
    const read = await get(store, "payment", "payment-1");
    expect(read).toEqual(captured);
    expect(read).not.toHaveProperty("reason");
    expect(read).not.toHaveProperty("scanTime");
  });

  test("is independent of a record of another kind with the same key", async () => {
    const store = await open();
    await save(store, "payment", payment({ id: "same" }));
    await save(store, "refund", refund({ id: "same" }));
    await store.atomically((unit) => unit.remove("payment", "same"));
    expect(await get(store, "refund", "same")).toEqual(refund({ id: "same" }));
  });

  test("does not change with the object that was saved", async () => {
    const store = await open();
    const saved = world();
    await store.atomically(async (unit) => {
      await unit.save("world", saved);
      Reflect.set(saved, "merchantId", "other");
      Reflect.set(saved.settings, "merchantName", "other");
      expect(await unit.get("world", "world-1")).toEqual(world());
    });
    expect(await get(store, "world", "world-1")).toEqual(world());
  });

  test("does not change with the object that was read", async () => {
    const store = await open();
    await save(store, "world", world());
    await save(store, "credential", credential());
    const spoil = (read: World | undefined) => {
      expect(read).toEqual(world());
      if (read === undefined) return;
      Reflect.set(read, "merchantId", "other");
      Reflect.set(read.settings, "merchantName", "other");
      Reflect.deleteProperty(read, "clock");
    };
    await store.atomically(async (unit) => {
      spoil(await unit.get("world", "world-1"));
    });
    await store.atomically(async (unit) => {
      for (const read of await unit.list("world", { merchantId: "merchant-1" })) spoil(read);
    });
    await store.atomically(async (unit) => {
      for (const { record } of await unit.page("world", { merchantId: "merchant-1" }, { limit: 9 })) spoil(record);
    });
    await store.atomically(async (unit) => {
      for (const read of await unit.all("credential")) Reflect.set(read, "merchantId", "other");
    });
    expect(await get(store, "world", "world-1")).toEqual(world());
    expect(await get(store, "credential", "kid-1")).toEqual(credential());
  });
}
