import pLimit, { type LimitFunction } from "p-limit";
import { onAbort } from "./abort.ts";

/** Limits the concurrent tasks of each key; further tasks queue in order. */
export class Slots {
  readonly #max: number;
  readonly #queues = new Map<string, { readonly limit: LimitFunction; users: number }>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Number of keys with a running or queued task. */
  get size(): number {
    return this.#queues.size;
  }

  /**
   * Runs a task when a slot is free. The slot is released when the task ends or fails.
   * @param signal removes a queued task; a running task must observe the signal itself.
   * @returns the result of the task, or `undefined` if it was removed from the queue.
   */
  async run<T>(key: string, signal: AbortSignal, task: () => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    const queue = this.#queues.get(key) ?? { limit: pLimit(this.#max), users: 0 };
    this.#queues.set(key, queue);
    queue.users += 1;
    return new Promise<T | undefined>((resolve, reject) => {
      const stayInQueue = onAbort(signal, () => resolve(undefined));
      const running = queue.limit(async () => {
        stayInQueue();
        return signal.aborted ? undefined : task();
      });
      const release = () => {
        queue.users -= 1;
        if (queue.users === 0) this.#queues.delete(key);
      };
      running.finally(release).then(resolve, reject);
    });
  }
}
