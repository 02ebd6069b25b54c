import type { MachineClock } from "../platform/clock.ts";

/** Verifications a second, in the long run: about 200 ms of CPU time. It is also the most that the bucket holds. */
const verificationsPerSecond = 1_000;

/** A token bucket of the verifications that the diagnoses of this process may do. */
export class DiagnosisBudget {
  readonly #clock: Pick<MachineClock, "steady">;
  #left = verificationsPerSecond;
  #filledAt: number;

  constructor(clock: Pick<MachineClock, "steady">) {
    this.#clock = clock;
    this.#filledAt = clock.steady();
  }

  /** Whether this many verifications are left. */
  has(verifications: number): boolean {
    const now = this.#clock.steady();
    const added = (Math.max(now - this.#filledAt, 0) / 1000) * verificationsPerSecond;
    this.#left = Math.min(this.#left + added, verificationsPerSecond);
    this.#filledAt = now;
    return this.#left >= verifications;
  }

  /** Takes verifications that were done, also more than are left. */
  spend(verifications: number): void {
    this.#left = Math.max(this.#left - verifications, -verificationsPerSecond);
  }
}
