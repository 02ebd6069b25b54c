import { describe, expect, test } from "vitest";
import { Leases } from "../../src/services/scheduling/leases.ts";
import { MemoryStore } from "../../src/store/memory/store.ts";
import type { Store } from "../../src/store/store.ts";
import { manualClock } from "../support/manual-clock.ts";
import { lease, save, task } from "../support/records.ts";

const unreachable = new Error("the records cannot be reached");

/** One store for several replicas. It can be made unreachable for each of them. */
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

/** Replicas that have run for a minute. The replica "holder" has the leases of a world and a task. */
async function startReplicas(...ids: string[]) {
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
  /** Whether the holder still has both leases. Fails if it has only one. */
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

describe("the leases of a replica", () => {
  test("are kept while it sends a heartbeat each second", async () => {
    const { pass, isHeld } = await startReplicas("holder", "other");
    await pass(600_000);
    expect(await isHeld()).toBe(true);
  });

  test("expire 5 to 6 seconds after its last heartbeat", async () => {
    const { cutOff, pass, isHeld } = await startReplicas("holder", "other");
    cutOff.add("holder");
    await pass(4_999);
    expect(await isHeld()).toBe(true);
    await pass(1_001);
    expect(await isHeld()).toBe(false);
  });

  test("are released immediately when it stops", async () => {
    const { replicas, isHeld } = await startReplicas("holder", "other");
    await replicas.get("holder")?.stop();
    expect(await isHeld()).toBe(false);
  });

  test.each([3_000, 4_900, 10_000, 600_000])(
    "are kept when the store is unreachable for all replicas for %i ms",
    { timeout: 60_000 },
    async (awayMs) => {
      const { cutOff, pass, isHeld } = await startReplicas("holder", "other", "third");
      for (const id of ["holder", "other", "third"]) cutOff.add(id);
      await pass(awayMs);
      cutOff.clear();
      await pass(60_000);
      expect(await isHeld()).toBe(true);
    },
  );

  test("are kept if other replicas reach the store again less than 5 seconds earlier", async () => {
    const { cutOff, pass, isHeld } = await startReplicas("holder", "other");
    for (const id of ["holder", "other"]) cutOff.add(id);
    await pass(10_000);
    cutOff.delete("other");
    await pass(4_900);
    expect(await isHeld()).toBe(true);
    cutOff.delete("holder");
    await pass(60_000);
    expect(await isHeld()).toBe(true);
  });

  test("expire 5 to 7 seconds after only the others reach the store again", async () => {
    const { cutOff, pass, isHeld } = await startReplicas("holder", "other");
    for (const id of ["holder", "other"]) cutOff.add(id);
    await pass(10_000);
    cutOff.delete("other");
    await pass(7_000);
    expect(await isHeld()).toBe(false);
  });
});
