import { describe, expect, onTestFinished, test } from "vitest";
import type { World } from "../../src/domain/world.ts";
import { type Kind, type Records, type Store, tables } from "../../src/store/store.ts";
import {
  credential,
  entry,
  hkd,
  merchant,
  notification,
  payment,
  refund,
  save,
  start,
  task,
  world,
} from "../support/records.ts";
import { describeRaces } from "./races.ts";
import { describeSubscribers } from "./subscribers.ts";
import { describeTasks } from "./tasks.ts";
import { describeUnits } from "./units.ts";

/**
 * Tests a store's promises as they stand in `src/store/store.ts`.
 * @param open gives an empty store; the suite closes it.
 */
export function describeStore(name: string, open: () => Promise<Store>): void {
  const opened = async (): Promise<Store> => {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  };
  describe(name, () => {
    describe("a record", () => describeRecords(opened));
    describe("a list", () => describeLists(opened));
    describe("the next task", () => describeTasks(opened));
    describe("a unit of work", () => describeUnits(opened));
    describe("a subscriber", () => describeSubscribers(opened));
    describe("units at the same time", () => describeRaces(opened));
  });
}

const examples: Records = {
  merchant: merchant(),
  credential: credential(),
  world: world(),
  payment: payment(),
  refund: refund(),
  entry: entry({ refundId: "refund-1" }),
  notification: notification({
    attempts: [
      {
        startedAt: start,
        url: "https://merchant.example/hook",
        requestHeaders: [
          ["X-Signature", "first line"],
          ["X-Signature", "second line"],
        ],
        answer: { status: 500, body: "<h1>Oh</h1>" },
        durationMs: 12,
      },
    ],
  }),
  task: task({ lease: "lease-1" }),
};
const kinds = Object.keys(tables) as Kind[];
const indexes = kinds.flatMap((kind) => tables[kind].indexes.map((member) => ({ kind, member })));

/** The example of its kind under another key. */
function example(kind: Kind, key: string, members: object = {}): Records[Kind] {
  return { ...examples[kind], ...members, [tables[kind].key]: key };
}

function get<K extends Kind>(store: Store, kind: K, key: string): Promise<Records[K] | undefined> {
  return store.atomically((unit) => unit.get(kind, key));
}

