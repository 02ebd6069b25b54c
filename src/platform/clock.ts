import { performance } from "node:perf_hooks";
// Not the globals: a test may fake those, and the sandbox of that test must still run. `Date` is the global one, so
// that signatures agree with the time of a merchant in the same process.
import { clearTimeout, setTimeout } from "node:timers";
import { onAbort } from "./abort.ts";

/** Real time and timers. Only `platform` reads the machine's clocks. */
export interface RealClock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back after `delayMs`; there is no maximum.
   * @param options.keepsAlive keeps the process alive until then.
   * @returns a function that cancels the timer.
   */
  after(delayMs: number, callback: () => void, options?: { readonly keepsAlive: boolean }): () => void;
}

/** Clocks of this machine. */
export interface MachineClock extends RealClock {
  /** Monotonic time, in milliseconds since an arbitrary instant. It may stop while the machine sleeps. */
  steady(): number;
}

/** Maximum timer of the platform: it fires longer ones at once, so longer delays take several timers. */
const timerMaxMs = 2 ** 31 - 1;

export const systemClock: MachineClock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after(delayMs, callback, { keepsAlive } = { keepsAlive: false }) {
    let timer: NodeJS.Timeout;
    const start = (leftMs: number) => {
      const stepMs = Math.min(Math.max(leftMs, 0), timerMaxMs);
      timer = setTimeout(() => (leftMs > timerMaxMs ? start(leftMs - stepMs) : callback()), stepMs);
      if (!keepsAlive) timer.unref();
    };
    start(delayMs);
    return () => clearTimeout(timer);
  },
};

/** Waits until the work ends, but at most `timeoutMs` of real time. Keeps the process alive. */
export async function waitAtMost(work: Promise<void>, timeoutMs: number): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, pause(timeoutMs, done.signal)]).finally(() => done.abort());
}

/** Waits for `delayMs` of real time, or until the signal aborts. Keeps the process alive. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      ignoreAbort();
      resolve();
    };
    const cancel = systemClock.after(delayMs, end, { keepsAlive: true });
    const ignoreAbort = onAbort(signal, end);
    if (signal.aborted) end();
  });
}
