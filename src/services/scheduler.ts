import { accept, type Result, refuse } from "../domain/refusal.ts";
import type { Task } from "../domain/task.ts";
import { checkClockTarget, moveClock, type World, worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import type { Outcomes } from "./outcomes.ts";
import type { Webhooks } from "./webhooks.ts";

/** How far one `advance` may go before it says so. */
export interface AdvanceLimits {
  readonly advanceTasksMax: number;
  /** Real time, in milliseconds. */
  readonly advanceDurationMaxMs: number;
}

/** What this process is doing for one world. */
interface Run {
  pumping: Promise<void> | undefined;
  again: boolean;
  /** Deliveries under way. They never reject. */
  readonly flights: Set<Promise<void>>;
  /** Ends the deliveries under way; a new one after each restart of the world. */
  cut: AbortController;
  cancelTimer: () => void;
  clockBusy: boolean;
  /** Tasks begun since the process started. */
  ran: number;
}

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
  readonly #outcomes: Outcomes;
  readonly #webhooks: Webhooks;
  readonly #limits: AdvanceLimits;
  readonly #onDefect: (error: unknown) => void;
  readonly #runs = new Map<string, Run>();
  readonly #unsubscribe: () => void;
  #stopped = false;

  constructor(
    { store, clock, outcomes, webhooks }: { store: Store; clock: RealClock; outcomes: Outcomes; webhooks: Webhooks },
    limits: AdvanceLimits,
    onDefect: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
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
    return this.#exclusively(processingAccountId, async (run) => {
      const start = await this.#now(processingAccountId);
      if (start === undefined) return refuse({ code: "not_found" });
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
    return this.#exclusively(processingAccountId, async (run) => {
      const start = await this.#now(processingAccountId);
      if (start === undefined) return refuse({ code: "not_found" });
      let advanced: Advanced = { now: start, ran: 0 };
      if (setting.mode === "frozen" && setting.time !== undefined) {
        const wrong = checkClockTarget(setting.time, start, "at");
        if (wrong !== undefined) return refuse(wrong);
        const result = await this.#advanceTo(processingAccountId, run, setting.time);
        if (!result.ok) return result;
        advanced = result.value;
      }
      return this.#store.atomically(async (unit) => {
        const world = await unit.get("world", processingAccountId);
        if (world === undefined) return refuse({ code: "not_found" });
        const real = this.#clock.now();
        const now = worldTime(world.clock, real);
        const clock: World["clock"] =
          setting.mode === "running"
            ? { mode: "running", shiftMs: now - real }
            : { mode: "frozen", time: setting.time === undefined ? now : advanced.now };
        await unit.save("world", { ...world, clock });
        return accept({ now: worldTime(clock, real), ran: advanced.ran });
      });
    });
  }

  /** Ends a world's deliveries and moves of the clock: what began before records nothing after. */
  cut(processingAccountId: string): void {
    const run = this.#run(processingAccountId);
    run.cut.abort();
    run.cut = new AbortController();
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
    await Promise.all(runs.flatMap((run) => [run.pumping, ...run.flights]));
    await Promise.all(runs.flatMap((run) => [...run.flights]));
    cancel();
  }

  async #exclusively(
    processingAccountId: string,
    move: (run: Run) => Promise<Result<Advanced>>,
  ): Promise<Result<Advanced>> {
    const run = this.#run(processingAccountId);
    if (run.clockBusy) return refuse({ code: "clock_busy" });
    run.clockBusy = true;
    try {
      return await move(run);
    } finally {
      run.clockBusy = false;
    }
  }

  async #advanceTo(processingAccountId: string, run: Run, target: number): Promise<Result<Advanced>> {
    const { signal } = run.cut;
    const ranBefore = run.ran;
    const deadline = this.#clock.now() + this.#limits.advanceDurationMaxMs;
    for (;;) {
      await this.settle(processingAccountId);
      if (signal.aborted) return refuse({ code: "clock_busy" });
      const ran = run.ran - ranBefore;
      const nextDue = await this.#nextDue(processingAccountId);
      if (nextDue === undefined || nextDue > target) {
        const now = await this.#moveTo(processingAccountId, target);
        await this.settle(processingAccountId);
        return accept({ now, ran: run.ran - ranBefore });
      }
      if (ran >= this.#limits.advanceTasksMax || this.#clock.now() >= deadline) {
        const now = (await this.#now(processingAccountId)) ?? target;
        return refuse({ code: "advance_limit", now, ran, nextDue });
      }
      await this.#moveTo(processingAccountId, nextDue);
    }
  }

  /** Sets the clock to `time`, unless it is later already. */
  async #moveTo(processingAccountId: string, time: number): Promise<number> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      const real = this.#clock.now();
      if (world === undefined || worldTime(world.clock, real) >= time) {
        return world === undefined ? time : worldTime(world.clock, real);
      }
      await unit.save("world", { ...world, clock: moveClock(world.clock, time, real) });
      return time;
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
    let run = this.#runs.get(processingAccountId);
    if (run === undefined) {
      run = {
        pumping: undefined,
        again: false,
        flights: new Set(),
        cut: new AbortController(),
        cancelTimer: () => undefined,
        clockBusy: false,
        ran: 0,
      };
      this.#runs.set(processingAccountId, run);
    }
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
      while (run.again && !this.#stopped) {
        run.again = false;
        run.cancelTimer();
        for (;;) {
          const step = await this.#store.atomically((unit) => this.#step(unit, processingAccountId, run));
          if (step.kind === "idle" || this.#stopped) break;
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
    if (world === undefined || task === undefined) return { kind: "idle" };
    const waitMs = task.dueTime - worldTime(world.clock, this.#clock.now());
    if (waitMs > 0) {
      if (world.clock.mode === "running") {
        run.cancelTimer = this.#clock.after(waitMs, () => this.#wake(processingAccountId));
      }
      return { kind: "idle" };
    }
    if (task.kind === "deliver_notification") {
      const leased = { ...task, lease: `lease ${run.ran}` };
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
      .finally(() => run.flights.delete(flight));
    run.flights.add(flight);
  }
}
