import { expect, test } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { save, start, takeTasks, task, world } from "../support/records.ts";

export function describeTasks(open: () => Promise<Store>): void {
  const next = (store: Store, processingAccountId = "world-1") =>
    store.atomically((unit) => unit.nextTask(processingAccountId));
  const due = (id: string, afterMs: number, members: object = {}) => task({ id, dueTime: start + afterMs, ...members });

  test.each([
    ["by due time", { tasks: [due("b", 2), due("c", 3), due("a", 1)], order: ["a", "b", "c"] }],
    [
      "by the first save for the same due time",
      { tasks: [due("b", 1), due("c", 1), due("a", 1)], order: ["b", "c", "a"] },
    ],
    [
      "without leased tasks",
      { tasks: [due("a", 1, { lease: "one" }), due("b", 2), due("c", 3, { lease: "one" })], order: ["b"] },
    ],
    [
      "with a task in its old position after its lease ended",
      { tasks: [due("a", 1, { lease: "one" }), due("b", 1), due("a", 1)], order: ["a", "b"] },
    ],
    [
      "without a task that is leased later",
      { tasks: [due("a", 1), due("b", 1), due("a", 1, { lease: "one" })], order: ["b"] },
    ],
    ["by the new due time, if that is later", { tasks: [due("a", 1), due("b", 2), due("a", 3)], order: ["b", "a"] }],
    ["by the new due time, if that is earlier", { tasks: [due("a", 2), due("b", 3), due("b", 1)], order: ["b", "a"] }],
    [
      "by the first save, if a task moves to the same due time",
      { tasks: [due("a", 1), due("b", 2), due("a", 2)], order: ["a", "b"] },
    ],
    [
      "by milliseconds over years",
      { tasks: [due("b", 315_360_000_001), due("a", 315_360_000_000)], order: ["a", "b"] },
    ],
    ["independent of kind", { tasks: [due("b", 2, { kind: "complete_refund" }), due("a", 1)], order: ["a", "b"] }],
    ["from its world only", { tasks: [due("a", 1, { processingAccountId: "world-2" }), due("b", 2)], order: ["b"] }],
    ["as undefined in an empty store", { tasks: [], order: [] }],
  ])("is selected %s", async (_what, { tasks, order }) => {
    const store = await open();
    await save(store, "task", ...tasks);
    expect(await takeTasks(store)).toEqual(order);
  });

  test("has the right order among many", async () => {
    const store = await open();
    const times = Array.from({ length: 200 }, (_, index) => (index * 37) % 101);
    await save(store, "task", ...times.map((time, index) => due(`${index}`, time)));
    const order = [...times.entries()].toSorted(([, a], [, b]) => a - b).map(([index]) => `${index}`);
    expect(await takeTasks(store)).toEqual(order);
  });

  test("is claimed in order", async () => {
    const store = await open();
    await save(store, "task", due("b", 2), due("a", 1), due("c", 0, { lease: "one" }));
    expect(await store.atomically((unit) => unit.claimTask("world-1"))).toEqual(due("a", 1));
    expect(await store.atomically((unit) => unit.claimTask("world-2"))).toBeUndefined();
  });

  test.each([
    ["due now", { dueTime: start }, true],
    ["due long ago", { dueTime: start - 1_000_000 }, true],
    ["due in one millisecond", { dueTime: start + 1 }, false],
    ["leased", { dueTime: start, lease: "one" }, false],
    ["of an unknown world", { dueTime: start, processingAccountId: "world-2" }, false],
  ])("that is %s decides whether its world has due tasks", async (_what, members, isFound) => {
    const store = await open();
    await save(store, "world", world({ clock: { mode: "running", shiftMs: 500 } }));
    await save(store, "task", task(members));
    expect(await store.worldsWithDueTasks(start - 500)).toEqual(isFound ? ["world-1"] : []);
  });

  test("is due in a world with a frozen clock at every real time", async () => {
    const store = await open();
    await save(store, "world", world({ clock: { mode: "frozen", time: start } }));
    await save(store, "task", task({ dueTime: start }), task({ id: "later", dueTime: start + 1 }));
    expect(await store.worldsWithDueTasks(0)).toEqual(["world-1"]);
    await store.atomically((unit) => unit.remove("task", "task-1"));
    expect(await store.worldsWithDueTasks(start * 2)).toEqual([]);
  });

  test("is the next one until it changes", async () => {
    const store = await open();
    await save(store, "task", due("a", 1), due("b", 2));
    expect([(await next(store))?.id, (await next(store))?.id]).toEqual(["a", "a"]);
  });

  test("is the complete record", async () => {
    const store = await open();
    await save(store, "task", due("a", 1));
    expect(await next(store)).toEqual(due("a", 1));
  });

  test("moves with a task that moves to another world", async () => {
    const store = await open();
    await save(store, "task", due("a", 1), due("a", 1, { processingAccountId: "world-2" }));
    expect([await next(store), (await next(store, "world-2"))?.id]).toEqual([undefined, "a"]);
  });
}
