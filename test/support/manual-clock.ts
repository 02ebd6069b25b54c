import type { MachineClock } from "../../src/platform/clock.ts";

/** A machine clock that only the test advances. */
export interface ManualClock extends MachineClock {
  time: number;
  /** Adjustment of the wall clock, in milliseconds. The monotonic clock ignores it. */
  setMs: number;
  /** Returns the number of waiting timers. */
  readonly waiting: () => number;
  /** Advances by `ms` milliseconds. Calls each timer at its time and settles its promises before the next. */
  pass(ms: number): Promise<void>;
}

export function manualClock(): ManualClock {
  const timers: { readonly at: number; readonly callback: () => void }[] = [];
  const clock: ManualClock = {
    time: 1_000_000,
    setMs: 0,
    now: () => clock.time + clock.setMs,
    steady: () => clock.time,
    after: (delayMs, callback) => {
      const timer = { at: clock.time + delayMs, callback };
      timers.push(timer);
      return () => {
        if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
      };
    },
    waiting: () => timers.length,
    pass: async (ms) => {
      const end = clock.time + ms;
      await settlePromises();
      for (;;) {
        const [next] = timers.toSorted((a, b) => a.at - b.at);
        if (next === undefined || next.at > end) break;
        timers.splice(timers.indexOf(next), 1);
        clock.time = Math.max(clock.time, next.at);
        next.callback();
        await settlePromises();
      }
      clock.time = end;
      await settlePromises();
    },
  };
  return clock;
}

/** Runs the callbacks of resolved promises. */
async function settlePromises(): Promise<void> {
  for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
}
