import { setImmediate } from "node:timers";
import type { MachineClock } from "./clock.ts";

// Taken once: a test that fakes timers must not hold the sandbox.
const onNextTurn = setImmediate;

/** Calls back at the end of this turn of the event loop, after the input that has arrived was read. */
export function atEndOfTurn(callback: () => void): void {
  onNextTurn(callback);
}

/** Divides long work into pieces, so that it does not block the process. */
export interface Turns {
  /**
   * Long work calls it between its steps and awaits the result.
   * @returns `undefined` while there is time, else a promise that resolves in the next turn of the event loop.
   */
  pause(): Promise<void> | undefined;
}

/** Limits the time that a chain of promises can hold one turn of the event loop. */
export class EventLoopTurns implements Turns {
  readonly #clock: Pick<MachineClock, "steady">;
  readonly #maxMs: number;
  /** The present turn, from its first step until the event loop goes on. */
  #turn: { readonly start: number; readonly end: Promise<void> } | undefined;

  /** @param maxMs maximum time in one turn, in milliseconds of real time. */
  constructor(clock: Pick<MachineClock, "steady">, maxMs: number) {
    this.#clock = clock;
    this.#maxMs = maxMs;
  }

  pause(): Promise<void> | undefined {
    if (this.#turn === undefined) {
      this.#turn = { start: this.#clock.steady(), end: this.#nextTurn() };
      return undefined;
    }
    return this.#clock.steady() - this.#turn.start < this.#maxMs ? undefined : this.#turn.end;
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      onNextTurn(() => {
        this.#turn = undefined;
        resolve();
      });
    });
  }
}
