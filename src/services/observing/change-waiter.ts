import { accept, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import type { RealClock } from "../../platform/clock.ts";
import type { Store, UnitOfWork } from "../../store/store.ts";

/** Result of a probe: the value, or the present state and whether the value can still be reached. */
export type ProbeResult<T> = { readonly reached: T } | { readonly present: object; readonly unreachable?: true };

type EndReason = Extract<Refusal, { code: "not_reached" }>["why"];

/** Lets callers wait, in real time, for the effects of other requests. Holds no lock between two probes. */
export class ChangeWaiter {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #pollMs: number;
  readonly #waiting = new Set<Wait<unknown>>();
  readonly #unsubscribe: () => void;
  #cancelPoll: (() => void) | undefined;
  #isClosed = false;

  /** @param pollMs probe interval where other processes share the store, in milliseconds of real time. */
  constructor(store: Store, clock: RealClock, pollMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#pollMs = pollMs;
    this.#unsubscribe = store.subscribe((changes) => {
      const touched = changes === "anything" ? undefined : new Set(changes.map((change) => change.processingAccountId));
      for (const wait of this.#waiting) if (touched?.has(wait.processingAccountId) ?? true) wait.probe();
    });
  }

  /**
   * Probes now and after every commit in the world, until the value is reached, can no longer be reached, or the
   * timeout is over. With a shared store it also probes at an interval, because a process that dies sends no
   * notification of its last changes. A wait keeps the process alive.
   * @param timeoutMs real time, in milliseconds; 0 means one probe.
   * @param signal ends the wait of a client that has disconnected.
   * @returns the value, or `not_reached` with the state that the last probe found.
   */
  async waitFor<T>(
    processingAccountId: string,
    probe: (unit: UnitOfWork) => Promise<ProbeResult<T>>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Result<T>> {
    const closed = this.refusalAfterClose(signal);
    if (closed !== undefined) return refuse(closed);
    const canRepeat = (error: unknown) => this.#store.isUnavailable(error);
    const wait = new Wait(processingAccountId, this.#inWorld(processingAccountId, probe), canRepeat);
    const leave = () => wait.end("closed");
    const cancelTimer = this.#clock.after(timeoutMs, () => wait.expire(), { keepsAlive: true });
    signal?.addEventListener("abort", leave);
    this.#waiting.add(wait as Wait<unknown>);
    wait.probe();
    this.#pollLater();
    try {
      return await wait.result;
    } finally {
      cancelTimer();
      signal?.removeEventListener("abort", leave);
      this.#waiting.delete(wait as Wait<unknown>);
    }
  }

  /** A probe that notices when another process has reset the world. */
  #inWorld<T>(
    processingAccountId: string,
    probe: (unit: UnitOfWork) => Promise<ProbeResult<T>>,
  ): () => Promise<ProbeResult<T> | "reset"> {
    let startTime: number | undefined;
    return () =>
      this.#store.atomically(async (unit) => {
        const world = await unit.get("world", processingAccountId);
        const isSame = world !== undefined && world.startTime === (startTime ?? world.startTime);
        startTime ??= world?.startTime;
        return isSame ? probe(unit) : "reset";
      });
  }

  #pollLater(): void {
    if (!this.#store.shared || this.#cancelPoll !== undefined) return;
    this.#cancelPoll = this.#clock.after(this.#pollMs, () => {
      this.#cancelPoll = undefined;
      for (const wait of this.#waiting) wait.probe();
      if (this.#waiting.size > 0) this.#pollLater();
    });
  }

  /** The refusal of new waits, after `close` or for a client that has disconnected. */
  refusalAfterClose(signal?: AbortSignal): Refusal | undefined {
    return this.#isClosed || signal?.aborted ? { code: "not_reached", present: {}, why: "closed" } : undefined;
  }

  /** Ends the waits of one world, or all, at a reset, restore or removal. */
  endWaits(processingAccountId?: string): void {
    for (const wait of [...this.#waiting]) {
      if (processingAccountId === undefined || wait.processingAccountId === processingAccountId) wait.end("reset");
    }
  }

  /** Ends all waits and refuses new ones. */
  close(): void {
    this.#isClosed = true;
    this.#cancelPoll?.();
    this.#unsubscribe();
    for (const wait of [...this.#waiting]) wait.end("closed");
  }
}

class Wait<T> {
  readonly processingAccountId: string;
  readonly result: Promise<Result<T>>;
  readonly #read: () => Promise<ProbeResult<T> | "reset">;
  readonly #canRepeat: (error: unknown) => boolean;
  #settle: (result: Result<T>) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** The state that the last probe found; `undefined` before the first one. */
  #present: object | undefined;
  #isProbing = false;
  #isRequested = false;
  #isExpired = false;

  constructor(
    processingAccountId: string,
    read: () => Promise<ProbeResult<T> | "reset">,
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

  /** Probes. During a probe, a call makes one more probe follow it. */
  probe(): void {
    this.#isRequested = true;
    if (this.#isProbing) return;
    this.#isProbing = true;
    this.#probeWhileRequested().catch(this.#fail);
  }

  /** Ends the wait at its timeout. A probe under way still counts. */
  expire(): void {
    this.#isExpired = true;
    if (!this.#isProbing) this.end("time");
  }

  end(why: EndReason): void {
    this.#isRequested = false;
    this.#settle(refuse({ code: "not_reached", present: this.#present ?? {}, why }));
  }

  async #probeWhileRequested(): Promise<void> {
    while (this.#isRequested) {
      this.#isRequested = false;
      const found = await this.#read().catch((error: unknown) => {
        // A wait under way survives this: the next probe comes soon.
        if (this.#present === undefined || this.#isExpired || !this.#canRepeat(error)) throw error;
      });
      if (found === undefined) continue;
      if (found === "reset") return this.end("reset");
      if ("reached" in found) return this.#settle(accept(found.reached));
      this.#present = found.present;
      if (found.unreachable) this.end("unreachable");
      if (this.#isExpired) this.end("time");
    }
    this.#isProbing = false;
  }
}
