/** Real time, and waiting for it: the only place that asks the machine. */
export interface RealClock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back after that many milliseconds, however many.
   * @param options.keepsAlive the process does not end before: somebody waits for it.
   * @returns a function that takes it back.
   */
  after(delayMs: number, callback: () => void, options?: { readonly keepsAlive: boolean }): () => void;
}

/** The clocks of this machine. */
export interface MachineClock extends RealClock {
  /** Milliseconds since some instant, by a clock that nobody sets. It may stand still while the machine sleeps. */
  steady(): number;
}

/** A timer longer than this fires at once, so longer waits go in steps. */
const timerMaxMs = 2 ** 31 - 1;

export const systemClock: MachineClock = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after(delayMs, callback, { keepsAlive } = { keepsAlive: false }) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number) => {
      const stepMs = Math.min(Math.max(leftMs, 0), timerMaxMs);
      timer = setTimeout(() => (leftMs > timerMaxMs ? arm(leftMs - stepMs) : callback()), stepMs);
      if (!keepsAlive) timer.unref();
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};

/** Waits for something, for so many milliseconds of real time at most. The process stays alive meanwhile. */
export async function endsWithin(work: Promise<void>, limitMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, pause(limitMs, over.signal)]).finally(() => over.abort());
}

/** Waits that many milliseconds of real time, or until the signal ends the wait. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = systemClock.after(delayMs, end, { keepsAlive: true });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}
