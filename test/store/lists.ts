import { expect, test } from "vitest";
import type { By, Kind, Store } from "../../src/store/store.ts";
import { payment, save, takeTasks, task } from "../support/records.ts";
import { byText, byTexts, example, indexes, listed, paged } from "./examples.ts";

/** Texts that a store could confuse with each other or with other values. */
const texts = [
  ...["", " ", "a", "a ", " a", "a b", "A", "ab", "abc", "a\u0000", "a\n", "é", "e\u0301", "\ud83e", "\\ud83e"],
  ...["'a'", '"a"', "`a`", "a'", 'a"', "\\", "a\\", "%", "a%", "_", "*", "a*", "'; --"],
  ...["null", "undefined", "true", "0", "00", "0.0", "[]", '["a"]', "{}", "__proto__", "constructor", "toString"],
];

/** Texts for two members whose joined texts could be the same. */
const pairs = [
  ...[" ", ",", ", ", ":", "/", "|", "-", "\u0000", "\n", '"', "','", '","', '", "', "\\", '\\"', "&b=", "a"].flatMap(
    (between) => [
      ["a", `b${between}c`],
      [`a${between}b`, "c"],
    ],
  ),
  ...["", "a", "ab", "abc"].flatMap((text) => [
    [text, "abc".slice(text.length)],
    ["abc".slice(text.length), text],
  ]),
  ...["a", "a%", "%", "_", "null", "a b"].map((text) => ["a b", text]),
];
const distinctPairs = [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).entries()];

const neighbours = indexes.flatMap(({ kind, members }) =>
  members.slice(1).map((second, index) => ({ kind, members, first: members[index], second })),
);
const together = indexes.filter(({ members }) => members.length > 1);

