import type { Members, RecordOf } from "./members.ts";
import { appliedScenarioMembers } from "./scenario.ts";

export const signatureVerdicts = ["signed", "unsigned", "wrong", "ignored"] as const;
/** The result of the check of a request's signature. */
export type SignatureVerdict = (typeof signatureVerdicts)[number];

export const loggedRequestMembers = {
  /** Real time, in milliseconds. */
  time: "time",
  method: "text",
  /** Path and query. */
  target: "text",
  status: "count",
  durationMs: "count",
  /** Absent if the request ended before its signature was checked. */
  signature: { optional: { oneOf: signatureVerdicts } },
  /** `X-Signature` of a request whose signature is wrong, see `wrongSignatureForLog`. */
  sentSignature: { optional: "string" },
  diagnosis: { optional: "string" },
  /** The scenario that applied to it. */
  scenario: { optional: { object: appliedScenarioMembers } },
  body: "string",
  /** The first 4 KiB of the response body. */
  answer: "string",
  /** The payment that it created or that its path names. */
  paymentId: { optional: "ksuid" },
  /** The time in the world whose log contains it, in milliseconds. */
  at: "time",
  /** The number of events of the payment at that time: the order among events of the same instant. */
  place: { optional: "count" },
} as const satisfies Members;

/** A request to the provider's API, with its response. */
export interface LoggedRequest extends RecordOf<typeof loggedRequestMembers> {}

/** A request with its sequence in the log of its world, which starts at 1. */
export interface KeptRequest extends LoggedRequest {
  readonly sequence: number;
}

/** Maximum number of requests in the log of a world. */
export const requestsMax = 1000;
/** Maximum size of the log of a world, in bytes. */
export const requestsMaxBytes = 8 * 1024 * 1024;

/** Returns the size of a request in the log, in bytes. */
export function requestSize({ body, answer, target, sentSignature = "", diagnosis = "" }: LoggedRequest): number {
  return 2 * (body.length + answer.length + target.length + sentSignature.length + diagnosis.length);
}
