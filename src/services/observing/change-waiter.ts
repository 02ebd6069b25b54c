import { accept, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";

/** What a look came to: what was waited for, or what there is instead and whether it can still come to it. */
export type Probe<T> = { readonly reached: T } | { readonly present: object; readonly unreachable?: true };

type Why = Extract<Refusal, { code: "not_reached" }>["why"];

/** Lets callers wait in real time for what comes of other requests. Holds no lock while nothing is looked at. */
export class ChangeWaiter {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #lookMs: number;
  readonly #waiting = new Set<Wait<unknown>>();
  readonly #unsubscribe: () => void;
  #cancelLook: (() => void) | undefined;
  #closed = false;

  /** @param lookMs how often to look where others work with the same records, in milliseconds of real time. */
  constructor(store: Store, clock: RealClock, lookMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#lookMs = lookMs;
    this.#unsubscribe = store.subscribe((changes) => {
      const touched = changes === "anything" ? undefined : new Set(changes.map((change) => change.processingAccountId));
      for (const wait of this.#waiting) if (touched?.has(wait.processingAccountId) ?? true) wait.look();
    });
  }

  /**
   * Looks now and after every commit that touches the world (where others work with the same records, also from time to
   * time: of what one of them did before it died nobody hears), until it is reached, cannot be reached any more, or the time
   * is over. A wait keeps the process alive.
   * @param timeoutMs real time, in milliseconds; with 0 it looks once.
   * @param signal ends the wait for a client that has gone away.
   * @returns what was reached, or `not_reached` with what the last look found.
   */
  async until<T>(
    processingAccountId: string,
    look: (unit: UnitOfWork) => Promise<Probe<T>>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Result<T>> {
    const closed = this.refusalAfterClose(signal);
    if (closed !== undefined) return refuse(closed);
    const canRepeat = (error: unknown) => this.#store.isUnavailable(error);
    const wait = new Wait(processingAccountId, this.#lookIn(processingAccountId, look), canRepeat);
    const leave = () => wait.end("closed");
    const cancelTimer = this.#clock.after(timeoutMs, () => wait.expire(), { keepsAlive: true });
    signal?.addEventListener("abort", leave);
    this.#waiting.add(wait as Wait<unknown>);
    wait.look();
    this.#lookAgainLater();
    try {
      return await wait.result;
    } finally {
      cancelTimer();
      signal?.removeEventListener("abort", leave);
      this.#waiting.delete(wait as Wait<unknown>);
    }
  }

  /** A look that notices that the world was put back to the start elsewhere. */
  #lookIn<T>(
    processingAccountId: string,
    look: (unit: UnitOfWork) => Promise<Probe<T>>,
  ): () => Promise<Probe<T> | "reset"> {
    let startTime: number | undefined;
    return () =>
      this.#store.atomically(async (unit) => {
        const world = await unit.get("world", processingAccountId);
        const isSame = world !== undefined && world.startTime === (startTime ?? world.startTime);
        startTime ??= world?.startTime;
        return isSame ? look(unit) : "reset";
      });
  }

  #lookAgainLater(): void {
    if (!this.#store.shared || this.#cancelLook !== undefined) return;
    this.#cancelLook = this.#clock.after(this.#lookMs, () => {
      this.#cancelLook = undefined;
      for (const wait of this.#waiting) wait.look();
      if (this.#waiting.size > 0) this.#lookAgainLater();
    });
  }

  /** Why there are no new waits any more, or none for a client that has gone away. */
  refusalAfterClose(signal?: AbortSignal): Refusal | undefined {
    return this.#closed || signal?.aborted ? { code: "not_reached", present: {}, why: "closed" } : undefined;
  }

  /** Ends a world's waiter, or all, because it is put back to the start or removed. */
  cut(processingAccountId?: string): void {
    for (const wait of [...this.#waiting]) {
      if (processingAccountId === undefined || wait.processingAccountId === processingAccountId) wait.end("reset");
    }
  }

  /** Ends all waits; there are no new ones any more. */
  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
    this.#unsubscribe();
    for (const wait of [...this.#waiting]) wait.end("closed");
  }
}

class Wait<T> {
  readonly processingAccountId: string;
  readonly result: Promise<Result<T>>;
  readonly #read: () => Promise<Probe<T> | "reset">;
  readonly #canRepeat: (error: unknown) => boolean;
  #settle: (result: Result<T>) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** What the last look found; nothing before the first. */
  #present: object | undefined;
  #looking = false;
  #again = false;
  #expired = false;

  constructor(
    processingAccountId: string,
    read: () => Promise<Probe<T> | "reset">,
    canRepeat: (error: unknown) => boolean,
  ) {
    this.processingAccountId = processingAccountId;
    this.#read = read;
    this.#canRepeat = canRepeat;
    this.result = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
  }

  /** Looks, or, while a look is under way, once more after it. */
  look(): void {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    this.#lookWhileChanging().catch(this.#fail);
  }

  /** The time is over. A look under way counts still. */
  expire(): void {
    this.#expired = true;
    if (!this.#looking) this.end("time");
  }

  end(why: Why): void {
    this.#again = false;
    this.#settle(refuse({ code: "not_reached", present: this.#present ?? {}, why }));
  }

  async #lookWhileChanging(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const seen = await this.#read().catch((error: unknown) => {
        // Who waits already goes on: there is another look soon.
        if (this.#present === undefined || this.#expired || !this.#canRepeat(error)) throw error;
      });
      if (seen === undefined) continue;
      if (seen === "reset") return this.end("reset");
      if ("reached" in seen) return this.#settle(accept(seen.reached));
      this.#present = seen.present;
      if (seen.unreachable) this.end("unreachable");
      if (this.#expired) this.end("time");
    }
    this.#looking = false;
  }
}
