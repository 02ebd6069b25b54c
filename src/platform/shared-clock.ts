import type { MachineClock, RealClock } from "./clock.ts";

/** How often the difference to the other clock is measured, in milliseconds. */
const measureMs = 60_000;
/** Of so many measurements that with the quickest answer counts. */
const samples = 3;
/** An answer that took longer says less than the last difference, in milliseconds. */
const believedMaxMs = 500;
/** A clock that was further ahead than this is followed back; one that was less stands still until it is right. */
const standStillMaxMs = 5_000;
/** Where the machine's two clocks part by more than this, one was set or has slept, in milliseconds. */
const partMaxMs = 1_000;
/** How soon it is measured again where that did not come about although the last difference is of no use, in milliseconds. */
const retryMs = 1_000;

/**
 * Real time by a clock that several processes share: measured at the start, each minute from then on, and where the
 * machine's own clock was set or the machine has slept. In between goes the machine's clock that nobody sets.
 */
export class SharedClock implements RealClock {
  readonly #own: MachineClock;
  readonly #ask: () => Promise<number>;
  #offsetMs = 0;
  /** Whether the last difference is of use. */
  #isMeasured = false;
  #shown = 0;
  /** How far the machine's two clocks are apart. */
  #apartMs: number;
  #measuring: Promise<void> | undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;

  private constructor(own: MachineClock, ask: () => Promise<number>) {
    this.#own = own;
    this.#ask = ask;
    this.#apartMs = this.#partMs();
  }

  /** @param ask tells the time of the shared clock, in milliseconds since 1970. Rejects where it rejects. */
  static async of(own: MachineClock, ask: () => Promise<number>): Promise<SharedClock> {
    const clock = new SharedClock(own, ask);
    await clock.#measure();
    clock.#measureLater();
    return clock;
  }

  now(): number {
    this.#measureIfSet();
    const time = Math.round(this.#own.steady() + this.#offsetMs);
    this.#shown = this.#shown - time > standStillMaxMs ? time : Math.max(this.#shown, time);
    return this.#shown;
  }

  after: RealClock["after"] = (...asked) => this.#own.after(...asked);

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #measure(): Promise<void> {
    const { steady } = this.#own;
    let quickest = this.#isMeasured ? believedMaxMs : Number.POSITIVE_INFINITY;
    let offsetMs = this.#offsetMs;
    for (let sample = 0; sample < samples; sample += 1) {
      const [start, apartMs] = [steady(), this.#partMs()];
      const theirs = await this.#ask();
      const end = steady();
      if (end - start >= quickest || Math.abs(this.#partMs() - apartMs) > partMaxMs) continue;
      quickest = end - start;
      offsetMs = theirs - (start + end) / 2;
      this.#isMeasured = true;
    }
    this.#offsetMs = offsetMs;
  }

  #measureLater(): void {
    this.#cancel();
    if (this.#stopped) return;
    this.#cancel = this.#own.after(this.#isMeasured ? measureMs : retryMs, () => this.#measureNow());
  }

  /** Where it cannot be asked now, the last difference goes on. */
  #measureNow(): void {
    this.#measuring ??= this.#measure()
      .catch(() => undefined)
      .then(() => {
        this.#measuring = undefined;
        this.#measureLater();
      });
  }

  #measureIfSet(): void {
    const apartMs = this.#partMs();
    if (this.#stopped || Math.abs(apartMs - this.#apartMs) <= partMaxMs) return;
    this.#apartMs = apartMs;
    this.#isMeasured = false;
    this.#measureNow();
  }

  #partMs(): number {
    return this.#own.now() - this.#own.steady();
  }
}
