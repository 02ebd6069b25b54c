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

/** Looks for the name "reached". */
const nameOf = async (unit: UnitOfWork): Promise<ProbeResult<string>> => {
  const name = (await unit.get("world", processingAccountId))?.settings.merchantName ?? "";
  return name === "reached" ? { reached: name } : { present: { name } };
};

/** A wait for the name "reached", on a store whose first answer arrives only when the test lets it, as a database's may. */
async function waitingOnSlowStore() {
  const store = new MemoryStore();
  await save(store, "before");
  const looked = gate();
  const held = gate();
  let looks = 0;
  const slow: Store = {
    shared: false,
    requests: store.requests,
    worldsWithDueTasks: (realTime) => store.worldsWithDueTasks(realTime),
    check: () => store.check(),
    isUnavailable: () => store.isUnavailable(),
    atomically: async (work) => {
      looks += 1;
      const value = await store.atomically(work);
      looked.open();
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
  await looked.opened;
  return { store, waiter, result, letGo: held.open, expire, looks: () => looks };
}

const notReached = (why: string) => ({
  ok: false,
  refusal: { code: "not_reached", why, present: { name: "before" } },
});

test("a change that comes while a look is under way is looked at after it", async () => {
  const { store, result, letGo } = await waitingOnSlowStore();
  await save(store, "reached");
  letGo();
  expect(await result).toEqual({ ok: true, value: "reached" });
});

test("however many changes come meanwhile, they are looked at together", async () => {
  const { store, result, letGo, looks } = await waitingOnSlowStore();
  for (let count = 0; count < 100; count += 1) await save(store, `change ${count}`);
  await save(store, "reached");
  letGo();
  await result;
  expect(looks()).toBe(2);
});

test("a look that is under way when the time is over decides", async () => {
  const { result, letGo, expire } = await waitingOnSlowStore();
  expire();
  letGo();
  expect(await result).toEqual(notReached("time"));
});

test("a world that is put back ends a wait though a look is under way", async () => {
  const { waiter, result, letGo } = await waitingOnSlowStore();
  waiter.endWaits(processingAccountId);
  expect(await result).toMatchObject({ ok: false, refusal: { why: "reset", present: {} } });
  letGo();
});

test("a look that fails fails the wait", async () => {
  const store = new MemoryStore();
  await save(store, "before");
  const waiter = new ChangeWaiter(store, { now: () => 0, after: () => () => undefined }, 1_000);
  const look = () => Promise.reject(new Error("the store is gone"));
  await expect(waiter.waitFor(processingAccountId, look, 1000)).rejects.toThrow("the store is gone");
});

/** A wait on a store that several replicas share and that is out of reach when the test wants it. */
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

test("a wait outlives a time without the store", async () => {
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

test("a wait does not begin without the store", async () => {
  const { state, wait, unreachable } = await waitingOnDistantStore();
  state.isGone = true;
  await expect(wait()).rejects.toBe(unreachable);
});

test("a wait whose time is over without the store says what was last", async () => {
  const { state, clock, wait } = await waitingOnDistantStore();
  const result = wait();
  await clock.pass(1_500);
  state.isGone = true;
  await clock.pass(60_000);
  expect(await result).toEqual(notReached("time"));
});
