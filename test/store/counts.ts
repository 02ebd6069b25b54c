import { expect, test } from "vitest";
import type { By, Kind, Store } from "../../src/store/store.ts";
import { save } from "../support/records.ts";
import { byText, byTexts, example, indexes } from "./examples.ts";

function counted(store: Store, kind: Kind, bys: readonly By<Kind>[], max = 99): Promise<number[]> {
  return store.atomically((unit) => unit.counts(kind, bys, max), { readOnly: true });
}

export function describeCounts(open: () => Promise<Store>): void {
  test.each(indexes)("of kind $kind by $names are those of each lookup, in their order", async ({ kind, members }) => {
    const store = await open();
    const [one, two, three] = ["one", "two", "three"].map((text) => byText(members, text)) as [
      By<Kind>,
      By<Kind>,
      By<Kind>,
    ];
    await save(store, kind, ...["a", "b", "c", "d"].map((key) => example(kind, key, key === "c" ? two : one)));
    expect(await counted(store, kind, [three, one, two, one])).toEqual([0, 3, 1, 3]);
    expect(await counted(store, kind, [one])).toEqual([3]);
    expect(await counted(store, kind, [])).toEqual([]);
  });

  test.each(indexes)("of kind $kind by $names end at the maximum", async ({ kind, members }) => {
    const store = await open();
    const [one, two] = [byText(members, "one"), byText(members, "two")];
    await save(store, kind, ...["a", "b", "c"].map((key) => example(kind, key, one)), example(kind, "d", two));
    expect(await counted(store, kind, [one, two], 2)).toEqual([2, 1]);
    expect(await counted(store, kind, [one, two], 3)).toEqual([3, 1]);
  });

  test("see the writes of their unit, and none of a unit that failed", async () => {
    const store = await open();
    const by = byText(["processingAccountId"], "one") as By<"payment">;
    const within = store.atomically(async (unit) => {
      for (const key of ["a", "b", "c"]) await unit.save("payment", example("payment", key, by) as never);
      await unit.remove("payment", "b");
      const counts = await unit.counts("payment", [by], 99);
      expect(counts).toEqual([2]);
      throw new Error("the work failed");
    });
    await expect(within).rejects.toThrow("the work failed");
    expect(await counted(store, "payment", [by])).toEqual([0]);
  });

  test("follow many additions, moves and removals", async () => {
    const store = await open();
    const [one, two] = ["one", "two"].map((text) => byText(["processingAccountId"], text)) as [
      By<"payment">,
      By<"payment">,
    ];
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    await save(store, "payment", ...keys.map((key) => example("payment", key, one)));
    await save(store, "payment", ...keys.slice(0, 15).map((key) => example("payment", key, two)));
    await store.atomically(async (unit) => {
      for (const key of keys.slice(10, 25)) await unit.remove("payment", key);
    });
    expect(await counted(store, "payment", [one, two])).toEqual([15, 10]);
  });

  test("do not confuse texts of two members, or texts that a database cannot store", async () => {
    const store = await open();
    const members = ["processingAccountId", "status"];
    const pairs = [
      ["a", "b"],
      ["ab", ""],
      ["a\u0000", "b"],
      ["a,b", "{c}"],
      ['a"', "\\"],
      ["null", "NULL"],
    ] as const;
    const bys = pairs.map(([first, second]) => byTexts(members, [first, second]));
    for (const [index, by] of bys.entries()) {
      const keys = Array.from({ length: index + 1 }, (_, count) => `${index}-${count}`);
      await save(store, "payment", ...keys.map((key) => example("payment", key, by)));
    }
    expect(await counted(store, "payment", bys)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("are refused for members without an index", async () => {
    const store = await open();
    const by = { flowType: "qr_link" } as unknown as By<"payment">;
    await expect(counted(store, "payment", [by])).rejects.toThrow("no index of");
  });
}
