import type { RealClock } from "../../platform/clock.ts";
import { WorldRun, type WorldRunActions } from "./world-run.ts";

/** The current run of each world, and the worlds that are paused. */
export class WorldRuns {
  readonly #clock: RealClock;
  readonly #actions: WorldRunActions;
  readonly #runs = new Map<string, WorldRun>();
  /** One entry for each pause; without an id it is a pause of all worlds. */
  readonly #pauses = new Set<{ readonly processingAccountId: string | undefined }>();
  #isStopped = false;

  constructor(clock: RealClock, actions: WorldRunActions) {
    this.#clock = clock;
    this.#actions = actions;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The world's current run; a new one where there is none. */
  of(processingAccountId: string): WorldRun {
    const existing = this.#runs.get(processingAccountId);
    if (existing !== undefined) return existing;
    const run = new WorldRun(processingAccountId, this.#clock, this.#actions);
    if (this.#isStopped) run.stop();
    this.#runs.set(processingAccountId, run);
    return run;
  }

  has(processingAccountId: string): boolean {
    return this.#runs.has(processingAccountId);
  }

  all(): readonly WorldRun[] {
    return [...this.#runs.values()];
  }

  /** Aborts a run. The next call of `of` begins another one. */
  abort(run: WorldRun): void {
    run.abort();
    if (this.#runs.get(run.processingAccountId) === run) this.#runs.delete(run.processingAccountId);
  }

  /** Aborts the current run of one world, or of all. */
  abortCurrent(processingAccountId?: string): void {
    for (const run of this.all()) {
      if (processingAccountId === undefined || run.processingAccountId === processingAccountId) this.abort(run);
    }
  }

  /**
   * Pauses one world, or all: no task is begun there.
   * @returns a function that ends the pause and wakes the runs.
   */
  pause(processingAccountId?: string): () => void {
    const pause = { processingAccountId };
    this.#pauses.add(pause);
    return () => {
      this.#pauses.delete(pause);
      const paused = processingAccountId === undefined ? this.all() : [this.of(processingAccountId)];
      for (const run of paused) run.wake();
    };
  }

  isPaused(id: string): boolean {
    return [...this.#pauses].some(({ processingAccountId = id }) => processingAccountId === id);
  }

  /** Stops every run, and those that begin later. @returns the runs that were stopped. */
  stop(): readonly WorldRun[] {
    this.#isStopped = true;
    for (const run of this.all()) run.stop();
    return this.all();
  }
}
