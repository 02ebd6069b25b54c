import { expect, test } from "vitest";
import { EventLoopTurns } from "../../src/platform/turns.ts";

test("work continues until its time in a turn ends, then it waits for the next turn", async () => {
  let now = 0;
  const turns = new EventLoopTurns({ steady: () => now }, 20);
  expect(turns.pause()).toBeUndefined();
  now = 19;
  expect(turns.pause()).toBeUndefined();
  now = 20;
  const next = turns.pause();
  expect(next).toBeInstanceOf(Promise);
  let otherRan = false;
  setImmediate(() => {
    otherRan = true;
  });
  await next;
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect([otherRan, turns.pause()]).toEqual([true, undefined]);
});

test("a turn starts with its first work, and time without work does not count", async () => {
  let now = 0;
  const turns = new EventLoopTurns({ steady: () => now }, 20);
  void turns.pause();
  await new Promise<void>((resolve) => setImmediate(resolve));
  now = 1_000;
  expect(turns.pause()).toBeUndefined();
});

test("all waiting work continues in the same turn", async () => {
  const turns = new EventLoopTurns({ steady: () => 0 }, 0);
  void turns.pause();
  expect(turns.pause()).toBe(turns.pause());
});
