import { expect, test } from "vitest";
import type { RealClock } from "../../src/platform/clock.ts";
import { ChangeWaiter, type ProbeResult } from "../../src/services/observing/change-waiter.ts";
import { MemoryStore } from "../../src/store/memory/store.ts";
import type { Store, UnitOfWork } from "../../src/store/store.ts";
import { manualClock } from "../support/manual-clock.ts";
import { gate } from "../support/receiver.ts";
import { world } from "../support/records.ts";

const { processingAccountId } = world();

const named = (merchantName: string) => world({ settings: { ...world().settings, merchantName } });
const save = (store: Store, merchantName: string) =>
  store.atomically((unit) => unit.save("world", named(merchantName)));

/** Probes for the name "reached". */
const nameOf = async (unit: UnitOfWork): Promise<ProbeResult<string>> => {
  const name = (await unit.get("world", processingAccountId))?.settings.merchantName ?? "";
  return name === "reached" ? { reached: name } : { present: { name } };
};

/** A wait for the name "reached", on a store that answers when the test allows it, like a slow database. */
async function waitingOnSlowStore() {
  const store = new MemoryStore();
  await save(store, "before");
  const probed = gate();
  const held = gate();
  let probes = 0;
  const slow: Store = {
    shared: false,
    requests: store.requests,
    worldsWithDueTasks: (realTime) => store.worldsWithDueTasks(realTime),
    check: () => store.check(),
    isUnavailable: () => store.isUnavailable(),
    atomically: async (work) => {
      probes += 1;
      const value = await store.atomically(work);
      probed.open();
      await held.opened;
      return value;
    },
    subscribe: (listener) => store.subscribe(listener),
    close: () => store.close(),
  };
  let expire = () => {};
  const clock: RealClock = {
    now: () => 0,
    after: (_, callback) => {
      expire = callback;
      return () => undefined;
    },
  };
  const waiter = new ChangeWaiter(slow, clock, 1_000);
  const result = waiter.waitFor(processingAccountId, nameOf, 1000);
  await probed.opened;
  return { store, waiter, result, letGo: held.open, expire, probes: () => probes };
}

const notReached = (why: string) => ({
  ok: false,
  refusal: { code: "not_reached", why, present: { name: "before" } },
});

test("a change during a probe causes another probe", async () => {
  const { store, result, letGo } = await waitingOnSlowStore();
  await save(store, "reached");
  letGo();
  expect(await result).toEqual({ ok: true, value: "reached" });
});

test("many changes during a probe cause only one more probe", async () => {
  const { store, result, letGo, probes } = await waitingOnSlowStore();
  for (let count = 0; count < 100; count += 1) await save(store, `change ${count}`);
  await save(store, "reached");
  letGo();
  await result;
  expect(probes()).toBe(2);
});

test("a probe that runs at the timeout decides", async () => {
  const { result, letGo, expire } = await waitingOnSlowStore();
  expire();
  letGo();
  expect(await result).toEqual(notReached("time"));
});

test("a reset of the world ends a wait during a probe", async () => {
  const { waiter, result, letGo } = await waitingOnSlowStore();
  waiter.endWaits(processingAccountId);
  expect(await result).toMatchObject({ ok: false, refusal: { why: "reset", present: {} } });
  letGo();
});

test("a failed probe rejects the wait", async () => {
  const store = new MemoryStore();
  await save(store, "before");
  const waiter = new ChangeWaiter(store, { now: () => 0, after: () => () => undefined }, 1_000);
  const probe = () => Promise.reject(new Error("the store is gone"));
  await expect(waiter.waitFor(processingAccountId, probe, 1000)).rejects.toThrow("the store is gone");
});

/** A wait on a shared store that the test can make unreachable. */
async function waitingOnDistantStore() {
  const near = new MemoryStore();
  await save(near, "before");
  const unreachable = new Error("the records cannot be reached");
  const state = { isGone: false };
  const distant: Store = {
    shared: true,
    requests: near.requests,
    worldsWithDueTasks: (realTime) => near.worldsWithDueTasks(realTime),
    check: () => near.check(),
    isUnavailable: (error) => error === unreachable,
    atomically: (work) => (state.isGone ? Promise.reject(unreachable) : near.atomically(work)),
    subscribe: (listener) => near.subscribe(listener),
    close: () => near.close(),
  };
  const clock = manualClock();
  const waiter = new ChangeWaiter(distant, clock, 1_000);
  const wait = () => waiter.waitFor(processingAccountId, nameOf, 60_000);
  return { near, state, clock, wait, unreachable };
}

test("a wait continues while the store is unreachable", async () => {
  const { near, state, clock, wait } = await waitingOnDistantStore();
  const result = wait();
  await clock.pass(1_500);
  state.isGone = true;
  await clock.pass(10_000);
  await save(near, "reached");
  state.isGone = false;
  await clock.pass(1_000);
  expect(await result).toEqual({ ok: true, value: "reached" });
});

test("a wait is rejected if the store is unreachable at its start", async () => {
  const { state, wait, unreachable } = await waitingOnDistantStore();
  state.isGone = true;
  await expect(wait()).rejects.toBe(unreachable);
});

test("a timeout while the store is unreachable has the last known state", async () => {
  const { state, clock, wait } = await waitingOnDistantStore();
  const result = wait();
  await clock.pass(1_500);
  state.isGone = true;
  await clock.pass(60_000);
  expect(await result).toEqual(notReached("time"));
});
