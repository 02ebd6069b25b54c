import type { Change, DueTimes, Listener, Origin } from "./store.ts";

/** Ends a turn of the event loop when long work has held it for too long, as `Turns.pause`. */
export type Pause = () => Promise<void> | undefined;

/** Changes of one call of a listener, at most. */
const pieceMax = 1_000;

/** The subscribers of a store. */
export class Subscribers {
  readonly #pause: Pause;
  readonly #listeners = new Set<Listener>();

  constructor(pause: Pause) {
    this.#pause = pause;
  }

  /** @returns a function that ends the subscription. */
  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    this.#listeners.clear();
  }

  /** Reports changes: at once, or in pieces if a large unit of work made them. */
  notify(changes: readonly Change[], origin: Origin, dueTimes?: DueTimes): Promise<void> | undefined {
    if (changes.length > pieceMax) return this.#notifyInPieces(changes, origin);
    if (changes.length > 0) this.notifyAtOnce(changes, origin, dueTimes);
    return undefined;
  }

  async #notifyInPieces(changes: readonly Change[], origin: Origin): Promise<void> {
    for (let start = 0; start < changes.length; start += pieceMax) {
      const turn = this.#pause();
      if (turn !== undefined) await turn;
      this.notifyAtOnce(changes.slice(start, start + pieceMax), origin);
    }
  }

  notifyAtOnce(changes: readonly Change[] | "anything", origin: Origin, dueTimes?: DueTimes): void {
    for (const listener of this.#listeners) listener(changes, origin, dueTimes);
  }
}
