import type { MachineClock, RealClock } from "./clock.ts";

/** Interval between measurements of the offset, in milliseconds. */
const measureIntervalMs = 60_000;
/** Samples per measurement; the one with the shortest round trip counts. */
const samples = 3;
/** Maximum round trip of a sample, in milliseconds: a slower one is less exact than the last offset. */
const roundTripMaxMs = 500;
/** Maximum hidden step back, in milliseconds: the clock stops until time catches up. It follows a larger step. */
const hiddenStepMaxMs = 5_000;
/** Maximum drift between the machine's two clocks, in milliseconds: beyond it, one was set or the machine slept. */
const driftMaxMs = 1_000;
/** Retry interval of a failed measurement while the last offset is unusable, in milliseconds. */
const retryMs = 1_000;

/**
 * Real time of a clock that several processes share. Its offset is measured at the start, every minute, and after the
 * machine's clock was set or the machine slept. Between measurements it follows the machine's monotonic clock.
 */
export class SharedClock implements RealClock {
  readonly #machine: MachineClock;
  readonly #readShared: () => Promise<number>;
  /** Shared time minus the machine's monotonic time. */
  #offsetMs = 0;
  #isOffsetUsable = false;
  #lastTime = 0;
  /** Difference between the machine's two clocks when the offset was last known to be usable. */
  #differenceMs: number;
  #measurement: Promise<void> | undefined;
  #cancelTimer: () => void = () => undefined;
  #isStopped = false;

  private constructor(machine: MachineClock, readShared: () => Promise<number>) {
    this.#machine = machine;
    this.#readShared = readShared;
    this.#differenceMs = this.#clockDifferenceMs();
  }

  /**
   * Measures the offset and starts the clock.
   * @param readShared reads the shared clock, in milliseconds since 1970; its error rejects the result.
   */
  static async of(machine: MachineClock, readShared: () => Promise<number>): Promise<SharedClock> {
    const clock = new SharedClock(machine, readShared);
    await clock.#measure();
    clock.#scheduleMeasurement();
    return clock;
  }

  now(): number {
    this.#measureIfClockWasSet();
    const time = Math.round(this.#machine.steady() + this.#offsetMs);
    const isLargeStepBack = this.#lastTime - time > hiddenStepMaxMs;
    this.#lastTime = isLargeStepBack ? time : Math.max(this.#lastTime, time);
    return this.#lastTime;
  }

  after: RealClock["after"] = (...timer) => this.#machine.after(...timer);

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  async #measure(): Promise<void> {
    const { steady } = this.#machine;
    let shortestMs = this.#isOffsetUsable ? roundTripMaxMs : Number.POSITIVE_INFINITY;
    let offsetMs = this.#offsetMs;
    for (let sample = 0; sample < samples; sample += 1) {
      const [start, differenceMs] = [steady(), this.#clockDifferenceMs()];
      const sharedTime = await this.#readShared();
      const end = steady();
      const hasDrifted = Math.abs(this.#clockDifferenceMs() - differenceMs) > driftMaxMs;
      if (end - start >= shortestMs || hasDrifted) continue;
      shortestMs = end - start;
      offsetMs = sharedTime - (start + end) / 2;
      this.#isOffsetUsable = true;
    }
    this.#offsetMs = offsetMs;
  }

  #scheduleMeasurement(): void {
    this.#cancelTimer();
    if (this.#isStopped) return;
    const delayMs = this.#isOffsetUsable ? measureIntervalMs : retryMs;
    this.#cancelTimer = this.#machine.after(delayMs, () => this.#measureNow());
  }

  /** Measures the offset, or keeps the last one if the shared clock cannot be read. */
  #measureNow(): void {
    this.#measurement ??= this.#measure()
      .catch(() => undefined)
      .then(() => {
        this.#measurement = undefined;
        this.#scheduleMeasurement();
      });
  }

  #measureIfClockWasSet(): void {
    const differenceMs = this.#clockDifferenceMs();
    if (this.#isStopped || Math.abs(differenceMs - this.#differenceMs) <= driftMaxMs) return;
    this.#differenceMs = differenceMs;
    this.#isOffsetUsable = false;
    this.#measureNow();
  }

  #clockDifferenceMs(): number {
    return this.#machine.now() - this.#machine.steady();
  }
}
