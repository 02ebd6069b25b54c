import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";
import type { Worlds } from "../worlds/worlds.ts";
import type { WorldLifecycle } from "./world-lifecycle.ts";

/** What the removal of worlds stands on. */
export interface ExpiredWorldsParts {
  readonly store: Store;
  readonly clock: RealClock;
  readonly worlds: Worlds;
  readonly control: WorldLifecycle;
}

/** A use is noted once in this part of the time after which a world counts as unused, and the worlds are looked at as often. */
const part = 20;
const lookMaxMs = 3_600_000;

/**
 * Removes the worlds that nobody has used for a while: in which nothing was changed and to which no request of the API
 * came. Those of the start stay. It goes by real time, and what was before uses were noted counts as used when it is seen.
 */
export class ExpiredWorlds {
  readonly #parts: ExpiredWorldsParts;
  readonly #unusedMs: number;
  readonly #onDefect: (error: unknown) => void;
  readonly #lookMs: number;
  /** When a use of a world was noted last by this process. */
  readonly #noted = new Map<string, number>();
  readonly #work = new Set<Promise<void>>();
  #cancel: () => void = () => undefined;
  #unsubscribe: () => void = () => undefined;
  #stopped = false;

  constructor(parts: ExpiredWorldsParts, unusedMs: number, onDefect: (error: unknown) => void) {
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
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancel();
    await Promise.all(this.#work);
  }

  #goOn(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.clock.after(
      this.#lookMs,
      () => void this.#do(() => this.#removeUnused()).then(() => this.#goOn()),
    );
  }

  #note(processingAccountId: string): void {
    const now = this.#parts.clock.now();
    const before = this.#noted.get(processingAccountId);
    if (before !== undefined && now - before < this.#lookMs) return;
    this.#noted.set(processingAccountId, now);
    void this.#do(async () => {
      try {
        await this.#save(processingAccountId, now);
      } catch (error) {
        this.#noted.delete(processingAccountId);
        throw error;
      }
    });
  }

  #save(processingAccountId: string, time: number): Promise<void> {
    return this.#parts.store.atomically(async (unit) => {
      const isThere = (await unit.get("world", processingAccountId)) !== undefined;
      if (isThere) await unit.save("use", { processingAccountId, time });
    });
  }

  async #removeUnused(): Promise<void> {
    const { worlds, control, store } = this.#parts;
    const founded = new Set(worlds.foundedIds);
    for (const { processingAccountId: id } of await worlds.list()) {
      if (this.#stopped) return;
      if (founded.has(id)) continue;
      const isUnused = (unit: UnitOfWork) => this.#isUnused(unit, id);
      await this.#do(async () => {
        const use = await store.atomically((unit) => unit.get("use", id), { readOnly: true });
        if (use === undefined) await this.#save(id, this.#parts.clock.now());
        else if (this.#isOld(use.time)) await control.remove(id, isUnused);
      });
    }
    for (const [id, time] of this.#noted) if (this.#isOld(time)) this.#noted.delete(id);
  }

  async #isUnused(unit: UnitOfWork, processingAccountId: string): Promise<boolean> {
    const use = await unit.get("use", processingAccountId);
    const noted = this.#noted.get(processingAccountId);
    return use !== undefined && this.#isOld(Math.max(use.time, noted ?? 0));
  }

  #isOld(time: number): boolean {
    return this.#parts.clock.now() - time >= this.#unusedMs;
  }

  /** What the store cannot take now is left for the next time. */
  #do(work: () => Promise<unknown>): Promise<void> {
    const done = work()
      .catch((error: unknown) => {
        if (!this.#parts.store.isUnavailable(error)) this.#onDefect(error);
      })
      .then(() => void this.#work.delete(done));
    this.#work.add(done);
    return done;
  }
}
