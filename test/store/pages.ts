import { expect, test } from "vitest";
import type { By, Kind, Records, SequencedRecord, Store, UnitOfWork } from "../../src/store/store.ts";
import { payment, save } from "../support/records.ts";
import { byText, example, indexes, keyOf, paged } from "./examples.ts";

type Rows = readonly SequencedRecord<Records[Kind]>[];

const ids = ["a", "b", "c", "d", "e", "f"];
const newestFirst = ids.toReversed();
const inWorld: By<"payment"> = { processingAccountId: "world-1" };
const elsewhere = { processingAccountId: "world-2", merchantId: "merchant-2" };

function read(store: Store, kind: Kind, by: By<Kind>, before?: number): Promise<Rows> {
  return store.atomically((unit) => unit.page(kind, by, { limit: 99, before }));
}

/** Reads all pages of payments. Calls `between` after the first page. */
async function walk(
  store: Store,
  limit: number,
  by: By<"payment"> = inWorld,
  afterTheFirst: (store: Store) => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  const found: string[] = [];
  let before: number | undefined;
  for (let pages = 1; pages <= 100; pages += 1) {
    const rows = await store.atomically((unit) => unit.page("payment", by, { limit, before }));
    found.push(...rows.map(({ record }) => record.id));
    before = rows.at(-1)?.sequence;
    if (rows.length < limit) return found;
    if (pages === 1) await afterTheFirst(store);
  }
  throw new Error(`there is always another page: ${found.join(", ")}`);
}

/** Saves payments of a world, alternating with those of another world and merchant. */
async function prepare(store: Store): Promise<void> {
  for (const id of ids) await save(store, "payment", payment({ id }), payment({ id: `other-${id}`, ...elsewhere }));
}

function within(work: (unit: UnitOfWork) => Promise<unknown>): (store: Store) => Promise<unknown> {
  return (store) => store.atomically(work);
}

function failing(work: (unit: UnitOfWork) => Promise<unknown>): (store: Store) => Promise<unknown> {
  const refused = (store: Store) =>
    store.atomically(async (unit) => {
      await work(unit);
      throw new Error("the work failed");
    });
  return (store) => expect(refused(store)).rejects.toThrow("the work failed");
}

// The first page has the records f and e.
const between: readonly (readonly [what: string, does: (store: Store) => Promise<unknown>, read: string])[] = [
  ["a record is added", (store) => save(store, "payment", payment({ id: "new" })), "fedcba"],
  [
    "more records than one page are added",
    (store) => save(store, "payment", ...["g", "h", "i", "j"].map((id) => payment({ id }))),
    "fedcba",
  ],
  ["a read record is saved again", (store) => save(store, "payment", payment({ id: "f" })), "fedcba"],
  ["the last read record is saved again", (store) => save(store, "payment", payment({ id: "e" })), "fedcba"],
  ["an unread record is saved again", (store) => save(store, "payment", payment({ id: "a" })), "fedcba"],
  ["an unread record changes", (store) => save(store, "payment", payment({ id: "d", status: "captured" })), "fedcba"],
  ["a read record is removed", within((unit) => unit.remove("payment", "f")), "fedcba"],
  ["the last read record is removed", within((unit) => unit.remove("payment", "e")), "fedcba"],
  ["an unread record is removed", within((unit) => unit.remove("payment", "d")), "fecba"],
  [
    "the last read record moves to another world",
    (store) => save(store, "payment", example("payment", "e", elsewhere)),
    "fedcba",
  ],
  [
    "an unread record moves to another world",
    (store) => save(store, "payment", example("payment", "d", elsewhere)),
    "fecba",
  ],
  [
    "a record moves from another world",
    (store) => save(store, "payment", payment({ id: "other-c" })),
    "fed(other-c)cba",
  ],
  [
    "an unread record is removed and saved again",
    within(async (unit) => {
      await unit.remove("payment", "d");
      await unit.save("payment", payment({ id: "d" }));
    }),
    "fecba",
  ],
  ["everything is removed", within((unit) => unit.clear()), "fe"],
  ["a unit that adds a record fails", failing((unit) => unit.save("payment", payment({ id: "new" }))), "fedcba"],
  ["a unit that removes a record fails", failing((unit) => unit.remove("payment", "d")), "fedcba"],
  [
    "a unit that removes a record and saves it again fails",
    failing(async (unit) => {
      await unit.remove("payment", "d");
      await unit.save("payment", payment({ id: "d" }));
    }),
    "fedcba",
  ],
  ["a unit that removes everything fails", failing((unit) => unit.clear()), "fedcba"],
];

