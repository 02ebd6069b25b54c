import type { RealClock } from "../platform/clock.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import type { Control } from "./control.ts";
import type { Worlds } from "./worlds.ts";

/** What the removal of worlds stands on. */
export interface UnusedWorldsParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly worlds: Worlds;
  readonly control: Control;
}

/** A use is noted once in this part of the time after which a world counts as unused, and the worlds are looked at as often. */
const part = 20;
const lookMaxMs = 3_600_000;

/**
 * Removes the worlds that nobody has used for a while: in which nothing was changed and to which no request of the API
 * came. Those of the start stay. It goes by real time.
 */
export class UnusedWorlds {
  readonly #parts: UnusedWorldsParts;
  readonly #unusedMs: number;
  readonly #onDefect: (error: unknown) => void;
  readonly #lookMs: number;
  /** When a use of a world was noted last by this process. */
  readonly #noted = new Map<string, number>();
  #cancel: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(parts: UnusedWorldsParts, unusedMs: number, onDefect: (error: unknown) => void) {
    this.#parts = parts;
    this.#unusedMs = unusedMs;
    this.#onDefect = onDefect;
    this.#lookMs = Math.min(unusedMs / part, lookMaxMs);
  }

  start(): void {
    this.#unsubscribe = this.#parts.store.subscribe((changes, origin) => {
      if (origin === "elsewhere" || changes === "anything") return;
      const used = changes.filter(({ kind }) => kind !== "use" && kind !== "lease");
      for (const id of new Set(used.map((change) => change.processingAccountId))) if (id !== undefined) this.#note(id);
    });
    this.#goOn();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#cancel();
    await this.#work;
  }

  #goOn(): void {
    this.#cancel = this.#parts.clock.after(this.#lookMs, () => {
      this.#do(() => this.#removeUnused());
      this.#goOn();
    });
  }

  #note(processingAccountId: string): void {
    const now = this.#parts.clock.now();
    if (now - (this.#noted.get(processingAccountId) ?? Number.NEGATIVE_INFINITY) < this.#lookMs) return;
    this.#noted.set(processingAccountId, now);
    this.#do(() =>
      this.#parts.store.atomically(async (unit) => {
        const isThere = (await unit.get("world", processingAccountId)) !== undefined;
        if (isThere) await unit.save("use", { processingAccountId, time: now });
      }),
    );
  }

  async #removeUnused(): Promise<void> {
    const { worlds, control } = this.#parts;
    const founded = new Set(worlds.foundedIds);
    for (const { processingAccountId: id } of await worlds.list()) {
      if (founded.has(id)) continue;
      const isUnused = (unit: UnitOfWork) => this.#isUnused(unit, id);
      if (await this.#parts.store.atomically(isUnused)) await control.remove(id, isUnused);
    }
    const now = this.#parts.clock.now();
    for (const [id, time] of this.#noted) if (now - time >= this.#unusedMs) this.#noted.delete(id);
  }

  async #isUnused(unit: UnitOfWork, processingAccountId: string): Promise<boolean> {
    const world = await unit.get("world", processingAccountId);
    const use = await unit.get("use", processingAccountId);
    const usedTime = Math.max(world?.startTime ?? 0, use?.time ?? 0);
    return this.#parts.clock.now() - usedTime >= this.#unusedMs;
  }

  /** One after another; what the store cannot take now is left for the next time. */
  #do(work: () => Promise<unknown>): void {
    this.#work = this.#work
      .then(work)
      .catch((error: unknown) => {
        if (!this.#parts.store.isUnavailable(error)) this.#onDefect(error);
      })
      .then(() => undefined);
  }
}
