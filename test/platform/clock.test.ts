import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";

vi.mock("node:timers", () => import("../support/fakeable-timers.ts"));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const dayMs = 86_400_000;

test.each([
  ["zero", 0],
  ["a second", 1_000],
  ["24 days, below the limit of timers", 24 * dayMs],
  ["25 days, above that limit", 25 * dayMs],
  ["a year", 365 * dayMs],
])("a timer of %s calls back once, and not a millisecond earlier", (_, delayMs) => {
  let calls = 0;
  systemClock.after(delayMs, () => {
    calls += 1;
  });
  if (delayMs > 0) vi.advanceTimersByTime(delayMs - 1);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(1);
  expect(calls).toBe(1);
  vi.advanceTimersByTime(400 * dayMs);
  expect(calls).toBe(1);
});

test.each([1_000, 60 * dayMs])("a cancelled timer of %i ms never calls back", (delayMs) => {
  let calls = 0;
  const cancel = systemClock.after(delayMs, () => {
    calls += 1;
  });
  vi.advanceTimersByTime(delayMs / 2);
  cancel();
  vi.advanceTimersByTime(400 * dayMs);
  expect(calls).toBe(0);
});
