/** What can carry an idempotency key. */
export type KeyedOperation = "payments" | "refunds";

/** How long a key is kept: one week of world time. [docs] */
export const idempotencyKeyLifeMs = 7 * 86_400_000;

/** A request with an idempotency key, and the answer that it gets again. */
export interface Replay {
  readonly id: string;
  readonly processingAccountId: string;
  readonly merchantId: string;
  readonly operation: KeyedOperation;
  readonly idempotencyKey: string;
  readonly paymentId: string;
  /** Path and parsed body as one text; equal texts are the same request. */
  readonly request: string;
  /** The exact text of the answer, which was a 201. */
  readonly body: string;
  readonly createTime: number;
}

/** The key of a replay: its key space is world, operation, key. [ours] */
export function replayId(processingAccountId: string, operation: KeyedOperation, idempotencyKey: string): string {
  return JSON.stringify([processingAccountId, operation, idempotencyKey]);
}

/** One text for a request: the order of members in the JSON does not matter, everything else does. [ours] */
export function requestText(path: string, body: unknown): string {
  return `${path} ${JSON.stringify(body, sortedMembers)}`;
}

function sortedMembers(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