export function describePages(open: () => Promise<Store>): void {
  test.each(indexes)("of kind $kind by $names has complete records, newest first", async ({ kind, members }) => {
    const store = await open();
    const [one, two] = [byText(members, "one"), byText(members, "two")];
    const records = ["a", "b", "c"].map((key) => example(kind, key, key === "b" ? two : one));
    await save(store, kind, ...records);
    const rows = await read(store, kind, one);
    expect(rows.map(({ record }) => record)).toEqual([records[2], records[0]]);
    expect(await paged(store, kind, two, { limit: 99 })).toEqual(["b"]);
    expect(await read(store, kind, byText(members, "three"))).toEqual([]);
  });

  test.each(indexes)("of kind $kind by $names ends at its limit and starts after a sequence", async (of) => {
    const store = await open();
    const one = byText(of.members, "one");
    await save(store, of.kind, ...ids.map((key) => example(of.kind, key, one)));
    const rows = await read(store, of.kind, one);
    expect(await paged(store, of.kind, one, { limit: 2 })).toEqual(["f", "e"]);
    for (const [index, { sequence }] of rows.entries()) {
      expect(await read(store, of.kind, one, sequence)).toEqual(rows.slice(index + 1));
      const [next] = newestFirst.slice(index + 1);
      expect(await paged(store, of.kind, one, { limit: 1, before: sequence })).toEqual(
        next === undefined ? [] : [next],
      );
    }
  });

  test.each(indexes)("of kind $kind by $names keeps the sequence of a record when it changes", async (of) => {
    const { kind, members } = of;
    const store = await open();
    const [one, two] = [byText(members, "one"), byText(members, "two")];
    await save(store, kind, ...["a", "b", "c"].map((key) => example(kind, key, one)), example(kind, "d", two));
    const places = async (by: By<Kind>) =>
      (await read(store, kind, by)).map(({ record, sequence }) => [keyOf(kind, record), sequence]);
    const [c, b, a] = await places(one);
    const [d] = await places(two);
    await save(store, kind, example(kind, "a", one), example(kind, "b", two));
    expect([await places(one), await places(two)]).toEqual([
      [c, a],
      [d, b],
    ]);
    await save(store, kind, example(kind, "b", one));
    expect([await places(one), await places(two)]).toEqual([[c, b, a], [d]]);
  });

  test.each(indexes)(
    "of kind $kind by $names has no removed record, and a new sequence after another save",
    async (of) => {
      const { kind, members } = of;
      const store = await open();
      const one = byText(members, "one");
      await save(store, kind, ...["a", "b", "c"].map((key) => example(kind, key, one)));
      await store.atomically((unit) => unit.remove(kind, "b"));
      expect(await paged(store, kind, one, { limit: 99 })).toEqual(["c", "a"]);
      await save(store, kind, example(kind, "b", one));
      expect(await paged(store, kind, one, { limit: 99 })).toEqual(["b", "c", "a"]);
    },
  );

  test.each([1, 2, 3, 5, 6, 7, 100])("of at most %i together have each record once", async (limit) => {
    const store = await open();
    await prepare(store);
    expect(await walk(store, limit)).toEqual(newestFirst);
    expect(await walk(store, limit, { merchantId: "merchant-1" })).toEqual(newestFirst);
    expect(await walk(store, limit, { merchantId: "merchant-2" })).toEqual(newestFirst.map((id) => `other-${id}`));
  });

  test.each(between)("skips and repeats no record if, after the first page, %s", async (_what, does, expected) => {
    const store = await open();
    await prepare(store);
    const found = await walk(store, 2, inWorld, does);
    expect(found.map((id) => (id.length === 1 ? id : `(${id})`)).join("")).toBe(expected);
  });

  test("is empty without records and with a limit of zero", async () => {
    const store = await open();
    expect(await read(store, "payment", inWorld)).toEqual([]);
    await prepare(store);
    expect(await store.atomically((unit) => unit.page("payment", inWorld, { limit: 0 }))).toEqual([]);
  });

  test("has the same sequence of a record for each index", async () => {
    const store = await open();
    await prepare(store);
    const byWorld = await read(store, "payment", inWorld);
    const others: By<"payment">[] = [
      { merchantId: "merchant-1" },
      { merchantId: "merchant-1", status: "pending" },
      { processingAccountId: "world-1", merchantReference: "order 1" },
    ];
    for (const by of others) expect(await read(store, "payment", by)).toEqual(byWorld);
  });

  test("can start after the sequence of a record that is not in the list", async () => {
    const store = await open();
    await prepare(store);
    const [, second] = await read(store, "payment", { processingAccountId: "world-2" });
    const rows = await read(store, "payment", inWorld, second?.sequence);
    expect(rows.map(({ record }) => keyOf("payment", record))).toEqual(["e", "d", "c", "b", "a"]);
  });

  test("includes the writes of its unit", async () => {
    const store = await open();
    await prepare(store);
    const [inside, without] = await store.atomically(async (unit) => {
      await unit.save("payment", payment({ id: "new" }));
      await unit.remove("payment", "f");
      const rows = await unit.page("payment", inWorld, { limit: 3 });
      await unit.remove("payment", "new");
      return [rows, await unit.page("payment", inWorld, { limit: 1 })];
    });
    expect(inside?.map(({ record }) => record.id)).toEqual(["new", "e", "d"]);
    expect(without?.map(({ record }) => record.id)).toEqual(["e"]);
  });

  test("keeps its order if the list is long", async () => {
    const store = await open();
    const many = Array.from({ length: 120 }, (_, index) => `payment-${(index * 7) % 120}`);
    await save(store, "payment", ...many.map((id) => payment({ id })));
    expect(await walk(store, 11)).toEqual(many.toReversed());
  });
}
