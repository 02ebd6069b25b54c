import { setMaxListeners } from "node:events";
import pLimit, { type LimitFunction } from "p-limit";

/** Lets a bounded number of works with the same key go on at once; the others wait for their turn, in order. */
export class Slots {
  readonly #max: number;
  readonly #queues = new Map<string, { readonly limit: LimitFunction; users: number }>();

  constructor(max: number) {
    this.#max = max;
  }

  /** How many keys have a work that goes on or waits. */
  get size(): number {
    return this.#queues.size;
  }

  /**
   * Runs a work in its turn. The slot is free again when the work has ended, however it ended.
   * @param signal ends the wait; once the work has begun it is the work's own affair.
   * @returns what the work returns, or `undefined` where the wait was ended.
   */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    const queue = this.#queues.get(key) ?? { limit: pLimit(this.#max), users: 0 };
    this.#queues.set(key, queue);
    queue.users += 1;
    return new Promise<T | undefined>((resolve, reject) => {
      const giveUp = () => resolve(undefined);
      setMaxListeners(0, signal);
      signal.addEventListener("abort", giveUp, { once: true });
      const turn = queue.limit(async () => {
        signal.removeEventListener("abort", giveUp);
        return signal.aborted ? undefined : work();
      });
      const left = () => {
        queue.users -= 1;
        if (queue.users === 0) this.#queues.delete(key);
      };
      turn.finally(left).then(resolve, reject);
    });
  }
}
