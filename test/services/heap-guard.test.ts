import { expect, test } from "vitest";
import { HeapGuard } from "../../src/services/heap-guard.ts";

/** A heap whose use is set, and a guard of it with a maximum of 100 bytes. */
function guarded({ shareMax = 0.1 } = {}) {
  const state = { usedBytes: 0, afterCollection: 0, listeners: new Set<() => void>(), collections: 0 };
  const changes: boolean[] = [];
  const guard = new HeapGuard({
    heap: {
      limitBytes: () => 1_000,
      usedBytes: () => state.usedBytes,
      onCollected: (listener) => {
        state.listeners.add(listener);
        return () => void state.listeners.delete(listener);
      },
      collect: () => {
        state.collections += 1;
        state.usedBytes = state.afterCollection;
      },
    },
    shareMax,
    onChange: (isFull) => changes.push(isFull),
  });
  const collectedTo = (usedBytes: number) => {
    state.usedBytes = usedBytes;
    for (const listener of state.listeners) listener();
  };
  return { guard, state, changes, collectedTo };
}

test("is full above the maximum after a collection, and again has room below nine tenths of it", () => {
  const { guard, changes, collectedTo } = guarded();
  const seen = [50, 100, 101, 99, 91, 101, 90, 100].map((usedBytes) => {
    collectedTo(usedBytes);
    return guard.isFull;
  });
  expect(seen).toEqual([false, false, true, true, true, true, false, false]);
  expect(changes).toEqual([true, false]);
});

test("does not take garbage for use", () => {
  const { guard, state } = guarded();
  state.usedBytes = 1_000;
  expect(guard.isFull).toBe(false);
});

test("collects garbage after records were removed, but only if it was full", () => {
  const { guard, state, changes, collectedTo } = guarded();
  guard.recheck();
  expect(state.collections).toBe(0);
  collectedTo(150);
  state.afterCollection = 95;
  guard.recheck();
  expect([state.collections, guard.isFull]).toEqual([1, true]);
  state.afterCollection = 20;
  guard.recheck();
  expect([state.collections, guard.isFull]).toEqual([2, false]);
  expect(changes).toEqual([true, false]);
});

test("does not listen after its end, nor without a maximum", () => {
  const { guard, state } = guarded();
  expect(state.listeners.size).toBe(1);
  guard.close();
  expect(state.listeners.size).toBe(0);
  expect(guarded({ shareMax: 1 }).state.listeners.size).toBe(0);
});
