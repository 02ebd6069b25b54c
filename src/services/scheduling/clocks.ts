import { accept, type Result, refuse } from "../../domain/refusal.ts";
import { checkClockTarget, moveClock, type World, type WorldClock, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Store } from "../../store/store.ts";
import { recordClockChange } from "./clock-changes.ts";
import type { Leases } from "./leases.ts";
import type { Scheduler } from "./scheduler.ts";
import { type AdvanceLimits, completesInBudget, isBudgetSpent, type WorldRun } from "./world-run.ts";

/** What a clock shows, and how many tasks were run to get there. */
export interface Advanced {
  readonly now: number;
  readonly ran: number;
}

/** Where a clock is to go: forward by milliseconds, or to an instant. */
export type ClockTarget = { readonly byMs: number } | { readonly to: number };

/** What moving clocks stands on. */
export interface ClockParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly ids: Ids;
  readonly leases: Leases;
  readonly scheduler: Scheduler;
}

/** How soon to ask again for a world in which another replica runs what is due, in milliseconds of real time. */
const takenMs = 20;

/** Moves the clocks of worlds, one move at a time for each world, and lets run what falls due on the way. */
export class Clocks {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #leases: Leases;
  readonly #scheduler: Scheduler;
  readonly #limits: AdvanceLimits;
  readonly #onDefect: (error: unknown) => void;

