import { accept, type Result, refuse } from "../domain/refusal.ts";
import { isDelivery, type Task } from "../domain/task.ts";
import { checkClockTarget, moveClock, type World, type WorldClock, worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import { noteMove } from "./clock-moves.ts";
import type { Outcomes } from "./outcomes.ts";
import { type AdvanceLimits, inTime, newRun, type Run, type SchedulerParts } from "./run.ts";
import type { Webhooks } from "./webhooks.ts";

type Step = { readonly kind: "ran" } | { readonly kind: "deliver"; readonly task: Task } | { readonly kind: "idle" };

/** What a clock shows, and how many tasks were run to get there. */
export interface Advanced {
  readonly now: number;
  readonly ran: number;
}

/** Where a clock is to go: forward by milliseconds, or to an instant. */
export type ClockTarget = { readonly byMs: number } | { readonly to: number };

/** Runs what has fallen due in each world, in order, and moves clocks. */
export class Scheduler {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: SchedulerParts["ids"];
  readonly #outcomes: Outcomes;
  readonly #webhooks: Webhooks;
  readonly #limits: AdvanceLimits;
  readonly #onDefect: (error: unknown) => void;
  readonly #runs = new Map<string, Run>();
  readonly #flights = new Set<Promise<void>>();
  #leases = 0;
  readonly #unsubscribe: () => void;
  #stopped = false;

  constructor(
    { store, clock, ids, outcomes, webhooks }: SchedulerParts,
    limits: AdvanceLimits,
    onDefect: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#outcomes = outcomes;
    this.#webhooks = webhooks;
    this.#limits = limits;
    this.#onDefect = onDefect;
    this.#unsubscribe = store.subscribe((changes) => {
      const worlds = changes
        .filter(({ kind }) => kind === "task" || kind === "world")
        .map((c) => c.processingAccountId);
      for (const id of new Set(worlds)) if (id !== undefined) this.#wake(id);
    });
  }

  /**
   * Returns when nothing is due at the world's present time and no delivery is under way. Moves no clock.
   */
  async settle(processingAccountId: string): Promise<void> {
    const run = this.#run(processingAccountId);
    for (;;) {
      await this.#pump(processingAccountId);
      if (run.flights.size === 0) return;
      await Promise.race(run.flights);
    }
  }

  /**
   * Moves a world's clock forward and runs what falls due on the way, each at its own time. Waits for the answers to the
   * deliveries and holds no lock meanwhile.
   * @returns the time and how many tasks ran, `not_found`, `clock_busy` while another move is under way (or when the
   * world was reset under this one), `advance_limit`, or `invalid_request` for a target that no clock can go to.
   */
  async advance(processingAccountId: string, target: ClockTarget): Promise<Result<Advanced>> {
    return this.#exclusively(processingAccountId, async (run, start) => {
      const [member, time] = "to" in target ? ["to", target.to] : ["by", start + target.byMs];
      const wrong = checkClockTarget(time, start, member);
      return wrong === undefined ? this.#advanceTo(processingAccountId, run, time) : refuse(wrong);
    });
  }

  /**
   * Freezes a world's clock, at an instant ahead if one is given, or lets it run on from where it stands.
   * @returns as `advance` does.
   */
  async setClock(
    processingAccountId: string,
    setting: { readonly mode: "running" } | { readonly mode: "frozen"; readonly time?: number | undefined },
  ): Promise<Result<Advanced>> {
    return this.#exclusively(processingAccountId, async (run, start) => {
      const target = setting.mode === "frozen" ? setting.time : undefined;
      const wrong = target === undefined ? undefined : checkClockTarget(target, start, "at");
      if (wrong !== undefined) return refuse(wrong);
      const now = await this.#writeClock(processingAccountId, run, (world, real) => {
        const time = worldTime(world.clock, real);
        return setting.mode === "running" ? { mode: "running", shiftMs: time - real } : { mode: "frozen", time };
      });
      if (now === undefined) return refuse({ code: "clock_busy" });
      return target === undefined ? accept({ now, ran: 0 }) : this.#advanceTo(processingAccountId, run, target);
    });
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
    await Promise.all(runs.map((run) => run.pumping));
    await Promise.all(this.#flights);
    cancel();
  }

  async #exclusively(
    processingAccountId: string,
    move: (run: Run, now: number) => Promise<Result<Advanced>>,
  ): Promise<Result<Advanced>> {
    // Taken before anything is awaited, so that a reset in between ends this move too.
    const run = this.#run(processingAccountId);
    if (run.clockBusy) return refuse({ code: "clock_busy" });
    run.clockBusy = true;
    run.budget = {
      ranMax: run.ran + this.#limits.advanceTasksMax,
      deadline: this.#clock.now() + this.#limits.advanceDurationMaxMs,
    };
    try {
      const now = await this.#now(processingAccountId);
      if (this.#isOver(run)) return refuse({ code: "clock_busy" });
      if (now !== undefined) {
        const moved = await move(run, now);
        if (moved.ok || moved.refusal.code === "advance_limit") await this.#noteMove(processingAccountId, run, now);
        return moved;
      }
      this.#runs.delete(processingAccountId);
      return refuse({ code: "not_found" });
    } finally {
      run.clockBusy = false;
      run.budget = undefined;
      if (this.#runs.has(processingAccountId)) this.#wake(processingAccountId);
    }
  }

  #noteMove(processingAccountId: string, run: Run, from: number): Promise<void> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined || this.#isOver(run)) return;
      await noteMove(unit, this.#ids, world, from, worldTime(world.clock, this.#clock.now()));
    });
  }

  async #advanceTo(processingAccountId: string, run: Run, target: number): Promise<Result<Advanced>> {
    const ranBefore = run.ran;
    for (;;) {
      const settled = await inTime(this.#clock, run, this.settle(processingAccountId));
      if (this.#isOver(run)) return refuse({ code: "clock_busy" });
      const nextDue = await this.#nextDue(processingAccountId);
      const now = await this.#now(processingAccountId);
      const arrived = settled && now !== undefined && now >= target;
      if (arrived && (nextDue === undefined || nextDue > target)) return accept({ now, ran: run.ran - ranBefore });
      if (!settled || (nextDue !== undefined && nextDue <= target && this.#isSpent(run))) {
        return refuse({ code: "advance_limit", now: now ?? target, ran: run.ran - ranBefore, nextDue });
      }
      // What is due first is looked up again: meanwhile somebody may have made what is due before it.
      const moved = await this.#writeClock(processingAccountId, run, (world, real, due = target) => {
        const time = Math.min(due, target);
        return worldTime(world.clock, real) >= time ? world.clock : moveClock(world.clock, time, real);
      });
      if (moved === undefined) return refuse({ code: "clock_busy" });
    }
  }

  #isOver(run: Run): boolean {
    return this.#stopped || run.cut.signal.aborted;
  }

  #isSpent({ budget, ran }: Run): boolean {
    return budget !== undefined && (ran >= budget.ranMax || this.#clock.now() >= budget.deadline);
  }

  /** Writes a world's clock, unless the run is over. @returns what it shows then. */
  #writeClock(
    processingAccountId: string,
    run: Run,
    change: (world: World, realTime: number, dueTime: number | undefined) => WorldClock,
  ): Promise<number | undefined> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined || this.#isOver(run)) return undefined;
      const real = this.#clock.now();
      const clock = change(world, real, (await unit.nextTask(processingAccountId))?.dueTime);
      if (clock !== world.clock) await unit.save("world", { ...world, clock });
      return worldTime(clock, real);
    });
  }

  async #now(processingAccountId: string): Promise<number | undefined> {
    const world = await this.#store.atomically((unit) => unit.get("world", processingAccountId));
    return world === undefined ? undefined : worldTime(world.clock, this.#clock.now());
  }

  async #nextDue(processingAccountId: string): Promise<number | undefined> {
    return (await this.#store.atomically((unit) => unit.nextTask(processingAccountId)))?.dueTime;
  }

  #run(processingAccountId: string): Run {
    const run = this.#runs.get(processingAccountId) ?? newRun();
    this.#runs.set(processingAccountId, run);
    return run;
  }

  #wake(processingAccountId: string): void {
    if (!this.#stopped) this.#pump(processingAccountId).catch(this.#onDefect);
  }

  /** Starts all that is due now. One pump for each world: who asks while it goes makes it look once more. */
  #pump(processingAccountId: string): Promise<void> {
    const run = this.#run(processingAccountId);
    run.again = true;
    run.pumping ??= this.#pumpUntilIdle(processingAccountId, run);
    return run.pumping;
  }

  async #pumpUntilIdle(processingAccountId: string, run: Run): Promise<void> {
    try {
      while (run.again && !this.#isOver(run)) {
        run.again = false;
        run.cancelTimer();
        while (!this.#isSpent(run)) {
          const step = await this.#store.atomically((unit) => this.#step(unit, processingAccountId, run));
          if (step.kind === "idle") break;
          run.ran += 1;
          if (step.kind === "deliver") this.#fly(run, step.task);
        }
      }
    } finally {
      run.pumping = undefined;
    }
  }

  async #step(unit: UnitOfWork, processingAccountId: string, run: Run): Promise<Step> {
    const world = await unit.get("world", processingAccountId);
    const task = await unit.nextTask(processingAccountId);
    if (world === undefined) this.#runs.delete(processingAccountId);
    if (world === undefined || task === undefined || this.#isOver(run)) return { kind: "idle" };
    const waitMs = task.dueTime - worldTime(world.clock, this.#clock.now());
    if (waitMs > 0) {
      if (world.clock.mode === "running") {
        run.cancelTimer = this.#clock.after(waitMs, () => this.#wake(processingAccountId));
      }
      return { kind: "idle" };
    }
    if (isDelivery(task)) {
      this.#leases += 1;
      const leased = { ...task, lease: `lease ${this.#leases}` };
      await unit.save("task", leased);
      return { kind: "deliver", task: leased };
    }
    await this.#outcomes.run(unit, task);
    return { kind: "ran" };
  }

  #fly(run: Run, task: Task): void {
    const flight = this.#webhooks
      .deliver(task, run.cut.signal)
      .catch(this.#onDefect)
      .finally(() => {
        run.flights.delete(flight);
        this.#flights.delete(flight);
      });
    run.flights.add(flight);
    this.#flights.add(flight);
  }
}
