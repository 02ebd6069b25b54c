import type { Result } from "../../domain/refusal.ts";
import type { UnitOfWork } from "../../store/store.ts";
import type { HeapGuard } from "../heap-guard.ts";
import type { ChangeWaiter } from "../observing/change-waiter.ts";
import type { RequestLog } from "../observing/request-log.ts";
import type { Clocks, ClockView } from "../scheduling/clocks.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { RestoredEndpoint, Snapshots, WorldSnapshot } from "./snapshots.ts";

/** Dependencies of the world lifecycle. */
export interface WorldLifecycleParts {
  readonly clocks: Clocks;
  readonly worlds: Worlds;
  readonly scheduler: Scheduler;
  readonly requestLog: RequestLog;
  readonly waiter: ChangeWaiter;
  readonly snapshots: Snapshots;
  readonly heap: Pick<HeapGuard, "recheck">;
}

/** Resets, restores and removes worlds. Each aborts the deliveries and clock changes of a world and ends its waits. */
export class WorldLifecycle {
  readonly #clocks: Clocks;
  readonly #worlds: Worlds;
  readonly #scheduler: Scheduler;
  readonly #requestLog: RequestLog;
  readonly #waiter: ChangeWaiter;
  readonly #snapshots: Snapshots;
  readonly #heap: WorldLifecycleParts["heap"];

  constructor({ clocks, worlds, scheduler, requestLog, waiter, snapshots, heap }: WorldLifecycleParts) {
    this.#clocks = clocks;
    this.#worlds = worlds;
    this.#scheduler = scheduler;
    this.#requestLog = requestLog;
    this.#waiter = waiter;
    this.#snapshots = snapshots;
    this.#heap = heap;
  }

  /** Resets a world; without an id, the demo world. @returns the clock then, or `not_found`. */
  async reset(processingAccountId?: string): Promise<Result<ClockView>> {
    const world = await this.#worlds.find(processingAccountId);
    if (!world.ok) return world;
    const id = world.value.processingAccountId;
    await this.#whilePaused(id, (abort) => this.#worlds.restart(id, abort));
    await this.#requestLog.forget(id);
    this.#heap.recheck();
    return this.#clocks.view(id);
  }

  /** Resets the whole sandbox: the configured worlds begin again, all others are removed. @returns the demo clock. */
  async resetAll(): Promise<Result<ClockView>> {
    await this.#whilePaused(undefined, (abort) => this.#worlds.restartAll(abort));
    await this.#requestLog.forget();
    this.#heap.recheck();
    return this.#clocks.view();
  }

  /**
   * Restores a world from a snapshot.
   * @param endpoint as for `Snapshots.restore`.
   * @returns the clock then, or a refusal as `Snapshots.restore`.
   */
  async restore(snapshot: WorldSnapshot, endpoint: RestoredEndpoint): Promise<Result<ClockView>> {
    const id = snapshot.world.processingAccountId;
    const restored = await this.#whilePaused(id, (abort) => this.#snapshots.restore(snapshot, endpoint, abort));
    this.#heap.recheck();
    return restored.ok ? this.#clocks.view(id) : restored;
  }

  /** Removes a world. @param mayRemove as for `Worlds.remove`. @returns nothing, or a refusal as `Worlds.remove`. */
  async remove(
    processingAccountId: string,
    mayRemove?: (unit: UnitOfWork) => Promise<boolean>,
  ): Promise<Result<undefined>> {
    const removed = await this.#whilePaused(processingAccountId, (abort) =>
      this.#worlds.remove(processingAccountId, abort, mayRemove),
    );
    if (removed.ok) await this.#requestLog.forget(processingAccountId);
    this.#heap.recheck();
    return removed;
  }

  /**
   * Does work while one world, or all, is paused.
   * @param work calls `abort` in its unit of work, once the world is certain to be replaced.
   */
  async #whilePaused<T>(processingAccountId: string | undefined, work: (abort: () => void) => Promise<T>): Promise<T> {
    const resume = this.#scheduler.pause(processingAccountId);
    try {
      return await work(() => {
        this.#scheduler.abort(processingAccountId);
        this.#waiter.endWaits(processingAccountId);
      });
    } finally {
      resume();
    }
  }
}
