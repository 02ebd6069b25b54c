import type { EffectCounts, TaskEffect } from "../../domain/task-effect.ts";
import type { RealClock } from "../../platform/clock.ts";

/** How a run works for its world. */
export interface WorldRunActions {
  /** Runs the tasks that are due now, until nothing is due or the run has to stop. */
  readonly pass: (run: WorldRun) => Promise<void>;
  /** Receives the error of a pass that nobody waits for. */
  readonly onError: (error: unknown) => void;
}

/** The times of a world in which nothing is due. */
export interface IdleTimes {
  readonly isRunning: boolean;
  /** World time. */
  readonly now: number;
  /** World time. */
  readonly nextDueTime: number | undefined;
  /** Time until the next task, where the clock runs. */
  readonly waitMs?: number | undefined;
}

/** Limits of one clock change. */
export interface ClockChangeLimits {
  readonly tasksMax: number;
  /** Real time, in milliseconds. */
  readonly durationMaxMs: number;
}

/**
 * What this process does for one world, from the world's start until its reset, restore or removal. It owns that state:
 * the scheduler and the clocks change it only by these methods.
 */
export class WorldRun {
  readonly processingAccountId: string;
  readonly #clock: RealClock;
  readonly #actions: WorldRunActions;
  readonly #abort = new AbortController();
  /** Task leases of the deliveries under way. */
  readonly #deliveries = new Set<string>();
  /** Resolves at the end of the next delivery, if somebody waits for it. */
  #deliveryEnd: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #loop: Promise<void> | undefined;
  #isPassRequested = false;
  #isStopped = false;
  #cancelTimer: () => void = () => undefined;
  #startTime: number | undefined;
  #tasksBegun = 0;
  #effects: EffectCounts = {};
  /** While nothing is due: the time of the world's clock, and the due time of the next task. */
  #idle: IdleTimes | undefined;
  /** The limits of the clock change under way. */
  #budget: { readonly tasksMax: number; readonly deadline: number } | undefined;

  constructor(processingAccountId: string, clock: RealClock, actions: WorldRunActions) {
    this.processingAccountId = processingAccountId;
    this.#clock = clock;
    this.#actions = actions;
  }

  /** Aborts the deliveries of this run. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether this run may not write any more. */
  get isEnded(): boolean {
    return this.#isStopped;
  }

  get hasDeliveries(): boolean {
    return this.#deliveries.size > 0;
  }

  /** Task leases of the deliveries under way. */
  get deliveryLeases(): ReadonlySet<string> {
    return this.#deliveries;
  }

  get isClockChanging(): boolean {
    return this.#budget !== undefined;
  }

  /** Tasks begun since the start of the run. */
  get tasksBegun(): number {
    return this.#tasksBegun;
  }

  /** Effects of the tasks that ended since the start of the run. */
  get effects(): EffectCounts {
    return this.#effects;
  }

  /** Whether the clock change under way has reached one of its limits. */
  get isBudgetSpent(): boolean {
    if (this.#budget === undefined) return false;
    return this.#tasksBegun >= this.#budget.tasksMax || this.#clock.now() >= this.#budget.deadline;
  }

  /** Whether this run is of the world that started then. The first call binds the run. @param startTime real time. */
  isOfWorld(startTime: number): boolean {
    this.#startTime ??= startTime;
    return this.#startTime === startTime;
  }

  /**
   * Runs the tasks that are due. The run has one loop: a request during a pass makes the loop do one more pass.
   * @returns a promise for the end of the loop; it rejects with the error of a pass.
   */
  requestPass(): Promise<void> {
    this.#isPassRequested = true;
    this.#idle = undefined;
    // The loop starts after this assignment. A loop that ended before it would be stored here for good.
    this.#loop ??= Promise.resolve().then(() => this.#passWhileRequested());
    return this.#loop;
  }

  /** Requests a pass that nobody waits for. */
  wake(): void {
    if (!this.#isStopped) this.requestPass().catch(this.#actions.onError);
  }

  /** Requests a pass after that many milliseconds of real time. Replaces the timer of an earlier call. */
  wakeAfter(waitMs: number): void {
    this.#cancelTimer();
    if (!this.#isStopped) this.#cancelTimer = this.#clock.after(waitMs, () => this.wake());
  }

  /** Notes that nothing is due. A running clock needs a timer for the next task, a frozen clock none. */
  becomeIdle(times: IdleTimes): void {
    if (!this.#isPassRequested) this.#idle = times;
    if (times.waitMs !== undefined) this.wakeAfter(times.waitMs);
  }

  /** Whether a task that is due then changes nothing now: the timer of another task comes first, or no clock runs. */
  isAsleepAt(dueTime: number): boolean {
    if (this.#idle === undefined) return false;
    const { isRunning, now, nextDueTime = Number.POSITIVE_INFINITY } = this.#idle;
    return isRunning ? dueTime >= nextDueTime : dueTime > now;
  }

  countTask(): void {
    this.#tasksBegun += 1;
  }

  /** Counts the effect of a task, after its commit. */
  countEffect(effect: TaskEffect): void {
    this.#effects = { ...this.#effects, [effect]: (this.#effects[effect] ?? 0) + 1 };
  }

  /** Keeps a delivery until it ends. @param lease the lease of its task. @param delivery must not reject. */
  addDelivery(lease: string, delivery: Promise<void>): void {
    this.#deliveries.add(lease);
    void delivery.then(() => {
      this.#deliveries.delete(lease);
      this.#deliveryEnd?.resolve();
      this.#deliveryEnd = undefined;
    });
  }

  /** Whether deliveries are under way besides those with the given leases. */
  hasDeliveriesBesides(leases: ReadonlySet<string>): boolean {
    const given = [...leases].filter((lease) => this.#deliveries.has(lease));
    return this.#deliveries.size > given.length;
  }

  /** Resolves when the first of the deliveries under way ends. Its cost does not depend on their number. */
  async nextDeliveryEnd(): Promise<void> {
    if (!this.hasDeliveries) return;
    this.#deliveryEnd ??= withResolver();
    await this.#deliveryEnd.promise;
  }

  /** Reserves the world's clock. @returns false while another clock change is under way. */
  startClockChange({ tasksMax, durationMaxMs }: ClockChangeLimits): boolean {
    if (this.#budget !== undefined) return false;
    this.#budget = { tasksMax: this.#tasksBegun + tasksMax, deadline: this.#clock.now() + durationMaxMs };
    return true;
  }

  /** Ends the clock change. A pass that stopped at its limits needs a new request. */
  endClockChange(): void {
    this.#budget = undefined;
  }

  /** Waits for work until the deadline of the clock change. @returns whether the work ended in time. */
  async endsInBudget(work: Promise<void>): Promise<boolean> {
    const now = this.#clock.now();
    let cancel = () => {};
    const late = new Promise<boolean>((resolve) => {
      cancel = this.#clock.after((this.#budget?.deadline ?? now) - now, () => resolve(false), { keepsAlive: true });
    });
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      cancel();
    }
  }

  /** Ends the run, except for its deliveries under way. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  /** Ends the run and its deliveries: nothing that it began writes after this. */
  abort(): void {
    this.stop();
    this.#abort.abort();
  }

  /** Resolves when no pass is under way. */
  async whenIdle(): Promise<void> {
    await this.#loop?.catch(() => undefined);
  }

  async #passWhileRequested(): Promise<void> {
    try {
      while (this.#isPassRequested && !this.#isStopped) {
        this.#isPassRequested = false;
        this.#cancelTimer();
        await this.#actions.pass(this);
      }
    } finally {
      this.#loop = undefined;
    }
  }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}
