import { accept, type Result, refuse, unknownWorld } from "../../domain/refusal.ts";
import { countsSince, type EffectCounts } from "../../domain/task-effect.ts";
import { clockChangesMax } from "../../domain/timeline.ts";
import { checkClockTarget, moveClock, type World, type WorldClock, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { Leases } from "./leases.ts";
import type { Scheduler } from "./scheduler.ts";
import type { WorldRun } from "./world-run.ts";

/** A world's clock: its mode, and the world time now. */
export interface ClockView {
  readonly mode: WorldClock["mode"];
  readonly now: number;
}

/** The world time after a clock change, and the tasks that it ran. */
export interface Advanced {
  readonly now: number;
  /** The world time before the change. */
  readonly from: number;
  /** Number of tasks. */
  readonly ran: number;
  /** Effects of the tasks that this process ran meanwhile, without those of payments that a request read first. */
  readonly effects: EffectCounts;
}

/** Target of an advance: forward by milliseconds, or to an instant. */
export type ClockTarget = { readonly byMs: number } | { readonly to: number };

/** A mode for a clock, and for a frozen one the instant. */
export type ClockSetting =
  | { readonly mode: "running" }
  | { readonly mode: "frozen"; readonly time?: number | undefined };

/** Dependencies of the clocks. */
export interface ClockParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly ids: Ids;
  readonly worlds: Worlds;
  readonly leases: Leases;
  readonly scheduler: Scheduler;
}

/** Limits of clock changes. */
export interface ClockLimits {
  /** Maximum number of tasks of one advance. */
  readonly advanceTasksMax: number;
  /** Maximum duration of one advance, in milliseconds of real time. */
  readonly advanceDurationMaxMs: number;
  /** Time until the next try after the store could not be reached, in milliseconds of real time. */
  readonly storeRetryMs: number;
}

/** Poll interval for the lease of a world in which another replica runs tasks, in milliseconds of real time. */
const leasePollMs = 20;

/** Changes the clocks of worlds, one change at a time for each world, and runs the tasks that fall due on the way. */
export class Clocks {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #ids: Ids;
  readonly #worlds: Worlds;
  readonly #leases: Leases;
  readonly #scheduler: Scheduler;
  readonly #limits: ClockLimits;
  readonly #onDefect: (error: unknown) => void;

  constructor(
    { store, clock, ids, worlds, leases, scheduler }: ClockParts,
    limits: ClockLimits,
    onDefect: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#worlds = worlds;
    this.#leases = leases;
    this.#scheduler = scheduler;
    this.#limits = limits;
    this.#onDefect = onDefect;
  }

