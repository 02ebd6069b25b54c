import { isAcknowledged } from "../../domain/notification.ts";
import { freeTask, isDelivery, type Task } from "../../domain/task.ts";
import type { TaskEffect } from "../../domain/task-effect.ts";
import { worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Change, Origin, Store, UnitOfWork } from "../../store/store.ts";
import type { PaymentTransitions } from "../payments/transitions.ts";
import type { WebhookDelivery } from "./delivery.ts";
import { enqueue } from "./endpoint-queue.ts";
import type { Leases } from "./leases.ts";
import { SettleCalls } from "./settle-calls.ts";
import type { IdleTimes, WorldRun } from "./world-run.ts";
import { WorldRuns } from "./world-runs.ts";

/** Dependencies of the scheduler. */
export interface SchedulerParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly transitions: PaymentTransitions;
  readonly delivery: WebhookDelivery;
  readonly leases: Leases;
  /** The delivery whose endpoint, a function in this process, makes the present call: its task lease. */
  readonly currentDelivery: () => string | undefined;
}

type LeasedTask = Task & { readonly lease: string };

type Step =
  | { readonly kind: "ran"; readonly effect: TaskEffect | undefined }
  | { readonly kind: "deliver"; readonly task: LeasedTask }
  /** The delivery waits for another one of its endpoint. */
  | { readonly kind: "queued" }
  /** Nothing is due. `times` is absent for a run that has ended. */
  | { readonly kind: "idle"; readonly times?: IdleTimes }
  /** Another replica holds the world's lease. */
  | { readonly kind: "taken" }
  /** The world was removed, or another process has reset it. */
  | { readonly kind: "ended"; readonly isRemoved: boolean };

/** Poll interval while another replica holds the world's lease, in milliseconds of real time. */
const takenRetryMs = 100;
/** Time until the next pass after the store could not be reached, in milliseconds of real time. */
const unavailableRetryMs = 1_000;
/** Poll interval while tasks of other replicas are under way, in milliseconds of real time. */
const settlePollMs = 20;

/** Runs the due tasks of each world, in order. */
export class Scheduler {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #transitions: PaymentTransitions;
  readonly #delivery: WebhookDelivery;
  readonly #leases: Leases;
  readonly #settleCalls: SettleCalls;
  readonly #onDefect: (error: unknown) => void;
  readonly #runs: WorldRuns;
  /** Deliveries under way, those of aborted runs too. */
  readonly #deliveries = new Set<Promise<void>>();
  #taskLeases = 0;
  /** The task leases of the steps and deliveries under way here. */
  readonly #liveTaskLeases = new Set<string>();
  #mayHaveOrphans = false;
  readonly #unsubscribe: () => void;