  constructor(
    { store, clock, ids, leases, scheduler }: ClockParts,
    limits: AdvanceLimits,
    onDefect: (error: unknown) => void,
  ) {
    this.#onDefect = onDefect;
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#leases = leases;
    this.#scheduler = scheduler;
    this.#limits = limits;
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
  async set(
    processingAccountId: string,
    setting: { readonly mode: "running" } | { readonly mode: "frozen"; readonly time?: number | undefined },
  ): Promise<Result<Advanced>> {
    return this.#exclusively(processingAccountId, async (run, start) => {
      const target = setting.mode === "frozen" ? setting.time : undefined;
      const wrong = target === undefined ? undefined : checkClockTarget(target, start, "at");
      if (wrong !== undefined) return refuse(wrong);
      const now = await this.#write(processingAccountId, run, (world, real) => {
        const time = worldTime(world.clock, real);
        return setting.mode === "running" ? { mode: "running", shiftMs: time - real } : { mode: "frozen", time };
      });
      if (now === undefined) return refuse({ code: "clock_busy" });
      return target === undefined ? accept({ now, ran: 0 }) : this.#advanceTo(processingAccountId, run, target);
    });
  }

  async #exclusively(
    processingAccountId: string,
    move: (run: WorldRun, now: number) => Promise<Result<Advanced>>,
  ): Promise<Result<Advanced>> {
    // Taken before anything is awaited, so that a reset in between ends this move too.
    const run = this.#scheduler.run(processingAccountId);
    if (run.clockBusy) return refuse({ code: "clock_busy" });
    run.clockBusy = true;
    run.budget = {
      ranMax: run.ran + this.#limits.advanceTasksMax,
      deadline: this.#clock.now() + this.#limits.advanceDurationMaxMs,
    };
    // Where it is not known whether the lease was taken, it is given back.
    let isHeld = true;
    try {
      const taken = await this.#take(processingAccountId, run);
      isHeld = typeof taken === "object";
      if (taken === "busy" || this.#scheduler.isOver(run)) return refuse({ code: "clock_busy" });
      if (taken === "gone") {
        this.#scheduler.forget(processingAccountId);
        return refuse({ code: "not_found" });
      }
      const { now, startTime } = taken;
      if (run.startTime !== undefined && run.startTime !== startTime) {
        // The run is of the world before it was put back elsewhere: the move is one of the new world.
        isHeld = false;
        this.#scheduler.cut(processingAccountId);
        return await this.#exclusively(processingAccountId, move);
      }
      run.startTime = startTime;
      const moved = await move(run, now);
      if (moved.ok || moved.refusal.code === "advance_limit") await this.#noteMove(processingAccountId, run, now);
      return moved;
    } finally {
      run.clockBusy = false;
      run.budget = undefined;
      if (isHeld) await this.#giveBack(processingAccountId, run);
    }
  }

  /** Takes the world's lease for a move. @returns the world's time and its start, or why there is no move. */
  async #take(
    processingAccountId: string,
    run: WorldRun,
  ): Promise<{ readonly now: number; readonly startTime: number } | "busy" | "gone"> {
    for (;;) {
      const taken = await this.#store.atomically(async (unit) => {
        const world = await unit.get("world", processingAccountId);
        if (world === undefined) return "gone";
        const holder = await this.#leases.holderOf(unit, processingAccountId);
        if (typeof holder === "object") return holder.advancing ? "busy" : "taken";
        await this.#leases.take(unit, processingAccountId, { advancing: true });
        return { now: worldTime(world.clock, this.#clock.now()), startTime: world.startTime };
      });
      if (taken !== "taken") return taken;
      if (this.#scheduler.isOver(run) || isBudgetSpent(this.#clock, run)) return "busy";
      await new Promise<void>((resolve) => void this.#clock.after(takenMs, resolve, { keepsAlive: true }));
    }
  }

  /** Lets others move the clock. Where the store cannot be reached it is tried again, and nobody waits for that. */
  async #giveBack(processingAccountId: string, run: WorldRun): Promise<void> {
    try {
      await this.#store.atomically((unit) =>
        // After a reset another move may have begun meanwhile.
        this.#scheduler.run(processingAccountId).clockBusy
          ? Promise.resolve()
          : this.#leases.giveBack(unit, processingAccountId),
      );
      if (!run.cut.signal.aborted) this.#scheduler.wake(processingAccountId);
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
      this.#clock.after(this.#limits.storeRetryMs, () => {
        if (!this.#scheduler.isStopped) this.#giveBack(processingAccountId, run).catch(this.#onDefect);
      });
    }
  }

  #noteMove(processingAccountId: string, run: WorldRun, from: number): Promise<void> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined || this.#scheduler.isOver(run)) return;
      await recordClockChange(unit, this.#ids, world, from, worldTime(world.clock, this.#clock.now()));
    });
  }

  async #advanceTo(processingAccountId: string, run: WorldRun, target: number): Promise<Result<Advanced>> {
    const ranBefore = run.ran;
    for (;;) {
      const settled = await completesInBudget(this.#clock, run, this.#scheduler.settle(processingAccountId));
      if (this.#scheduler.isOver(run)) return refuse({ code: "clock_busy" });
      const { nextDue, now } = await this.#look(processingAccountId);
      const arrived = settled && now !== undefined && now >= target;
      if (arrived && (nextDue === undefined || nextDue > target)) return accept({ now, ran: run.ran - ranBefore });
      if (!settled || (nextDue !== undefined && nextDue <= target && isBudgetSpent(this.#clock, run))) {
        return refuse({ code: "advance_limit", now: now ?? target, ran: run.ran - ranBefore, nextDue });
      }
      // What is due first is looked up again: meanwhile somebody may have made what is due before it.
      const moved = await this.#write(processingAccountId, run, (world, real, due = target) => {
        const time = Math.min(due, target);
        return worldTime(world.clock, real) >= time ? world.clock : moveClock(world.clock, time, real);
      });
      if (moved === undefined) return refuse({ code: "clock_busy" });
    }
  }

  #look(processingAccountId: string): Promise<{ nextDue: number | undefined; now: number | undefined }> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      const nextDue = (await unit.nextTask(processingAccountId))?.dueTime;
      return { nextDue, now: world && worldTime(world.clock, this.#clock.now()) };
    });
  }

  /** Writes a world's clock, unless the run is over or the lease lost. @returns what it shows then. */
  #write(
    processingAccountId: string,
    run: WorldRun,
    change: (world: World, realTime: number, dueTime: number | undefined) => WorldClock,
  ): Promise<number | undefined> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined || this.#scheduler.isOver(run)) return undefined;
      if ((await this.#leases.holderOf(unit, processingAccountId)) !== "here") return undefined;
      const real = this.#clock.now();
      const clock = change(world, real, (await unit.nextTask(processingAccountId))?.dueTime);
      if (clock !== world.clock) await unit.save("world", { ...world, clock });
      return worldTime(clock, real);
    });
  }
}
