import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { WorldLifecycle } from "./world-lifecycle.ts";

/** Dependencies of the removal of unused worlds. */
export interface ExpiredWorldsParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly worlds: Worlds;
  readonly lifecycle: WorldLifecycle;
}

/** Checks of all worlds in the time after which a world is unused. A use is recorded once between two checks. */
const checksPerPeriod = 20;
/** Maximum check interval, in milliseconds of real time. */
const intervalMaxMs = 3_600_000;

/**
 * Removes worlds without changes and without API requests for a given real time. Configured worlds stay. A world
 * without a recorded use counts as used at the first check.
 */
export class ExpiredWorlds {
  readonly #parts: ExpiredWorldsParts;
  readonly #unusedMs: number;
  readonly #onDefect: (error: unknown) => void;
  readonly #intervalMs: number;
  /** When this process last recorded a use of a world. Real time. */
  readonly #recorded = new Map<string, number>();
  readonly #work = new Set<Promise<void>>();
  #cancel: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;
  #stopped = false;

  constructor(parts: ExpiredWorldsParts, unusedMs: number, onDefect: (error: unknown) => void) {
    this.#parts = parts;
    this.#unusedMs = unusedMs;
    this.#onDefect = onDefect;
    this.#intervalMs = Math.min(unusedMs / checksPerPeriod, intervalMaxMs);
  }

  start(): void {
    this.#unsubscribe = this.#parts.store.subscribe((changes, origin) => {
      if (origin === "elsewhere" || changes === "anything") return;
      const used = changes.filter(({ kind }) => kind !== "use" && kind !== "lease");
      for (const id of new Set(used.map((change) => change.processingAccountId))) {
        if (id !== undefined) this.#record(id);
      }
    });
    this.#scheduleCheck();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancel();
    await Promise.all(this.#work);
  }

  #scheduleCheck(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.clock.after(
      this.#intervalMs,
      () => void this.#track(() => this.#removeUnused()).then(() => this.#scheduleCheck()),
    );
  }

  #record(processingAccountId: string): void {
    const now = this.#parts.clock.now();
    const before = this.#recorded.get(processingAccountId);
    if (before !== undefined && now - before < this.#intervalMs) return;
    this.#recorded.set(processingAccountId, now);
    void this.#track(async () => {
      try {
        await this.#save(processingAccountId, now);
      } catch (error) {
        this.#recorded.delete(processingAccountId);
        throw error;
      }
    });
  }

  #save(processingAccountId: string, time: number): Promise<void> {
    return this.#parts.store.atomically(async (unit) => {
      const exists = (await unit.get("world", processingAccountId)) !== undefined;
      if (exists) await unit.save("use", { processingAccountId, time });
    });
  }

  async #removeUnused(): Promise<void> {
    const { worlds, lifecycle, store } = this.#parts;
    const configured = new Set(worlds.configuredIds);
    for (const { processingAccountId: id } of await worlds.list()) {
      if (this.#stopped) return;
      if (configured.has(id)) continue;
      const isUnused = (unit: UnitOfWork) => this.#isUnused(unit, id);
      await this.#track(async () => {
        const use = await store.atomically((unit) => unit.get("use", id), { readOnly: true });
        if (use === undefined) await this.#save(id, this.#parts.clock.now());
        else if (this.#isOld(use.time)) await lifecycle.remove(id, isUnused);
      });
    }
    for (const [id, time] of this.#recorded) if (this.#isOld(time)) this.#recorded.delete(id);
  }

  async #isUnused(unit: UnitOfWork, processingAccountId: string): Promise<boolean> {
    const use = await unit.get("use", processingAccountId);
    const recordedTime = this.#recorded.get(processingAccountId) ?? 0;
    return use !== undefined && this.#isOld(Math.max(use.time, recordedTime));
  }

  #isOld(time: number): boolean {
    return this.#parts.clock.now() - time >= this.#unusedMs;
  }

  /** Keeps work until it ends. Work that fails because the store cannot be reached is left to the next check. */
  #track(work: () => Promise<unknown>): Promise<void> {
    const done = work()
      .catch((error: unknown) => {
        if (!this.#parts.store.isUnavailable(error)) this.#onDefect(error);
      })
      .then(() => void this.#work.delete(done));
    this.#work.add(done);
    return done;
  }
}
