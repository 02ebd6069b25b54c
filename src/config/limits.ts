/** Limits of the program itself. Times are real time. */
export interface Limits {
  /** The largest body on `/v1` and the pages, in bytes. */
  readonly bodyMaxBytes: number;
  /** The largest body on the control surface, in bytes. */
  readonly controlBodyMaxBytes: number;
  /** The largest snapshot that can be put back, in bytes. */
  readonly snapshotMaxBytes: number;
  /** How long a request may take to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long requests and deliveries under way may go on after `close`, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** How many deliveries of a world to one endpoint go on at once; the others wait for their turn. */
  readonly deliveriesPerEndpointMax: number;
  /** How long a response is held back for a notification at most, where a scenario wants that, in milliseconds. */
  readonly heldResponseMaxMs: number;
  /** How long the status of a payment is held at most for a page that has seen it, in milliseconds. */
  readonly heldStatusMaxMs: number;
  /** How long a slow response takes, where a scenario wants one, in milliseconds. */
  readonly slowResponseMs: number;
  /** How many tasks one advance of a clock may run. */
  readonly advanceTasksMax: number;
  /** How long one advance of a clock may take, in milliseconds. */
  readonly advanceDurationMaxMs: number;
  /** How soon to try again what must be recorded while the store cannot be reached, in milliseconds. */
  readonly storeRetryMs: number;
  /** How often who waits looks again for what other replicas did and nobody heard of, in milliseconds. */
  readonly storeLookMs: number;
}

export const defaultLimits: Limits = {
  bodyMaxBytes: 64 * 1024,
  controlBodyMaxBytes: 1024 * 1024,
  snapshotMaxBytes: 64 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  closeTimeoutMs: 2_000,
  deliveriesPerEndpointMax: 32,
  heldResponseMaxMs: 5_000,
  heldStatusMaxMs: 15_000,
  slowResponseMs: 10_000,
  advanceTasksMax: 10_000,
  advanceDurationMaxMs: 120_000,
  storeRetryMs: 1_000,
  storeLookMs: 1_000,
};
