/** Real time, and waiting for it: the only place that asks the machine. */
export interface RealClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after that many milliseconds, however many. @returns a function that takes it back. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A timer longer than this fires at once, so longer waits go in steps. */
const timerMaxMs = 2 ** 31 - 1;

export const systemClock: RealClock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number) => {
      const stepMs = Math.min(Math.max(leftMs, 0), timerMaxMs);
      timer = setTimeout(() => (leftMs > timerMaxMs ? arm(leftMs - stepMs) : callback()), stepMs);
      timer.unref();
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};
