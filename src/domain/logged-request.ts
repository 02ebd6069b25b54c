import type { AppliedScenario } from "./scenario.ts";

/** How a request's signature was judged. */
export type SignatureVerdict = "signed" | "unsigned" | "wrong" | "ignored";

/** A request to the provider's API, and what came of it. */
export interface LoggedRequest {
  /** Real time, in milliseconds. */
  readonly time: number;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly status: number;
  readonly durationMs: number;
  /** How the signature was judged; absent where the request did not get that far. */
  readonly signature?: SignatureVerdict | undefined;
  readonly diagnosis?: string | undefined;
  /** The scenario that struck it. */
  readonly scenario?: AppliedScenario | undefined;
  readonly body: string;
  /** What was answered, the first 4 KiB. */
  readonly answer: string;
  /** The payment that it made or that its path names. */
  readonly paymentId?: string | undefined;
  /** What time it was in the world under which it stands, in milliseconds. */
  readonly at: number;
  /** How many events the payment had by then: where it stands among them, for many share one instant. */
  readonly place?: number | undefined;
}

/** A request with its place in the log of its world: the first one has 1. */
export interface KeptRequest extends LoggedRequest {
  readonly sequence: number;
}

/** So many requests of a world are kept. */
export const requestsMax = 1000;
/** So much of a world's requests is kept, in bytes. */
export const requestsMaxBytes = 8 * 1024 * 1024;

/** How much room a request takes, in bytes. */
export function requestSize({ body, answer, target, diagnosis = "" }: LoggedRequest): number {
  return 2 * (body.length + answer.length + target.length + diagnosis.length);
}