function describeRecords(open: () => Promise<Store>) {
  test.each(kinds)("of kind %s is read as it was saved", async (kind) => {
    const store = await open();
    await save(store, kind, example(kind, "key-1"), example(kind, "key-2"));
    expect(await get(store, kind, "key-1")).toEqual(example(kind, "key-1"));
  });

  test.each(kinds)("of kind %s is gone when it was removed, and no other is", async (kind) => {
    const store = await open();
    await save(store, kind, example(kind, "key-1"), example(kind, "key-2"));
    await store.atomically((unit) => unit.remove(kind, "key-1"));
    expect(await get(store, kind, "key-1")).toBeUndefined();
    expect(await get(store, kind, "key-2")).toEqual(example(kind, "key-2"));
  });

  test.each(kinds)("of kind %s that was never saved is not there, and can be removed", async (kind) => {
    const store = await open();
    await store.atomically((unit) => unit.remove(kind, "key-1"));
    expect(await get(store, kind, "key-1")).toBeUndefined();
  });

  test.each(["__proto__", "constructor", "toString", "", "'; --"])(
    "under the key %j is one like others",
    async (key) => {
      const store = await open();
      expect(await get(store, "credential", key)).toBeUndefined();
      await save(store, "credential", credential({ kid: key }));
      expect(await get(store, "credential", key)).toEqual(credential({ kid: key }));
    },
  );

  test.each([
    ["quotes and backslashes", `'one' "two" \\three \\u0041`],
    ["Chinese", "訂單一"],
    ["a character beyond 16 bits", "\u{1f9e7}"],
    ["half of such a character", "\ud83e"],
    ["the character zero", "a\u0000b"],
    ["nothing", ""],
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

  test("takes the place of the one before it, and nothing of that one remains", async () => {
    const store = await open();
    const { reason: _gone, ...captured } = payment({ status: "captured" });
    await save(store, "payment", payment({ scanTime: start }), captured);
    const read = await get(store, "payment", "payment-1");
    expect(read).toEqual(captured);
    expect(read).not.toHaveProperty("reason");
    expect(read).not.toHaveProperty("scanTime");
  });

  test("shares its key with no record of another kind", async () => {
    const store = await open();
    await save(store, "payment", payment({ id: "same" }));
    await save(store, "refund", refund({ id: "same" }));
    await store.atomically((unit) => unit.remove("payment", "same"));
    expect(await get(store, "refund", "same")).toEqual(refund({ id: "same" }));
  });

  test("does not follow what becomes of the object that was saved, which stays the caller's", async () => {
    const store = await open();
    const saved = world();
    await store.atomically(async (unit) => {
      await unit.save("world", saved);
      expect(Reflect.set(saved, "merchantId", "other")).toBe(true);
      expect(Reflect.set(saved.settings, "merchantName", "other")).toBe(true);
      expect(await unit.get("world", "world-1")).toEqual(world());
    });
    expect(await get(store, "world", "world-1")).toEqual(world());
  });

  test("does not follow what becomes of the object that was read", async () => {
    const store = await open();
    await save(store, "world", world());
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
    expect(await get(store, "world", "world-1")).toEqual(world());
  });
}

function describeLists(open: () => Promise<Store>) {
  const listed = async (store: Store, kind: Kind, by: object): Promise<unknown[]> => {
    const records = await store.atomically((unit) => unit.list(kind, by));
    return records.map((record) => Reflect.get(record, tables[kind].key));
  };

  test.each(indexes)("of kind $kind by $member has all with that member, and no other", async ({ kind, member }) => {
    const store = await open();
    const [one, two] = [{ [member]: "one" }, { [member]: "two" }];
    await save(store, kind, example(kind, "a", one), example(kind, "b", two), example(kind, "c", one));
    expect(await listed(store, kind, one)).toEqual(["a", "c"]);
    expect(await listed(store, kind, two)).toEqual(["b"]);
    expect(await listed(store, kind, { [member]: "three" })).toEqual([]);
    expect(await listed(store, kind, { [member]: "__proto__" })).toEqual([]);
  });

  test.each(indexes)("of kind $kind by $member has whole records", async ({ kind, member }) => {
    const store = await open();
    const record = example(kind, "a", { [member]: "one" });
    await save(store, kind, record);
    expect(await store.atomically((unit) => unit.list(kind, { [member]: "one" }))).toEqual([record]);
  });

  test.each(indexes)("of kind $kind by $member goes by the first save, not by later ones", async ({ kind, member }) => {
    const store = await open();
    const one = { [member]: "one" };
    for (const key of ["c", "a", "b", "a", "c"]) await save(store, kind, example(kind, key, one));
    await save(store, kind, example(kind, "c", one), example(kind, "c", one));
    expect(await listed(store, kind, one)).toEqual(["c", "a", "b"]);
  });

  test.each(indexes)("of kind $kind by $member follows a record that changes the member", async ({ kind, member }) => {
    const store = await open();
    const [one, two] = [{ [member]: "one" }, { [member]: "two" }];
    await save(store, kind, example(kind, "a", one), example(kind, "b", two), example(kind, "c", two));
    await save(store, kind, example(kind, "a", two));
    expect(await listed(store, kind, one)).toEqual([]);
    expect(await listed(store, kind, two)).toEqual(["a", "b", "c"]);
  });

  test.each(indexes)("of kind $kind by $member has nothing that was removed", async ({ kind, member }) => {
    const store = await open();
    const one = { [member]: "one" };
    await save(store, kind, example(kind, "a", one), example(kind, "b", one), example(kind, "c", one));
    await store.atomically((unit) => unit.remove(kind, "b"));
    expect(await listed(store, kind, one)).toEqual(["a", "c"]);
  });

  test("keeps its order when it is long", async () => {
    const store = await open();
    const ids = Array.from({ length: 120 }, (_, index) => `payment-${(index * 7) % 120}`);
    await save(store, "payment", ...ids.map((id) => payment({ id })));
    expect(await listed(store, "payment", { processingAccountId: "world-1" })).toEqual(ids);
  });
}
