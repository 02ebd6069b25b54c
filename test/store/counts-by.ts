import { expect, test } from "vitest";
import type { By, Store } from "../../src/store/store.ts";
import { payment, save } from "../support/records.ts";
import { byTexts, example, indexes } from "./examples.ts";

const together = indexes.filter(({ members }) => members.length > 1);
const inWorld: By<"payment"> = { processingAccountId: "world-1" };

async function statusesIn(store: Store): Promise<object> {
  return Object.fromEntries(await store.atomically((unit) => unit.countsBy("payment", inWorld, "status")));
}

export function describeCountsBy(open: () => Promise<Store>): void {
  test.each(together)("of kind $kind by $names are of the last member, among those with the others", async (index) => {
    const { kind, members } = index;
    const store = await open();
    const texts = (first: string, last: string) =>
      byTexts(
        members,
        members.map((_member, place) => (place === members.length - 1 ? last : first)),
      );
    await save(store, kind, example(kind, "a", texts("one", "x")), example(kind, "b", texts("one", "y")));
    await save(store, kind, example(kind, "c", texts("one", "x")), example(kind, "d", texts("two", "x")));
    const counted = async (text: string) => {
      const by = byTexts(members.slice(0, -1), Array(members.length - 1).fill(text));
      return Object.fromEntries(await store.atomically((unit) => unit.countsBy(kind, by, members.at(-1) as never)));
    };
    expect(await counted("one")).toEqual({ x: 2, y: 1 });
    expect(await counted("two")).toEqual({ x: 1 });
    expect(await counted("three")).toEqual({});
  });

  test("follow records that are added, change and are removed", async () => {
    const store = await open();
    const ids = Array.from({ length: 20 }, (_, index) => `payment-${index}`);
    await save(store, "payment", ...ids.map((id) => payment({ id })));
    await save(store, "payment", ...ids.slice(0, 5).map((id) => payment({ id, status: "captured" })));
    expect(await statusesIn(store)).toEqual({ pending: 15, captured: 5 });
    await store.atomically(async (unit) => {
      for (const id of ids.slice(0, 18)) await unit.remove("payment", id);
    });
    expect(await statusesIn(store)).toEqual({ pending: 2 });
    await store.atomically((unit) => unit.clear());
    expect(await statusesIn(store)).toEqual({});
  });

  test("see the writes of their unit, and not those of a unit that failed", async () => {
    const store = await open();
    await save(store, "payment", payment({ id: "a" }));
    const failed = store.atomically(async (unit) => {
      await unit.save("payment", payment({ id: "b" }));
      await unit.save("payment", payment({ id: "a", status: "captured" }));
      const counts = await unit.countsBy("payment", inWorld, "status");
      expect(Object.fromEntries(counts)).toEqual({ pending: 1, captured: 1 });
      throw new Error("the work failed");
    });
    await expect(failed).rejects.toThrow("the work failed");
    expect(await statusesIn(store)).toEqual({ pending: 1 });
  });

  test("need an index", async () => {
    const store = await open();
    const counted = store.atomically((unit) => unit.countsBy("payment", { trackId: "a" }, "status"));
    await expect(counted).rejects.toThrow("no index");
  });

  test.each(["__proto__", "a ", "", "\u0000", "\ud83e"])("keep the text %j apart from others", async (text) => {
    const store = await open();
    const named = (id: string, merchantReference: string) => payment({ id, merchantReference });
    await save(store, "payment", named("a", text), named("b", `${text}a`));
    const counted = await store.atomically((unit) => unit.countsBy("payment", inWorld, "merchantReference"));
    expect([...counted.keys()].sort()).toEqual([text, `${text}a`].sort());
  });
}
