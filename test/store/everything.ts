import { expect, test } from "vitest";
import { type Kind, keptKinds, type Store } from "../../src/store/store.ts";
import { credential, merchant, save, task } from "../support/records.ts";
import { byText, example, get, indexes, keyOf, kinds, listed, paged } from "./examples.ts";

const few = ["merchant", "credential", "replica", "session"] as const;
const isCleared = (kind: Kind) => !keptKinds.includes(kind);

export function describeAll(open: () => Promise<Store>): void {
  const keys = async (store: Store, kind: (typeof few)[number]) => {
    const records = await store.atomically((unit) => unit.all(kind));
    return records.map((record) => keyOf(kind, record)).toSorted();
  };

  test.each(few)("of kind %s do not exist at first", async (kind) => {
    expect(await keys(await open(), kind)).toEqual([]);
  });

  test.each(few)("of kind %s are the saved ones without the removed ones, each once", async (kind) => {
    const store = await open();
    for (const key of ["a", "b", "c", "a", "__proto__", ""]) await save(store, kind, example(kind, key));
    await store.atomically((unit) => unit.remove(kind, "b"));
    expect(await keys(store, kind)).toEqual(["", "__proto__", "a", "c"]);
  });

  test.each([
    ["merchant", merchant(), merchant({ hmacKeys: [] })],
    ["credential", credential(), credential({ publicKey: "another", scopes: [] })],
  ] as const)("of kind %s are complete and in their last saved version", async (kind, first, last) => {
    const store = await open();
    await save(store, kind, first, last);
    expect(await store.atomically((unit) => unit.all(kind))).toEqual([last]);
  });

  test("are of one kind, of every merchant", async () => {
    const store = await open();
    await save(store, "merchant", merchant({ merchantId: "same" }));
    await save(store, "credential", credential({ kid: "same" }), credential({ kid: "b", merchantId: "merchant-2" }));
    expect([await keys(store, "merchant"), await keys(store, "credential")]).toEqual([["same"], ["b", "same"]]);
  });

  test("include the writes of the unit", async () => {
    const store = await open();
    await save(store, "credential", credential({ kid: "a" }), credential({ kid: "b" }));
    const inside = await store.atomically(async (unit) => {
      await unit.remove("credential", "a");
      await unit.save("credential", credential({ kid: "c" }));
      return unit.all("credential");
    });
    expect(inside.map(({ kid }) => kid).toSorted()).toEqual(["b", "c"]);
  });
}

export function describeClear(open: () => Promise<Store>): void {
  /** A store with two records of each kind. The tasks have no lease, and belong to two worlds. */
  const opened = async (): Promise<Store> => {
    const store = await open();
    for (const kind of kinds) await save(store, kind, example(kind, "a"), example(kind, "b"));
    await save(store, "task", task({ id: "a" }), task({ id: "b", processingAccountId: "world-2" }));
    return store;
  };
  const clear = (store: Store) => store.atomically((unit) => unit.clear());

  test.each(kinds.filter(isCleared))("leaves no record of kind %s", async (kind) => {
    const store = await opened();
    await clear(store);
    expect([await get(store, kind, "a"), await get(store, kind, "b")]).toEqual([undefined, undefined]);
  });

  test.each(indexes)("leaves no list of kind $kind by $names, and no old order", async ({ kind, members }) => {
    const store = await open();
    const one = byText(members, "one");
    await save(store, kind, example(kind, "a", one), example(kind, "b", one));
    await clear(store);
    expect(await listed(store, kind, one)).toEqual([]);
    expect(await paged(store, kind, one, { limit: 9 })).toEqual([]);
    await save(store, kind, example(kind, "b", one), example(kind, "a", one));
    expect(await listed(store, kind, one)).toEqual(["b", "a"]);
    expect(await paged(store, kind, one, { limit: 9 })).toEqual(["a", "b"]);
  });

  test.each(keptKinds)("keeps each record of kind %s", async (kind) => {
    const store = await opened();
    await clear(store);
    expect([await get(store, kind, "a"), await get(store, kind, "b")]).toEqual([
      example(kind, "a"),
      example(kind, "b"),
    ]);
  });

  test.each(few.filter(isCleared))("leaves no record of kind %s to list", async (kind) => {
    const store = await opened();
    await clear(store);
    expect(await store.atomically((unit) => unit.all(kind))).toEqual([]);
  });

  test("leaves no task in any world", async () => {
    const store = await opened();
    await clear(store);
    const next = (id: string) => store.atomically((unit) => unit.nextTask(id));
    expect([await next("world-1"), await next("world-2")]).toEqual([undefined, undefined]);
    await save(store, "task", task({ id: "b" }));
    expect(await next("world-1")).toEqual(task({ id: "b" }));
  });

  test("keeps the later saves of the same unit, and none of the earlier ones", async () => {
    const store = await opened();
    await store.atomically(async (unit) => {
      await unit.save("merchant", merchant({ merchantId: "before" }));
      await unit.clear();
      expect(await unit.all("merchant")).toEqual([]);
      await unit.save("merchant", merchant({ merchantId: "after" }));
    });
    const found = await store.atomically((unit) => unit.all("merchant"));
    expect(found).toEqual([merchant({ merchantId: "after" })]);
  });

  test("does nothing in an empty store", async () => {
    const store = await open();
    await clear(store);
    await clear(store);
    await save(store, "merchant", merchant());
    expect(await get(store, "merchant", "merchant-1")).toEqual(merchant());
  });
}
