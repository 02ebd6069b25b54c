import type { RealClock } from "./clock.ts";

/** How often the difference to the other clock is measured, in milliseconds. */
const measureMs = 60_000;
/** Of so many measurements that with the quickest answer counts. */
const samples = 3;
/** An answer that took longer says less than the last difference, in milliseconds. */
const believedMaxMs = 500;
/** A clock that was further ahead than this is followed back; one that was less stands still until it is right. */
const standStillMaxMs = 5_000;

/** Real time by a clock that several processes share, measured at the start and each minute from then on. */
export class SharedClock implements RealClock {
  readonly #own: RealClock;
  readonly #ask: () => Promise<number>;
  #offsetMs = 0;
  #isMeasured = false;
  #shown = 0;
  #cancel: () => void = () => undefined;

  private constructor(own: RealClock, ask: () => Promise<number>) {
    this.#own = own;
    this.#ask = ask;
  }

  /** @param ask tells the time of the shared clock, in milliseconds since 1970. Rejects where it rejects. */
  static async of(own: RealClock, ask: () => Promise<number>): Promise<SharedClock> {
    const clock = new SharedClock(own, ask);
    await clock.#measure();
    clock.#measureAgain();
    return clock;
  }

  now(): number {
    const time = Math.round(this.#own.now() + this.#offsetMs);
    this.#shown = this.#shown - time > standStillMaxMs ? time : Math.max(this.#shown, time);
    return this.#shown;
  }

  after: RealClock["after"] = (...asked) => this.#own.after(...asked);

  stop(): void {
    this.#cancel();
  }

  async #measure(): Promise<void> {
    let quickest = this.#isMeasured ? believedMaxMs : Number.POSITIVE_INFINITY;
    let offsetMs = this.#offsetMs;
    for (let sample = 0; sample < samples; sample += 1) {
      const start = this.#own.now();
      const theirs = await this.#ask();
      const end = this.#own.now();
      if (end - start >= quickest) continue;
      quickest = end - start;
      offsetMs = theirs - (start + end) / 2;
    }
    this.#offsetMs = offsetMs;
    this.#isMeasured = true;
  }

  #measureAgain(): void {
    this.#cancel = this.#own.after(measureMs, () => {
      // Where it cannot be asked now, the last difference goes on.
      void this.#measure()
        .catch(() => undefined)
        .then(() => this.#measureAgain());
    });
  }
}
