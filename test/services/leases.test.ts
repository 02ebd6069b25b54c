import { describe, expect, test } from "vitest";
import { Leases } from "../../src/services/scheduling/leases.ts";
import { MemoryStore } from "../../src/store/memory/store.ts";
import type { Store } from "../../src/store/store.ts";
import { manualClock } from "../support/manual-clock.ts";
import { lease, save, task } from "../support/records.ts";

const unreachable = new Error("the records cannot be reached");

/** One store for several replicas, each of which it can be out of reach for. */
function sharedStore() {
  const store = new MemoryStore();
  const cutOff = new Set<string>();
  const reachedBy = (id: string): Store => ({
    shared: true,
    requests: store.requests,
    atomically: (work, options) => (cutOff.has(id) ? Promise.reject(unreachable) : store.atomically(work, options)),
    worldsWithDueTasks: (realTime) => store.worldsWithDueTasks(realTime),
    subscribe: (listener) => store.subscribe(listener),
    check: () => store.check(),
    isUnavailable: (error) => error === unreachable,
    close: () => store.close(),
  });
  return { store, cutOff, reachedBy };
}

/** Replicas that have lived for a minute; the one called "holder" has a world and a task. */
async function livingFor(...ids: string[]) {
  const { store, cutOff, reachedBy } = sharedStore();
  const clock = manualClock();
  const defects: unknown[] = [];
  const replicas = new Map(ids.map((id) => [id, new Leases({ store: reachedBy(id), clock, id })]));
  for (const replica of replicas.values())
    await replica.start(
      () => undefined,
      (error) => defects.push(error),
    );
  await clock.pass(60_000);
  await save(store, "lease", lease({ holder: "holder" }));
  await save(store, "task", task({ holder: "holder", lease: "lease-1" }));
  /** Whether what the holder has is its own still, all of it or nothing. */
  const isHeld = () =>
    store.atomically(async (unit) => {
      const held = [await unit.get("lease", "world-1"), (await unit.get("task", "task-1"))?.lease];
      expect(new Set(held.map((one) => one === undefined)).size).toBe(1);
      return held[0] !== undefined;
    });
  const pass = async (ms: number) => {
    await clock.pass(ms);
    expect(defects).toEqual([]);
  };
  return { cutOff, replicas, pass, isHeld };
}

describe("what a replica holds", () => {
  test("stays its own for as long as it says each second that it lives", async () => {
    const { pass, isHeld } = await livingFor("holder", "other");
    await pass(600_000);
    expect(await isHeld()).toBe(true);
  });

  test("is free between 5 and 6 seconds after it was silent, and not before", async () => {
    const { cutOff, pass, isHeld } = await livingFor("holder", "other");
    cutOff.add("holder");
    await pass(4_999);
    expect(await isHeld()).toBe(true);
    await pass(1_001);
    expect(await isHeld()).toBe(false);
  });

  test("is free at once when it stops", async () => {
    const { replicas, isHeld } = await livingFor("holder", "other");
    await replicas.get("holder")?.stop();
    expect(await isHeld()).toBe(false);
  });

  test.each([3_000, 4_900, 10_000, 600_000])(
    "stays its own while the records are out of reach for all, for %i ms, and afterwards",
    async (awayMs) => {
      const { cutOff, pass, isHeld } = await livingFor("holder", "other", "third");
      for (const id of ["holder", "other", "third"]) cutOff.add(id);
      await pass(awayMs);
      cutOff.clear();
      await pass(60_000);
      expect(await isHeld()).toBe(true);
    },
  );

  test("stays its own though others see the records again 5 seconds before it does", async () => {
    const { cutOff, pass, isHeld } = await livingFor("holder", "other");
    for (const id of ["holder", "other"]) cutOff.add(id);
    await pass(10_000);
    cutOff.delete("other");
    await pass(4_900);
    expect(await isHeld()).toBe(true);
    cutOff.delete("holder");
    await pass(60_000);
    expect(await isHeld()).toBe(true);
  });

  test("is free 5 to 7 seconds after the others are back, where it is not", async () => {
    const { cutOff, pass, isHeld } = await livingFor("holder", "other");
    for (const id of ["holder", "other"]) cutOff.add(id);
    await pass(10_000);
    cutOff.delete("other");
    await pass(7_000);
    expect(await isHeld()).toBe(false);
  });
});
