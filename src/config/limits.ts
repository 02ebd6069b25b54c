/** Limits of the program. Times are real time, in milliseconds. */
export interface Limits {
  /** Maximum body on `/v1` and the pages, in bytes. */
  readonly bodyMaxBytes: number;
  /** Maximum body on the control surface, in bytes. */
  readonly controlBodyMaxBytes: number;
  /** Maximum number of items of a list, or of members of an object, in a body on the control surface. */
  readonly controlListMax: number;
  /** Maximum snapshot that can be taken and restored, in bytes. */
  readonly snapshotMaxBytes: number;
  /** Maximum number of JSON values in a snapshot. Together with its bytes it bounds the memory of a restore. */
  readonly snapshotMaxValues: number;
  /** Timeout for a request to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Maximum time until a connection that the sandbox has ended is destroyed, in milliseconds. */
  readonly endTimeoutMs: number;
  /** Maximum time that long work holds the process before others get their turn, in milliseconds. */
  readonly turnMaxMs: number;
  /** Timeout for requests and deliveries in flight after `close`, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** Maximum concurrent deliveries of a world to one endpoint; further deliveries queue. */
  readonly deliveriesPerEndpointMax: number;
  /** Maximum attempts of a notification, made and waiting; a resend beyond it is refused. */
  readonly attemptsMax: number;
  /** Maximum time that a scenario holds a response back until its notification is delivered, in milliseconds. */
  readonly heldResponseMaxMs: number;
  /** Maximum time that a status request of a page is held open, in milliseconds. */
  readonly heldStatusMaxMs: number;
  /** Delay of a response that a scenario makes slow, in milliseconds. */
  readonly slowResponseMs: number;
  /** Maximum tasks that one advance of a clock runs. */
  readonly advanceTasksMax: number;
  /** Maximum duration of one advance of a clock, in milliseconds. */
  readonly advanceDurationMaxMs: number;
  /** Retry interval for a write that failed because the store was unreachable, in milliseconds. */
  readonly storeRetryMs: number;
  /** Poll interval for changes whose notification was missed, in milliseconds. */
  readonly storeLookMs: number;
  /**
   * Maximum share of the heap limit that is used, with a store in memory. Above it, new payments are refused; 1 refuses
   * none.
   */
  readonly heapShareMax: number;
  /** Maximum delay of the log lines of requests and webhooks, which are written together, in milliseconds. */
  readonly logDelayMs: number;
}

export const defaultLimits: Limits = {
  bodyMaxBytes: 64 * 1024,
  controlBodyMaxBytes: 1024 * 1024,
  controlListMax: 1_000,
  snapshotMaxBytes: 64 * 1024 * 1024,
  snapshotMaxValues: 4 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  endTimeoutMs: 1_000,
  turnMaxMs: 20,
  closeTimeoutMs: 2_000,
  deliveriesPerEndpointMax: 32,
  attemptsMax: 1_000,
  heldResponseMaxMs: 5_000,
  heldStatusMaxMs: 15_000,
  slowResponseMs: 10_000,
  advanceTasksMax: 10_000,
  advanceDurationMaxMs: 120_000,
  storeRetryMs: 1_000,
  storeLookMs: 1_000,
  heapShareMax: 1,
  logDelayMs: 0,
};
