import { freeTask, isDelivery, type Task } from "../../domain/task.ts";
import { worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import type { PaymentTransitions } from "../payments/transitions.ts";
import type { WebhookDelivery } from "./delivery.ts";
import type { Leases } from "./leases.ts";
import { isBudgetSpent, newWorldRun, type SchedulerParts, type WorldRun } from "./world-run.ts";

type Step =
  | { readonly kind: "ran" }
  | { readonly kind: "deliver"; readonly task: Task }
  /** Nothing is due; where the clock runs, something will be after that many milliseconds. */
  | { readonly kind: "idle"; readonly waitMs?: number }
  /** Another replica is at it. */
  | { readonly kind: "taken" }
  /** The world is gone, or was put back to the start elsewhere. */
  | { readonly kind: "over"; readonly isGone: boolean };

/** How soon to look again whether another replica has done its work, in milliseconds of real time. */
const takenMs = 100;
/** How soon to look again where the store could not be reached, in milliseconds of real time. */
const awayMs = 1_000;
const settlingMs = 20;

/** Runs what has fallen due in each world, in order. */
export class Scheduler {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #transitions: PaymentTransitions;
  readonly #delivery: WebhookDelivery;
  readonly #leases: Leases;
  readonly #onDefect: (error: unknown) => void;
  readonly #runs = new Map<string, WorldRun>();
  readonly #flights = new Set<Promise<void>>();
  readonly #held = new Set<{ readonly processingAccountId: string | undefined }>();
  #leasesTaken = 0;
  /** The leases of the steps and deliveries that are under way here. */
  readonly #live = new Set<string>();
  #mayHaveOrphans = false;
  readonly #unsubscribe: () => void;
  #stopped = false;

  constructor({ store, clock, transitions, delivery, leases }: SchedulerParts, onDefect: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#transitions = transitions;
    this.#delivery = delivery;
    this.#leases = leases;
    this.#onDefect = onDefect;
    this.#unsubscribe = store.subscribe((changes, origin) => {
      if (changes === "anything") return this.#lookAfter(this.#runs.keys());
      const kinds = origin === "here" ? ["task", "world"] : ["world"];
      const worlds = new Set(
        changes.filter(({ kind }) => kinds.includes(kind)).map((change) => change.processingAccountId),
      );
      worlds.delete(undefined);
      for (const id of worlds as ReadonlySet<string>) if (origin === "here" || this.#runs.has(id)) this.wake(id);
    });
  }

  /**
   * Returns when nothing is due at the world's present time and no delivery is under way. Moves no clock.
   */
  async settle(processingAccountId: string): Promise<void> {
    for (;;) {
      await this.#pump(processingAccountId);
      // Another one, where the world was put back meanwhile.
      const run = this.run(processingAccountId);
      if (run.flights.size > 0) await Promise.race(run.flights);
      else if (!this.#store.shared || this.isOver(run) || isBudgetSpent(this.#clock, run)) return;
      else if (await this.#isSettled(processingAccountId)) return;
      else await this.#aMoment();
    }
  }

  /** Ends a world's deliveries and moves of the clock: what began before writes nothing after. */
  cut(processingAccountId: string): void {
    const run = this.#runs.get(processingAccountId);
    if (run === undefined) return;
    run.cut.abort();
    run.cancelTimer();
    this.#runs.delete(processingAccountId);
  }

  /** Ends every world's. */
  cutAll(): void {
    for (const processingAccountId of [...this.#runs.keys()]) this.cut(processingAccountId);
  }

  /**
   * Starts nothing in a world, or in any, while it is put back: what was cut would else begin again before that is done.
   * @returns a function that ends it.
   */
  hold(processingAccountId?: string): () => void {
    const held = { processingAccountId };
    this.#held.add(held);
    return () => {
      this.#held.delete(held);
      if (processingAccountId !== undefined) this.wake(processingAccountId);
    };
  }

  /**
   * Starts nothing any more, and waits for the deliveries under way.
   * @param graceMs how long they may take, in real time; then they are cut.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    const runs = [...this.#runs.values()];
    for (const run of runs) run.cancelTimer();
    const cancel = this.#clock.after(graceMs, () => {
      for (const run of runs) run.cut.abort();
    });
    // What a pump could not do, because the store was away, is told where it was begun.
    await Promise.allSettled(runs.map((run) => run.pumping));
    await Promise.all(this.#flights);
    cancel();
  }

  /** What this process is doing for a world. */
  run(processingAccountId: string): WorldRun {
    const run = this.#runs.get(processingAccountId) ?? newWorldRun();
    this.#runs.set(processingAccountId, run);
    return run;
  }

  /**
   * Frees the tasks that this replica has leased and is not at: where a commit was not answered, nobody knows that it came
   * through.
   */
  async freeOrphans(): Promise<void> {
    if (!this.#mayHaveOrphans) return;
    this.#mayHaveOrphans = false;
    try {
      await this.#store.atomically(async (unit) => {
        for (const task of await unit.list("task", { holder: this.#leases.id })) {
          if (task.lease !== undefined && !this.#live.has(task.lease)) await unit.save("task", freeTask(task));
        }
      });
    } catch (error) {
      this.#mayHaveOrphans = true;
      throw error;
    }
  }

  /** Forgets a world that is not there. */
  forget(processingAccountId: string): void {
    this.#runs.delete(processingAccountId);
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Whether a run may not write any more. */
  isOver(run: WorldRun): boolean {
    return this.#stopped || run.cut.signal.aborted;
  }

  /** Runs what is due in a world, if nobody is at it. */
  wake(processingAccountId: string): void {
    if (this.#stopped) return;
    this.#pump(processingAccountId).catch((error: unknown) => {
      if (!this.#store.isUnavailable(error)) this.#onDefect(error);
    });
  }

  /** Who changes a world runs what is due by it; but where something is under way here, it may have been ended there. */
  #lookAfter(worlds: Iterable<string>): void {
    for (const id of worlds) {
      const run = this.#runs.get(id);
      if (run !== undefined && (run.flights.size > 0 || run.clockBusy)) this.wake(id);
    }
  }

  async #isSettled(processingAccountId: string): Promise<boolean> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined) return true;
      const task = await unit.nextTask(processingAccountId);
      if (task !== undefined && task.dueTime <= worldTime(world.clock, this.#clock.now())) return false;
      return !(await this.#leases.isAtWorkElsewhere(unit, processingAccountId));
    });
  }

  #aMoment(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(settlingMs, resolve, { keepsAlive: true });
    });
  }

  /** Starts all that is due now. One pump for each world: who asks while it goes makes it look once more. */
  #pump(processingAccountId: string): Promise<void> {
    if (this.#isHeld(processingAccountId)) return Promise.resolve();
    const run = this.run(processingAccountId);
    run.again = true;
    run.pumping ??= this.#pumpUntilIdle(processingAccountId, run);
    return run.pumping;
  }

  async #pumpUntilIdle(processingAccountId: string, run: WorldRun): Promise<void> {
    try {
      while (run.again && !this.isOver(run) && !this.#isHeld(processingAccountId)) {
        run.again = false;
        run.cancelTimer();
        while (!isBudgetSpent(this.#clock, run)) {
          const step = await this.#stepUnder(processingAccountId, run);
          if (step.kind === "ran" || step.kind === "deliver") run.ran += 1;
          if (step.kind === "deliver") this.#fly(run, step.task);
          if (step.kind === "over") this.#beginAnew(processingAccountId, run, step.isGone);
          if (step.kind === "taken") this.#wakeAfter(takenMs, processingAccountId, run);
          if (step.kind === "idle" && step.waitMs !== undefined) {
            this.#wakeAfter(step.waitMs, processingAccountId, run);
          }
          if (step.kind === "idle" || step.kind === "taken" || step.kind === "over") break;
        }
      }
    } catch (error) {
      // Not left to who looks for what is due: what it holds would stay held.
      if (this.#store.isUnavailable(error)) this.#wakeAfter(awayMs, processingAccountId, run);
      throw error;
    } finally {
      run.pumping = undefined;
    }
  }

  /** Takes a step under a lease that counts as live until it is known that nothing came of it. */
  async #stepUnder(processingAccountId: string, run: WorldRun): Promise<Step> {
    this.#leasesTaken += 1;
    const lease = `${this.#leases.id} ${this.#leasesTaken}`;
    this.#live.add(lease);
    let step: Step | undefined;
    try {
      const inUnit = (unit: UnitOfWork) => this.#step(unit, processingAccountId, run, lease);
      step = await this.#store.atomically(inUnit, { world: processingAccountId });
      return step;
    } finally {
      if (step?.kind !== "deliver") this.#live.delete(lease);
      this.#mayHaveOrphans ||= step === undefined;
    }
  }

  /** Ends a run whose world is over; where there is another one under its id, that is looked after. */
  #beginAnew(processingAccountId: string, run: WorldRun, isGone: boolean): void {
    if (this.#runs.get(processingAccountId) === run) this.cut(processingAccountId);
    if (!isGone) this.wake(processingAccountId);
  }

  #isHeld(id: string): boolean {
    return [...this.#held].some(({ processingAccountId = id }) => processingAccountId === id);
  }

  #wakeAfter(waitMs: number, processingAccountId: string, run: WorldRun): void {
    if (!this.isOver(run)) run.cancelTimer = this.#clock.after(waitMs, () => this.wake(processingAccountId));
  }

  async #step(unit: UnitOfWork, processingAccountId: string, run: WorldRun, lease: string): Promise<Step> {
    const world = await unit.get("world", processingAccountId);
    run.startTime ??= world?.startTime;
    if (world === undefined || run.startTime !== world.startTime) return { kind: "over", isGone: world === undefined };
    if (this.isOver(run)) return { kind: "idle" };
    const holder = await this.#leases.holderOf(unit, processingAccountId);
    if (typeof holder === "object") return { kind: "taken" };
    const task = await unit.claimTask(processingAccountId);
    const waitMs = task && task.dueTime - worldTime(world.clock, this.#clock.now());
    if (task === undefined || waitMs === undefined || waitMs > 0) {
      if (holder === "here" && !run.clockBusy) await this.#leases.giveBack(unit, processingAccountId);
      return waitMs !== undefined && world.clock.mode === "running" ? { kind: "idle", waitMs } : { kind: "idle" };
    }
    if (holder === "nobody") await this.#leases.take(unit, processingAccountId);
    if (!isDelivery(task)) {
      await this.#transitions.run(unit, task);
      return { kind: "ran" };
    }
    const leased = { ...task, lease, ...(this.#store.shared && { holder: this.#leases.id }) };
    await unit.save("task", leased);
    return { kind: "deliver", task: leased };
  }

  #fly(run: WorldRun, task: Task): void {
    const flight = this.#delivery
      .deliver(task, run.cut.signal)
      .catch((error: unknown) => {
        this.#mayHaveOrphans = true;
        if (!this.#store.isUnavailable(error)) this.#onDefect(error);
      })
      .finally(() => {
        if (task.lease !== undefined) this.#live.delete(task.lease);
        run.flights.delete(flight);
        this.#flights.delete(flight);
      });
    run.flights.add(flight);
    this.#flights.add(flight);
  }
}