  constructor(
    { store, clock, transitions, delivery, leases, currentDelivery }: SchedulerParts,
    onDefect: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#transitions = transitions;
    this.#delivery = delivery;
    this.#leases = leases;
    this.#settleCalls = new SettleCalls(currentDelivery);
    this.#onDefect = onDefect;
    const onError = (error: unknown) => {
      if (!store.isUnavailable(error)) onDefect(error);
    };
    this.#runs = new WorldRuns(clock, { pass: (run) => this.#pass(run), onError });
    this.#unsubscribe = store.subscribe((changes, origin, dueTimes) => {
      if (changes === "anything") return this.#wakeBusyRuns();
      for (const change of changes) this.#onChange(change, origin, dueTimes?.get(change.key));
    });
  }

  #onChange({ kind, processingAccountId: id }: Change, origin: Origin, dueTime: number | undefined): void {
    if (id === undefined) return;
    if (kind === "world" && (origin === "here" || this.#runs.has(id))) this.wake(id);
    if (kind !== "task" || origin !== "here") return;
    if (dueTime === undefined || !this.#runs.of(id).isAsleepAt(dueTime)) this.wake(id);
  }

  get isStopped(): boolean {
    return this.#runs.isStopped;
  }

  /** What this process does for a world. */
  runOf(processingAccountId: string): WorldRun {
    return this.#runs.of(processingAccountId);
  }

  /** Runs the due tasks of a world, unless another process does. */
  wake(processingAccountId: string): void {
    if (!this.isStopped) this.#runs.of(processingAccountId).wake();
  }

  /**
   * Returns when no task is due at the world's present time and no delivery is under way. Moves no clock. The delivery
   * to a function in this process that calls this does not count.
   * @param isFromSocket the call came through a socket, perhaps from an endpoint that waits for itself.
   */
  settle(processingAccountId: string, isFromSocket = false): Promise<void> {
    const suspects = isFromSocket ? this.#runs.of(processingAccountId).deliveryLeases : [];
    return this.#settleCalls.run(suspects, (waiting) => this.#settle(processingAccountId, waiting));
  }

  /** @param waiting returns the deliveries that do not count, by task lease. */
  async #settle(processingAccountId: string, waiting: () => ReadonlySet<string>): Promise<void> {
    for (;;) {
      await this.#runs.of(processingAccountId).requestPass();
      // After a reset in the meantime this is another run.
      const run = this.#runs.of(processingAccountId);
      if (run.hasDeliveriesBesides(waiting())) await run.nextDeliveryEnd();
      else if (!this.#store.shared || run.isEnded || run.isBudgetSpent) return;
      else if (await this.#isSettled(processingAccountId)) return;
      else await new Promise<void>((resolve) => void this.#clock.after(settlePollMs, resolve, { keepsAlive: true }));
    }
  }

  /** Aborts the deliveries and clock changes of one world, or of all: nothing that began before writes after this. */
  abort(processingAccountId?: string): void {
    this.#runs.abortCurrent(processingAccountId);
  }

  /**
   * Pauses one world, or all, during a reset: otherwise aborted tasks would begin again before its end.
   * @returns a function that ends the pause.
   */
  pause(processingAccountId?: string): () => void {
    return this.#runs.pause(processingAccountId);
  }

  /**
   * Begins no more tasks, and waits for the deliveries under way.
   * @param graceMs time until they are aborted, in milliseconds of real time.
   */
  async stop(graceMs: number): Promise<void> {
    this.#unsubscribe();
    const runs = this.#runs.stop();
    const cancel = this.#clock.after(graceMs, () => {
      for (const run of runs) run.abort();
    });
    await Promise.all(runs.map((run) => run.whenIdle()));
    await Promise.all(this.#deliveries);
    cancel();
  }

  /**
   * Frees the tasks that this replica has leased but does not work on. They arise when a commit succeeds but its
   * acknowledgement is lost.
   */
  async freeOrphans(): Promise<void> {
    if (!this.#mayHaveOrphans) return;
    this.#mayHaveOrphans = false;
    try {
      await this.#store.atomically(async (unit) => {
        for (const task of await unit.list("task", { holder: this.#leases.id })) {
          if (task.lease !== undefined && !this.#liveTaskLeases.has(task.lease)) {
            await unit.save("task", freeTask(task));
          }
        }
      });
    } catch (error) {
      this.#mayHaveOrphans = true;
      throw error;
    }
  }

  /** An unknown change elsewhere may have ended a world: its run notices that in the next pass. */
  #wakeBusyRuns(): void {
    for (const run of this.#runs.all()) if (run.hasDeliveries || run.isClockChanging) run.wake();
  }

  async #isSettled(processingAccountId: string): Promise<boolean> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined) return true;
      const task = await unit.nextTask(processingAccountId);
      if (task !== undefined && task.dueTime <= worldTime(world.clock, this.#clock.now())) return false;
      return !(await this.#leases.hasTasksElsewhere(unit, processingAccountId));
    });
  }

  async #pass(run: WorldRun): Promise<void> {
    if (this.#runs.isPaused(run.processingAccountId)) return;
    try {
      while (!run.isBudgetSpent) {
        const step = await this.#stepUnderLease(run);
        if (step.kind === "ran" || step.kind === "deliver") run.countTask();
        if (step.kind === "ran" && step.effect !== undefined) run.countEffect(step.effect);
        if (step.kind === "deliver") this.#startDelivery(run, step.task);
        if (step.kind === "ended") this.#replaceRun(run, step.isRemoved);
        if (step.kind === "taken") run.wakeAfter(takenRetryMs);
        if (step.kind === "idle" && step.times !== undefined) run.becomeIdle(step.times);
        if (step.kind !== "ran" && step.kind !== "deliver" && step.kind !== "queued") return;
      }
    } catch (error) {
      // The callers do not retry, and this replica would keep the world's lease.
      if (this.#store.isUnavailable(error)) run.wakeAfter(unavailableRetryMs);
      throw error;
    }
  }

  /** Takes a step under a task lease. The lease is live until it is certain that no delivery uses it. */
  async #stepUnderLease(run: WorldRun): Promise<Step> {
    this.#taskLeases += 1;
    const lease = `${this.#leases.id} ${this.#taskLeases}`;
    this.#liveTaskLeases.add(lease);
    let step: Step | undefined;
    try {
      const inUnit = (unit: UnitOfWork) => this.#step(unit, run, lease);
      step = await this.#store.atomically(inUnit, { world: run.processingAccountId });
      return step;
    } finally {
      if (step?.kind !== "deliver") this.#liveTaskLeases.delete(lease);
      this.#mayHaveOrphans ||= step === undefined;
    }
  }

  /** Ends the run of a world that ended elsewhere, and begins the run of the world that has its id now. */
  #replaceRun(run: WorldRun, isRemoved: boolean): void {
    this.#runs.abort(run);
    if (!isRemoved) this.wake(run.processingAccountId);
  }

  async #step(unit: UnitOfWork, run: WorldRun, lease: string): Promise<Step> {
    const { processingAccountId } = run;
    const world = await unit.get("world", processingAccountId);
    if (world === undefined || !run.isOfWorld(world.startTime)) {
      return { kind: "ended", isRemoved: world === undefined };
    }
    if (run.isEnded) return { kind: "idle" };
    const holder = await this.#leases.holderOf(unit, processingAccountId);
    if (typeof holder === "object") return { kind: "taken" };
    const task = await unit.claimTask(processingAccountId);
    const now = worldTime(world.clock, this.#clock.now());
    if (task === undefined || task.dueTime > now) {
      if (holder === "here" && !run.isClockChanging) await this.#leases.release(unit, processingAccountId);
      const isRunning = world.clock.mode === "running";
      const waitMs = isRunning && task !== undefined ? task.dueTime - now : undefined;
      return { kind: "idle", times: { isRunning, now, nextDueTime: task?.dueTime, waitMs } };
    }
    if (holder === "nobody") await this.#leases.take(unit, processingAccountId);
    if (!isDelivery(task)) {
      return { kind: "ran", effect: await this.#transitions.run(unit, task) };
    }
    if (await enqueue(unit, world, task)) return { kind: "queued" };
    const leased = { ...task, lease, ...(this.#store.shared && { holder: this.#leases.id }) };
    await unit.save("task", leased);
    return { kind: "deliver", task: leased };
  }

  #startDelivery(run: WorldRun, task: LeasedTask): void {
    const { lease } = task;
    const delivery = this.#delivery
      .deliver(task, run.signal, () => this.#settleCalls.isSuspect(lease))
      .then((attempt) => {
        if (attempt !== undefined) run.countEffect(isAcknowledged(attempt) ? "sent" : "unacknowledged");
      })
      .catch((error: unknown) => {
        this.#mayHaveOrphans = true;
        if (!this.#store.isUnavailable(error)) this.#onDefect(error);
      })
      .finally(() => {
        this.#liveTaskLeases.delete(lease);
        this.#deliveries.delete(delivery);
      });
    this.#deliveries.add(delivery);
    run.addDelivery(lease, delivery);
  }
}
