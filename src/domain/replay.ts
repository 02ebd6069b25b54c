import type { Members, RecordOf } from "./members.ts";

export const keyedOperations = ["payments", "refunds"] as const;
/** An operation that accepts an idempotency key. */
export type KeyedOperation = (typeof keyedOperations)[number];

/** Lifetime of an idempotency key: one week of world time, in milliseconds. [docs] */
export const idempotencyKeyLifeMs = 7 * 86_400_000;

export const replayMembers = {
  id: "string",
  processingAccountId: "ksuid",
  merchantId: "text",
  operation: { oneOf: keyedOperations },
  idempotencyKey: "string",
  paymentId: "ksuid",
  /** Path and parsed body as one text; equal texts are the same request. */
  request: "string",
  /** The exact body of the response. */
  body: "string",
  /** The HTTP status of the response; absent for 201. */
  httpStatus: { optional: "count" },
  createTime: "time",
} as const satisfies Members;

/** A request with an idempotency key, and the response to repeat. */
export interface Replay extends RecordOf<typeof replayMembers> {}

/** Returns the id of a replay. Its key space is world, operation, key. [ours] */
export function replayId(processingAccountId: string, operation: KeyedOperation, idempotencyKey: string): string {
  return JSON.stringify([processingAccountId, operation, idempotencyKey]);
}

/** Returns a request as one text that does not depend on the order of JSON members. [ours] */
export function requestText(path: string, body: unknown): string {
  return `${path} ${JSON.stringify(body, sortedMembers)}`;
}

function sortedMembers(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
