import type { MachineClock } from "../../src/platform/clock.ts";

/** Real time that goes on only when the test says so. */
export interface ManualClock extends MachineClock {
  time: number;
  /** How far it was set on, or back; the steady one does not follow. */
  setMs: number;
  /** How many callbacks wait. */
  readonly waiting: () => number;
  /** Goes on by so many milliseconds: what waits is called at its own time, and comes to rest before the next is. */
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
      await rest();
      for (;;) {
        const [next] = timers.toSorted((a, b) => a.at - b.at);
        if (next === undefined || next.at > end) break;
        timers.splice(timers.indexOf(next), 1);
        clock.time = Math.max(clock.time, next.at);
        next.callback();
        await rest();
      }
      clock.time = end;
      await rest();
    },
  };
  return clock;
}

/** Lets what follows from promises that are kept already happen. */
async function rest(): Promise<void> {
  for (let turns = 0; turns < 100; turns += 1) await Promise.resolve();
}
