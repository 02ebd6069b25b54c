/** A settle under way. */
interface SettleCall {
  /** The delivery whose endpoint called it, as a function in this process. */
  readonly caller: string | undefined;
  /** Deliveries whose endpoints may have called it over HTTP. */
  readonly suspects: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/**
 * The settles under way. An endpoint that calls settle, and responds after that, would wait for itself: its own
 * delivery does not count, and neither do those whose endpoints wait in the same way.
 */
export class SettleCalls {
  readonly #currentDelivery: () => string | undefined;
  readonly #calls = new Set<SettleCall>();

  /** @param currentDelivery returns the delivery whose endpoint, a function in this process, makes the present call. */
  constructor(currentDelivery: () => string | undefined) {
    this.#currentDelivery = currentDelivery;
  }

  /**
   * Runs a settle.
   * @param suspects deliveries whose endpoints may have called it over HTTP: those under way at that time.
   * @param settle gets a function that returns the deliveries that do not count.
   */
  async run(suspects: Iterable<string>, settle: (waiting: () => ReadonlySet<string>) => Promise<void>) {
    const caller = this.#currentDelivery();
    const call: SettleCall = { caller, suspects: new Set(suspects) };
    this.#calls.add(call);
    try {
      await settle(() => (caller === undefined ? none : this.#callers()));
    } finally {
      this.#calls.delete(call);
    }
  }

  #callers(): ReadonlySet<string> {
    return new Set([...this.#calls].flatMap(({ caller }) => caller ?? []));
  }

  /** Whether the endpoint of a delivery may have called a settle over HTTP that waits for that delivery. */
  isSuspect(delivery: string): boolean {
    return [...this.#calls].some(({ suspects }) => suspects.has(delivery));
  }
}
