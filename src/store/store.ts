import type { LedgerEntry } from "../domain/ledger.ts";
import type { Credential, Merchant } from "../domain/merchant.ts";
import type { Notification } from "../domain/notification.ts";
import type { Payment } from "../domain/payment.ts";
import type { Refund } from "../domain/refund.ts";
import type { Replay } from "../domain/replay.ts";
import type { AmountStruck, QueuedScenario } from "../domain/scenario.ts";
import type { Task } from "../domain/task.ts";
import type { ClockMove, TimelineEvent } from "../domain/timeline.ts";
import type { World } from "../domain/world.ts";

/** What the store keeps, by kind. */
export interface Records {
  merchant: Merchant;
  credential: Credential;
  world: World;
  payment: Payment;
  refund: Refund;
  entry: LedgerEntry;
  notification: Notification;
  replay: Replay;
  task: Task;
  queued: QueuedScenario;
  struck: AmountStruck;
  event: TimelineEvent;
  move: ClockMove;
}

export type Kind = keyof Records;

/** Each kind's key, and the members (alone or together) that records are looked up by. */
export const tables = {
  merchant: { key: "merchantId", indexes: [] },
  credential: { key: "kid", indexes: [["merchantId"]] },
  world: { key: "processingAccountId", indexes: [["merchantId"]] },
  payment: {
    key: "id",
    indexes: [
      ["trackId"],
      ["pageToken"],
      ["merchantId"],
      ["merchantId", "status"],
      ["merchantId", "merchantReference"],
      ["processingAccountId"],
      ["processingAccountId", "status"],
      ["processingAccountId", "merchantReference"],
    ],
  },
  refund: { key: "id", indexes: [["processingAccountId"], ["paymentId"], ["trackId"]] },
  entry: { key: "id", indexes: [["processingAccountId"], ["merchantId"], ["paymentId"]] },
  notification: { key: "id", indexes: [["processingAccountId"], ["paymentId"]] },
  replay: {
    key: "id",
    indexes: [
      ["processingAccountId"],
      ["merchantId", "operation", "idempotencyKey"],
      ["processingAccountId", "operation", "idempotencyKey"],
    ],
  },
  task: { key: "id", indexes: [["processingAccountId"], ["paymentId"]] },
  queued: { key: "id", indexes: [["processingAccountId"]] },
  struck: { key: "id", indexes: [["processingAccountId"]] },
  event: { key: "id", indexes: [["processingAccountId"], ["paymentId"]] },
  move: { key: "id", indexes: [["processingAccountId"]] },
} as const satisfies { [K in Kind]: { key: keyof Records[K]; indexes: readonly (readonly (keyof Records[K])[])[] } };

/** A lookup by exactly the members of one index. */
export type By<K extends Kind> = (typeof tables)[K]["indexes"][number] extends infer Members
  ? Members extends readonly string[]
    ? { readonly [M in Members[number]]: string }
    : never
  : never;

/** A record and its place in the order in which the records of its kind were first saved. */
export interface Placed<T> {
  readonly record: T;
  readonly sequence: number;
}

/** That a record was saved or removed, told after the commit. */
export interface Change {
  readonly kind: Kind;
  readonly key: string;
  /** Absent for what belongs to no world. */
  readonly processingAccountId: string | undefined;
}

/**
 * What one unit of work may do. Reads see what the unit has written.
 * A record that was read stays as it was read until the unit ends: of two units that read the same record and then save
 * it, the second one reads what the first one saved.
 */
export interface UnitOfWork {
  get<K extends Kind>(kind: K, key: string): Promise<Records[K] | undefined>;
  /** All records with those members, in the order in which they were first saved. */
  list<K extends Kind>(kind: K, by: By<K>): Promise<Records[K][]>;
  /**
   * At most `limit` records with those members, the one saved last first; with `before`, only those whose sequence is
   * lower. Costs the same however many there are.
   */
  page<K extends Kind>(
    kind: K,
    by: By<K>,
    range: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<Placed<Records[K]>[]>;
  /** Every record of a kind of which there are few. */
  all<K extends "merchant" | "credential">(kind: K): Promise<Records[K][]>;
  /** Adds the record, or puts it in the place of the one with its key. The store keeps a copy. */
  save<K extends Kind>(kind: K, record: Records[K]): Promise<void>;
  remove(kind: Kind, key: string): Promise<void>;
  /** Removes everything. */
  clear(): Promise<void>;
  /** The world's task that is due first and that nobody has leased; of those due together, the one saved first. */
  nextTask(processingAccountId: string): Promise<Task | undefined>;
}

/**
 * Keeps the records. Its promises:
 * - A unit of work commits whole or not at all: when `work` throws or rejects, nothing of it remains.
 * - Units on the same record follow one another, however many run at once.
 * - What a unit returned is committed before its promise resolves.
 * - Subscribers hear of a change after the commit, and never of a unit that did not commit.
 * A unit holds up others on the same records, so nothing is sent and nothing is waited for inside one, and units do not
 * nest.
 */
export interface Store {
  atomically<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T>;
  /** @returns a function that ends the subscription. */
  subscribe(listener: (changes: readonly Change[]) => void): () => void;
  close(): Promise<void>;
}
