import { expect, test } from "vitest";
import { type Kind, keptKinds, type Store } from "../../src/store/store.ts";
import { credential, merchant, save, task } from "../support/records.ts";
import { byText, example, get, indexes, keyOf, kinds, listed, paged } from "./examples.ts";

const few = ["merchant", "credential", "replica", "session"] as const;
const goes = (kind: Kind) => !keptKinds.includes(kind);

export function describeAll(open: () => Promise<Store>): void {
  const keys = async (store: Store, kind: (typeof few)[number]) => {
    const records = await store.atomically((unit) => unit.all(kind));
    return records.map((record) => keyOf(kind, record)).toSorted();
  };

  test.each(few)("of kind %s are none at first", async (kind) => {
    expect(await keys(await open(), kind)).toEqual([]);
  });

  test.each(few)("of kind %s are those that were saved and not removed, each once", async (kind) => {
    const store = await open();
    for (const key of ["a", "b", "c", "a", "__proto__", ""]) await save(store, kind, example(kind, key));
    await store.atomically((unit) => unit.remove(kind, "b"));
    expect(await keys(store, kind)).toEqual(["", "__proto__", "a", "c"]);
  });

  test.each([
    ["merchant", merchant(), merchant({ hmacKeys: [] })],
    ["credential", credential(), credential({ publicKey: "another", scopes: [] })],
  ] as const)("of kind %s are whole, and as they were saved last", async (kind, first, last) => {
    const store = await open();
    await save(store, kind, first, last);
    expect(await store.atomically((unit) => unit.all(kind))).toEqual([last]);
  });

  test("are of one kind, whoever's they are", async () => {
    const store = await open();
    await save(store, "merchant", merchant({ merchantId: "same" }));
    await save(store, "credential", credential({ kid: "same" }), credential({ kid: "b", merchantId: "merchant-2" }));
    expect([await keys(store, "merchant"), await keys(store, "credential")]).toEqual([["same"], ["b", "same"]]);
  });

  test("are those that their unit has written", async () => {
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
  /** Two records of each kind; the tasks are free, and of two worlds. */
  const opened = async (): Promise<Store> => {
    const store = await open();
    for (const kind of kinds) await save(store, kind, example(kind, "a"), example(kind, "b"));
    await save(store, "task", task({ id: "a" }), task({ id: "b", processingAccountId: "world-2" }));
    return store;
  };
  const clear = (store: Store) => store.atomically((unit) => unit.clear());

  test.each(kinds.filter(goes))("leaves no record of kind %s", async (kind) => {
    const store = await opened();
    await clear(store);
    expect([await get(store, kind, "a"), await get(store, kind, "b")]).toEqual([undefined, undefined]);
  });

  test.each(indexes)("leaves no list of kind $kind by $names, and nothing in its way", async ({ kind, members }) => {
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

  test.each(keptKinds)("leaves each record of kind %s, which is kept", async (kind) => {
    const store = await opened();
    await clear(store);
    expect([await get(store, kind, "a"), await get(store, kind, "b")]).toEqual([
      example(kind, "a"),
      example(kind, "b"),
    ]);
  });

  test.each(few.filter(goes))("leaves nothing of all of kind %s", async (kind) => {
    const store = await opened();
    await clear(store);
    expect(await store.atomically((unit) => unit.all(kind))).toEqual([]);
  });

  test("leaves no task to do, in any world", async () => {
    const store = await opened();
    await clear(store);
    const next = (id: string) => store.atomically((unit) => unit.nextTask(id));
    expect([await next("world-1"), await next("world-2")]).toEqual([undefined, undefined]);
    await save(store, "task", task({ id: "b" }));
    expect(await next("world-1")).toEqual(task({ id: "b" }));
  });

  test("keeps what the same unit saves afterwards, and nothing that it saved before", async () => {
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

  test("does nothing to a store that is empty", async () => {
    const store = await open();
    await clear(store);
    await clear(store);
    await save(store, "merchant", merchant());
    expect(await get(store, "merchant", "merchant-1")).toEqual(merchant());
  });
}
