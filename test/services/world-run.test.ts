import { expect, test } from "vitest";
import { WorldRun } from "../../src/services/scheduling/world-run.ts";
import { manualClock } from "../support/manual-clock.ts";
import { gate } from "../support/receiver.ts";

/** A run that counts its passes. @param pass the work of a pass. */
function countingRun(pass: (run: WorldRun) => Promise<void> = async () => undefined) {
  const clock = manualClock();
  const errors: unknown[] = [];
  let passes = 0;
  const run = new WorldRun("world-1", clock, {
    pass: (self) => {
      passes += 1;
      return pass(self);
    },
    onError: (error) => errors.push(error),
  });
  return { run, clock, errors, passes: () => passes };
}

const oneTask = { tasksMax: 1, durationMaxMs: 1_000 };

test("a pass that ends without an await can be requested again", async () => {
  const { run, passes } = countingRun();
  for (let count = 1; count <= 3; count += 1) {
    await run.requestPass();
    expect(passes()).toBe(count);
  }
});

test("requests during a pass are followed by one more pass", async () => {
  const held = gate();
  const { run, passes } = countingRun(() => held.opened);
  const loop = run.requestPass();
  await Promise.resolve();
  for (let count = 0; count < 10; count += 1) expect(run.requestPass()).toBe(loop);
  held.open();
  await loop;
  expect(passes()).toBe(2);
});

test("a pass that fails can be requested again", async () => {
  const { run, errors, passes } = countingRun(() => Promise.reject(new Error("the store is closed")));
  await expect(run.requestPass()).rejects.toThrow("the store is closed");
  run.wake();
  await run.whenIdle();
  expect([passes(), errors.length]).toEqual([2, 1]);
});

test("one clock change is allowed at a time, each with its own budget", () => {
  const { run, clock } = countingRun();
  expect(run.startClockChange(oneTask)).toBe(true);
  expect([run.startClockChange(oneTask), run.isClockChanging, run.isBudgetSpent]).toEqual([false, true, false]);
  run.countTask();
  expect(run.isBudgetSpent).toBe(true);
  run.endClockChange();
  expect([run.isClockChanging, run.isBudgetSpent]).toEqual([false, false]);
  expect(run.startClockChange(oneTask)).toBe(true);
  expect(run.isBudgetSpent).toBe(false);
  clock.time += 1_000;
  expect(run.isBudgetSpent).toBe(true);
});

test("an aborted run makes no pass, and its timer is cancelled", async () => {
  const { run, clock, passes } = countingRun();
  run.wakeAfter(100);
  run.abort();
  run.wakeAfter(100);
  run.wake();
  await run.requestPass();
  await clock.pass(1_000);
  expect([run.isEnded, run.signal.aborted, passes()]).toEqual([true, true, 0]);
});

test("a stopped run keeps its deliveries", async () => {
  const held = gate();
  const { run } = countingRun();
  run.addDelivery("lease 1", held.opened);
  run.stop();
  expect([run.isEnded, run.signal.aborted, run.hasDeliveries]).toEqual([true, false, true]);
  held.open();
  await run.nextDeliveryEnd();
  expect(run.hasDeliveries).toBe(false);
});

test("a run belongs to the world of its first call", () => {
  const { run } = countingRun();
  expect([run.isOfWorld(1), run.isOfWorld(2), run.isOfWorld(1)]).toEqual([true, false, true]);
});