export function describeLists(open: () => Promise<Store>): void {
  test.each(indexes)("of kind $kind by $names has exactly the matching records", async ({ kind, members }) => {
    const store = await open();
    const [one, two] = [byText(members, "one"), byText(members, "two")];
    await save(store, kind, example(kind, "a", one), example(kind, "b", two), example(kind, "c", one));
    expect(await listed(store, kind, one)).toEqual(["a", "c"]);
    expect(await listed(store, kind, two)).toEqual(["b"]);
    expect(await listed(store, kind, byText(members, "three"))).toEqual([]);
    expect(await listed(store, kind, byText(members, "__proto__"))).toEqual([]);
  });

  test.each(indexes)("of kind $kind by $names has complete records", async ({ kind, members }) => {
    const store = await open();
    const record = example(kind, "a", byText(members, "one"));
    await save(store, kind, record);
    expect(await store.atomically((unit) => unit.list(kind, byText(members, "one")))).toEqual([record]);
  });

  test.each(indexes)("of kind $kind by $names has the order of the first saves", async ({ kind, members }) => {
    const store = await open();
    const one = byText(members, "one");
    for (const key of ["c", "a", "b", "a", "c"]) await save(store, kind, example(kind, key, one));
    await save(store, kind, example(kind, "c", one), example(kind, "c", one));
    expect(await listed(store, kind, one)).toEqual(["c", "a", "b"]);
  });

  test.each(indexes)("of kind $kind by $names begins with the record that is read alone", async ({ kind, members }) => {
    const store = await open();
    const [one, two] = [byText(members, "one"), byText(members, "two")];
    const first = (by: By<Kind>) => store.atomically((unit) => unit.first(kind, by));
    expect(await first(one)).toBeUndefined();
    await save(store, kind, example(kind, "d", two), example(kind, "c", one), example(kind, "a", one));
    await save(store, kind, example(kind, "c", one), example(kind, "b", one));
    expect(await first(one)).toEqual(example(kind, "c", one));
    await save(store, kind, example(kind, "c", two));
    expect(await first(one)).toEqual(example(kind, "a", one));
    expect(await first(two)).toEqual(example(kind, "d", two));
  });

  test.each(indexes)("of kind $kind by $names is updated when a record changes", async ({ kind, members }) => {
    const store = await open();
    const [one, two] = [byText(members, "one"), byText(members, "two")];
    await save(store, kind, example(kind, "a", one), example(kind, "b", two), example(kind, "c", two));
    await save(store, kind, example(kind, "a", two));
    expect(await listed(store, kind, one)).toEqual([]);
    expect(await listed(store, kind, two)).toEqual(["a", "b", "c"]);
  });

  test.each(indexes)("of kind $kind by $names has no removed record", async ({ kind, members }) => {
    const store = await open();
    const one = byText(members, "one");
    await save(store, kind, example(kind, "a", one), example(kind, "b", one), example(kind, "c", one));
    await store.atomically((unit) => unit.remove(kind, "b"));
    expect(await listed(store, kind, one)).toEqual(["a", "c"]);
  });

  test.each(indexes)("of kind $kind by $names does not confuse texts", async ({ kind, members }) => {
    const store = await open();
    await save(store, kind, ...texts.map((text) => example(kind, `<${text}>`, byText(members, text))));
    for (const text of texts) {
      expect(await listed(store, kind, byText(members, text))).toEqual([`<${text}>`]);
      expect(await paged(store, kind, byText(members, text), { limit: 9 })).toEqual([`<${text}>`]);
    }
  });

  test.each(together)("of kind $kind by $names compares all members", async ({ kind, members }) => {
    const store = await open();
    const same = byText(members, "one");
    const others = members.map((member) => ({ member, by: { ...same, [member]: "two" } }));
    await save(store, kind, ...others.map(({ member, by }) => example(kind, member, by)), example(kind, "same", same));
    expect(await listed(store, kind, same)).toEqual(["same"]);
    for (const { member, by } of others) expect(await listed(store, kind, by)).toEqual([member]);
  });

  test.each(together)("of kind $kind by $names notices a change of any member", async ({ kind, members }) => {
    const store = await open();
    const one = byText(members, "one");
    for (const member of members) {
      await save(store, kind, example(kind, "a", one));
      await save(store, kind, example(kind, "a", { ...one, [member]: "two" }));
      expect(await listed(store, kind, one)).toEqual([]);
      expect(await listed(store, kind, { ...one, [member]: "two" })).toEqual(["a"]);
    }
  });

  test.each(together)("of kind $kind by $names accepts the members in any order", async ({ kind, members }) => {
    const store = await open();
    const numbered = members.map((_member, index) => `${index}`);
    await save(store, kind, example(kind, "a", byTexts(members, numbered)));
    const turned = byTexts(members.toReversed(), numbered.toReversed());
    expect(await listed(store, kind, turned)).toEqual(["a"]);
    expect(await paged(store, kind, turned, { limit: 1 })).toEqual(["a"]);
  });

  test.each(neighbours)("of kind $kind separates $first from $second", async ({ kind, members, first, second }) => {
    const store = await open();
    const by = ([one, two]: readonly (string | undefined)[]) =>
      byTexts(
        members,
        members.map((member) => (member === first ? one : member === second ? two : "the same") ?? ""),
      );
    await save(store, kind, ...distinctPairs.map(([key, pair]) => example(kind, key, by(pair))));
    for (const [key, pair] of distinctPairs) {
      expect(await listed(store, kind, by(pair))).toEqual([key]);
      expect(await paged(store, kind, by(pair), { limit: 9 })).toEqual([key]);
    }
  });

  test("keeps its order if it is long", async () => {
    const store = await open();
    const ids = Array.from({ length: 120 }, (_, index) => `payment-${(index * 7) % 120}`);
    await save(store, "payment", ...ids.map((id) => payment({ id })));
    expect(await listed(store, "payment", { processingAccountId: "world-1" })).toEqual(ids);
    expect(await listed(store, "payment", { processingAccountId: "world-1", status: "pending" })).toEqual(ids);
  });

  const { paymentId: _none, ...withoutPayment } = task({ id: "without" });

  test("by a member has no record without it, but lists by other members have", async () => {
    const store = await open();
    await save(store, "task", withoutPayment, task({ id: "undefined", paymentId: undefined }), task({ id: "with" }));
    expect(await listed(store, "task", { paymentId: "payment-1" })).toEqual(["with"]);
    for (const paymentId of ["undefined", "null", ""]) expect(await listed(store, "task", { paymentId })).toEqual([]);
    expect(await listed(store, "task", { processingAccountId: "world-1" })).toEqual(["without", "undefined", "with"]);
    expect(await takeTasks(store)).toEqual(["without", "undefined", "with"]);
  });

  test("by a member is updated when a record gets it, loses it and is removed", async () => {
    const store = await open();
    const byPayment = () => listed(store, "task", { paymentId: "payment-1" });
    await save(store, "task", withoutPayment, task({ id: "with" }), task({ id: "without" }));
    expect(await byPayment()).toEqual(["without", "with"]);
    await save(store, "task", withoutPayment);
    expect(await byPayment()).toEqual(["with"]);
    await store.atomically((unit) => unit.remove("task", "without"));
    expect(await byPayment()).toEqual(["with"]);
    expect(await listed(store, "task", { processingAccountId: "world-1" })).toEqual(["with"]);
  });
}