  /** The clock of a world; without an id, of the demo world. Refuses with `not_found`. */
  async view(processingAccountId?: string): Promise<Result<ClockView>> {
    const world = await this.#worlds.find(processingAccountId);
    if (!world.ok) return world;
    const { clock } = world.value;
    return accept({ mode: clock.mode, now: worldTime(clock, this.#clock.now()) });
  }

  /**
   * Waits until no task is due and no delivery is under way.
   * @param isFromSocket the call came through a socket, perhaps from an endpoint that waits for itself.
   * @returns the clock then, or `not_found`.
   */
  async settle(processingAccountId?: string, isFromSocket = false): Promise<Result<ClockView>> {
    const world = await this.#worlds.find(processingAccountId);
    if (!world.ok) return world;
    await this.#scheduler.settle(world.value.processingAccountId, isFromSocket);
    return this.view(processingAccountId);
  }

  /**
   * Moves a world's clock forward and runs the tasks that fall due on the way, each at its own time. Waits for the
   * responses to the deliveries, without a lock.
   * @param isFromSocket as for `settle`.
   * @returns the time and the number of tasks, `not_found`, `clock_busy` during another clock change (or after a reset
   * of the world during this one), `advance_limit`, or `invalid_request` for a target that no clock can reach.
   */
  advance(
    target: ClockTarget,
    processingAccountId = this.#worlds.demoId,
    isFromSocket = false,
  ): Promise<Result<Advanced>> {
    return this.#exclusively(processingAccountId, async (run, start) => {
      const [member, time] = "to" in target ? ["to", target.to] : ["by", start + target.byMs];
      const refusal = checkClockTarget(time, start, member);
      return refusal === undefined ? this.#advanceTo(run, start, time, isFromSocket) : refuse(refusal);
    });
  }

  /** Freezes a world's clock, now or at a later instant, or lets it run on from its time. @returns as `advance`. */
  set(
    setting: ClockSetting,
    processingAccountId = this.#worlds.demoId,
    isFromSocket = false,
  ): Promise<Result<Advanced>> {
    return this.#exclusively(processingAccountId, async (run, start) => {
      const target = setting.mode === "frozen" ? setting.time : undefined;
      const refusal = target === undefined ? undefined : checkClockTarget(target, start, "at");
      if (refusal !== undefined) return refuse(refusal);
      const now = await this.#write(run, (world, real) => {
        const time = worldTime(world.clock, real);
        return setting.mode === "running" ? { mode: "running", shiftMs: time - real } : { mode: "frozen", time };
      });
      if (now === undefined) return refuse({ code: "clock_busy" });
      return target === undefined
        ? accept({ now, from: start, ran: 0, effects: {} })
        : this.#advanceTo(run, start, target, isFromSocket);
    });
  }

  async #exclusively(
    processingAccountId: string,
    change: (run: WorldRun, now: number) => Promise<Result<Advanced>>,
  ): Promise<Result<Advanced>> {
    // The run is taken before the first await, so that a reset in between ends this change too.
    const run = this.#scheduler.runOf(processingAccountId);
    const { advanceTasksMax, advanceDurationMaxMs } = this.#limits;
    const isStarted = run.startClockChange({ tasksMax: advanceTasksMax, durationMaxMs: advanceDurationMaxMs });
    if (!isStarted) return refuse({ code: "clock_busy" });
    // Also true while it is unknown whether the lease was taken.
    let isLeased = true;
    try {
      const taken = await this.#takeLease(run);
      isLeased = typeof taken === "object";
      if (taken === "busy" || run.isEnded) return refuse({ code: "clock_busy" });
      if (taken === "not_found") {
        this.#scheduler.abort(processingAccountId);
        return refuse(unknownWorld(processingAccountId));
      }
      if (!run.isOfWorld(taken.startTime)) {
        // Another process has reset the world since the run began: the change applies to the new world.
        isLeased = false;
        this.#scheduler.abort(processingAccountId);
        return await this.#exclusively(processingAccountId, change);
      }
      const changed = await change(run, taken.now);
      if (changed.ok || changed.refusal.code === "advance_limit") await this.#record(run, taken.now);
      return changed;
    } finally {
      run.endClockChange();
      if (isLeased) await this.#releaseLease(run);
      else if (!run.isEnded) run.wake();
    }
  }

  /** Takes the world's lease for a clock change. @returns the world's time and start, or why there is no lease. */
  async #takeLease(
    run: WorldRun,
  ): Promise<{ readonly now: number; readonly startTime: number } | "busy" | "not_found"> {
    const { processingAccountId } = run;
    for (;;) {
      const taken = await this.#store.atomically(async (unit) => {
        const world = await unit.get("world", processingAccountId);
        if (world === undefined) return "not_found";
        const holder = await this.#leases.holderOf(unit, processingAccountId);
        if (typeof holder === "object") return holder.advancing ? "busy" : "taken";
        await this.#leases.take(unit, processingAccountId, { advancing: true });
        return { now: worldTime(world.clock, this.#clock.now()), startTime: world.startTime };
      });
      if (taken !== "taken") return taken;
      if (run.isEnded || run.isBudgetSpent) return "busy";
      await new Promise<void>((resolve) => void this.#clock.after(leasePollMs, resolve, { keepsAlive: true }));
    }
  }

  /** Lets others change the clock. While the store cannot be reached it tries again later, and the caller goes on. */
  async #releaseLease(run: WorldRun): Promise<void> {
    const { processingAccountId } = run;
    try {
      await this.#store.atomically((unit) =>
        // After a reset, another change may have begun in the meantime.
        this.#scheduler.runOf(processingAccountId).isClockChanging
          ? Promise.resolve()
          : this.#leases.release(unit, processingAccountId),
      );
      run.wake();
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
      this.#clock.after(this.#limits.storeRetryMs, () => {
        if (!this.#scheduler.isStopped) this.#releaseLease(run).catch(this.#onDefect);
      });
    }
  }

  /** Records the clock change for the timelines. */
  #record(run: WorldRun, from: number): Promise<void> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", run.processingAccountId);
      if (world === undefined || run.isEnded) return;
      await recordClockChange(unit, this.#ids, world, from, worldTime(world.clock, this.#clock.now()));
    });
  }

  async #advanceTo(run: WorldRun, from: number, target: number, isFromSocket: boolean): Promise<Result<Advanced>> {
    const { processingAccountId, tasksBegun: begunBefore, effects: effectsBefore } = run;
    const ran = () => run.tasksBegun - begunBefore;
    for (;;) {
      const settled = await run.endsInBudget(this.#scheduler.settle(processingAccountId, isFromSocket));
      if (run.isEnded) return refuse({ code: "clock_busy" });
      const { nextDue, now } = await this.#probe(processingAccountId);
      const arrived = settled && now !== undefined && now >= target;
      if (arrived && (nextDue === undefined || nextDue > target)) {
        return accept({ now, from, ran: ran(), effects: countsSince(effectsBefore, run.effects) });
      }
      if (!settled || (nextDue !== undefined && nextDue <= target && run.isBudgetSpent)) {
        return refuse({ code: "advance_limit", now: now ?? target, ran: ran(), nextDue });
      }
      // `write` reads the next task again: another request may have created an earlier one in the meantime.
      const written = await this.#write(run, (world, real, due = target) => {
        const time = Math.min(due, target);
        return worldTime(world.clock, real) >= time ? world.clock : moveClock(world.clock, time, real);
      });
      if (written === undefined) return refuse({ code: "clock_busy" });
    }
  }

  #probe(processingAccountId: string): Promise<{ nextDue: number | undefined; now: number | undefined }> {
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      const nextDue = (await unit.nextTask(processingAccountId))?.dueTime;
      return { nextDue, now: world && worldTime(world.clock, this.#clock.now()) };
    });
  }

  /** Writes a world's clock, unless the run has ended or the lease is lost. @returns the world time then. */
  #write(
    run: WorldRun,
    change: (world: World, realTime: number, dueTime: number | undefined) => WorldClock,
  ): Promise<number | undefined> {
    const { processingAccountId } = run;
    return this.#store.atomically(async (unit) => {
      const world = await unit.get("world", processingAccountId);
      if (world === undefined || run.isEnded) return undefined;
      if ((await this.#leases.holderOf(unit, processingAccountId)) !== "here") return undefined;
      const real = this.#clock.now();
      const clock = change(world, real, (await unit.nextTask(processingAccountId))?.dueTime);
      if (clock !== world.clock) await unit.save("world", { ...world, clock });
      return worldTime(clock, real);
    });
  }
}

async function recordClockChange(unit: UnitOfWork, ids: Ids, world: World, from: number, to: number): Promise<void> {
  const { processingAccountId, clock } = world;
  const before = await unit.list("clockChange", { processingAccountId });
  if (to === from && before.at(-1)?.mode === clock.mode) return;
  if (before.length >= clockChangesMax && before[0] !== undefined) await unit.remove("clockChange", before[0].id);
  const id = ids.ksuid("clock_move", processingAccountId, to);
  await unit.save("clockChange", { id, processingAccountId, from, to, mode: clock.mode });
}
