import type { Result } from "../../domain/refusal.ts";
import { type World, type WorldClock, type WorldSettings, worldTime } from "../../domain/world.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { UnitOfWork } from "../../store/store.ts";
import type { ChangeWaiter } from "../observing/change-waiter.ts";
import type { RequestLog } from "../observing/request-log.ts";
import type { Payments } from "../payments/payments.ts";
import type { Advanced, Clocks, ClockTarget } from "../scheduling/clocks.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { Snapshots, WorldSnapshot } from "./snapshots.ts";

/** What a world's clock does and shows. */
export interface ClockView {
  readonly mode: WorldClock["mode"];
  readonly now: number;
}

/** What control stands on. */
export interface WorldLifecycleParts {
  readonly clock: RealClock;
  readonly clocks: Clocks;
  readonly worlds: Worlds;
  readonly payments: Payments;
  readonly scheduler: Scheduler;
  readonly requestLog: RequestLog;
  readonly waiter: ChangeWaiter;
  readonly snapshots: Snapshots;
}

/** What tests do to a sandbox: one set of functions behind the handle and the HTTP routes. */
export class WorldLifecycle {
  readonly #clock: RealClock;
  readonly #clocks: Clocks;
  readonly #worlds: Worlds;
  readonly #payments: Payments;
  readonly #scheduler: Scheduler;
  readonly #requestLog: RequestLog;
  readonly #waiter: ChangeWaiter;
  readonly #snapshots: Snapshots;

  constructor({ clock, clocks, worlds, payments, scheduler, requestLog, waiter, snapshots }: WorldLifecycleParts) {
    this.#clock = clock;
    this.#clocks = clocks;
    this.#worlds = worlds;
    this.#payments = payments;
    this.#scheduler = scheduler;
    this.#requestLog = requestLog;
    this.#waiter = waiter;
    this.#snapshots = snapshots;
  }

  act(...asked: Parameters<Payments["act"]>): ReturnType<Payments["act"]> {
    return this.#payments.act(...asked);
  }

  /** A payment with its refunds and ledger entries. */
  payment(paymentId: string): ReturnType<Payments["whole"]> {
    return this.#payments.whole(paymentId);
  }

  async clock(processingAccountId?: string): Promise<Result<ClockView>> {
    const world = await this.#worlds.find(processingAccountId);
    if (!world.ok) return world;
    const { clock } = world.value;
    return { ok: true, value: { mode: clock.mode, now: worldTime(clock, this.#clock.now()) } };
  }

  setClock(
    setting: Parameters<Clocks["set"]>[1],
    processingAccountId = this.#worlds.demoId,
  ): Promise<Result<Advanced>> {
    return this.#clocks.set(processingAccountId, setting);
  }

  advance(target: ClockTarget, processingAccountId = this.#worlds.demoId): Promise<Result<Advanced>> {
    return this.#clocks.advance(processingAccountId, target);
  }

  /** Waits until nothing is due and nothing is under way. @returns the clock then. */
  async settle(processingAccountId?: string): Promise<Result<ClockView>> {
    const world = await this.#worlds.find(processingAccountId);
    if (!world.ok) return world;
    await this.#scheduler.settle(world.value.processingAccountId);
    return this.clock(processingAccountId);
  }

  /** Puts a world back to the start; its deliveries under way are cut, and its waits end. */
  async reset(processingAccountId?: string): Promise<Result<ClockView>> {
    const world = await this.#worlds.find(processingAccountId);
    if (!world.ok) return world;
    const id = world.value.processingAccountId;
    await this.#holding(id, () => this.#worlds.restart(id, () => this.#cut(id)));
    await this.#requestLog.forget(id);
    return this.clock(processingAccountId);
  }

  /** A world as it is now; without an id, the demo world. */
  snapshot(processingAccountId?: string): Promise<Result<WorldSnapshot>> {
    return this.#snapshots.take(processingAccountId);
  }

  /** Puts a world back as it was; its waits end and its deliveries under way are cut. @returns the clock then. */
  async restore(snapshot: WorldSnapshot): Promise<Result<ClockView>> {
    const id = snapshot.world.processingAccountId;
    const restored = await this.#holding(id, () => this.#snapshots.restore(snapshot, () => this.#cut(id)));
    return restored.ok ? this.clock(id) : restored;
  }

  /** Changes some of a world's settings. */
  change(processingAccountId: string, settings: Partial<WorldSettings>): Promise<Result<World>> {
    return this.#worlds.change(processingAccountId, settings);
  }

  /** Removes a world; its deliveries under way are cut, and its waits end. @param mayRemove as for `Worlds.remove`. */
  async remove(
    processingAccountId: string,
    mayRemove?: (unit: UnitOfWork) => Promise<boolean>,
  ): Promise<Result<undefined>> {
    const cut = () => this.#cut(processingAccountId);
    const removed = await this.#holding(processingAccountId, () =>
      this.#worlds.remove(processingAccountId, cut, mayRemove),
    );
    if (removed.ok) await this.#requestLog.forget(processingAccountId);
    return removed;
  }

  /** A world with its settings; without an id, the demo world. */
  world(processingAccountId?: string): Promise<Result<World>> {
    return this.#worlds.find(processingAccountId);
  }

  /** Puts the whole sandbox back to the start: the demo world, and no other. */
  async resetAll(): Promise<Result<ClockView>> {
    const cutAll = () => {
      this.#scheduler.cutAll();
      this.#waiter.cut();
    };
    await this.#holding(undefined, () => this.#worlds.restartAll(cutAll));
    await this.#requestLog.forget();
    return this.clock();
  }

  /** Does something while nothing is run in a world, or in any. */
  async #holding<T>(processingAccountId: string | undefined, work: () => Promise<T>): Promise<T> {
    const goOn = this.#scheduler.hold(processingAccountId);
    try {
      return await work();
    } finally {
      goOn();
    }
  }

  #cut(processingAccountId: string): void {
    this.#scheduler.cut(processingAccountId);
    this.#waiter.cut(processingAccountId);
  }
}
