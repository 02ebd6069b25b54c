import type { LedgerEntry } from "../domain/ledger.ts";
import type { KeptRequest, LoggedRequest } from "../domain/logged-request.ts";
import type { Credential, Merchant } from "../domain/merchant.ts";
import type { Notification } from "../domain/notification.ts";
import type { Payment } from "../domain/payment.ts";
import type { Refund } from "../domain/refund.ts";
import type { Replay } from "../domain/replay.ts";
import type { Replica, Session, WorldLease, WorldUse } from "../domain/replica.ts";
import type { ConsumedAmountFault, QueuedScenario } from "../domain/scenario.ts";
import type { Task } from "../domain/task.ts";
import type { ClockChange, TimelineEvent } from "../domain/timeline.ts";
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
  consumedAmountFault: ConsumedAmountFault;
  event: TimelineEvent;
  clockChange: ClockChange;
  replica: Replica;
  lease: WorldLease;
  use: WorldUse;
  session: Session;
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
  task: { key: "id", indexes: [["processingAccountId"], ["paymentId"], ["holder"], ["processingAccountId", "holder"]] },
  queued: { key: "id", indexes: [["processingAccountId"]] },
  consumedAmountFault: { key: "id", indexes: [["processingAccountId"]] },
  event: { key: "id", indexes: [["processingAccountId"], ["paymentId"]] },
  clockChange: { key: "id", indexes: [["processingAccountId"]] },
  replica: { key: "id", indexes: [] },
  lease: { key: "processingAccountId", indexes: [["holder"]] },
  use: { key: "processingAccountId", indexes: [] },
  session: { key: "id", indexes: [] },
} as const satisfies { [K in Kind]: { key: keyof Records[K]; indexes: readonly (readonly (keyof Records[K])[])[] } };

/** What stays when everything is removed: who works with the records, and who looks at them. */
export const lastingKinds: readonly Kind[] = ["replica", "session"];

/** Kinds of which there are few. */
export type FewKind = "merchant" | "credential" | "replica" | "session";

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

/** That a record was saved or removed, or a request logged, told after the commit. */
export interface Change {
  readonly kind: Kind | "request";
  /** The record's; the sequence of a request. */
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
  all<K extends FewKind>(kind: K): Promise<Records[K][]>;
  /** Adds the record, or puts it in the place of the one with its key. The store keeps a copy. */
  save<K extends Kind>(kind: K, record: Records[K]): Promise<void>;
  remove(kind: Kind, key: string): Promise<void>;
  /** Removes all records with those members. */
  removeAll<K extends Kind>(kind: K, by: By<K>): Promise<void>;
  /** Removes everything but what lasts. */
  clear(): Promise<void>;
  /** The world's task that is due first and that nobody has leased; of those due together, the one saved first. */
  nextTask(processingAccountId: string): Promise<Task | undefined>;
  /** As `nextTask`, passing over a task that another unit is at, so as not to wait for it. */
  claimTask(processingAccountId: string): Promise<Task | undefined>;
}

/** A request, and the world in whose log it stands. */
export interface RequestOfWorld {
  readonly processingAccountId: string;
  /** The `startTime` that the world had then, where it matters: one that began anew since has no place for it. */
  readonly startTime?: number | undefined;
  readonly request: LoggedRequest;
}

/** The last requests of each world. They belong to no unit of work. */
export interface RequestTable {
  /**
   * Adds requests to the ends of their worlds' logs, and drops the oldest ones where a log is full. Those that have no
   * place are left out, also while their world begins anew and its log is forgotten after that.
   */
  append(requests: readonly RequestOfWorld[]): Promise<void>;
  /** A world's requests, newest first; with `before`, only those whose sequence is lower. */
  page(
    processingAccountId: string,
    range?: { readonly limit?: number | undefined; readonly before?: number | undefined },
  ): Promise<KeptRequest[]>;
  /** Those about one payment, oldest first. */
  about(processingAccountId: string, paymentId: string): Promise<KeptRequest[]>;
  /** Forgets a world's requests, or all. */
  forget(processingAccountId?: string): Promise<void>;
}

/** Where a change was made: in this process, or in another one that works with the same records. */
export type Origin = "here" | "elsewhere";

/** Hears of changes, or that anything may have changed elsewhere: then nobody can say what. */
export type Listener = (changes: readonly Change[] | "anything", origin: Origin) => void;

/** What helps a store with a unit of work; it changes nothing about its promises. */
export interface UnitOptions {
  /** It touches a whole world, and may take its time. */
  readonly longRunning?: boolean;
  /** It writes one record and must not wait for others. Nobody hears of it. */
  readonly heartbeat?: boolean;
  /** It only reads, and what it reads need not be of one moment. */
  readonly readOnly?: boolean;
  /** The world that it is about, where that is known before: units of one world would only collide. */
  readonly world?: string;
}

/**
 * Keeps the records. Its promises:
 * - A unit of work commits whole or not at all: when `work` throws or rejects, nothing of it remains.
 * - Units on the same record follow one another, however many run at once, in however many processes. Where two cannot
 *   both have been first, the work of one is done again from its beginning: so it has no effects but those on the unit.
 * - What a unit returned is committed before its promise resolves.
 * - Subscribers hear of a change after the commit, and never of a unit that did not commit. Of what was changed in another
 *   process they hear a little later, and where that is not known for sure, that anything may have changed.
 * A unit holds up others on the same records, so nothing is sent and nothing is waited for inside one, and units do not
 * nest.
 */
export interface Store {
  /** Whether other processes may work with the same records. */
  readonly shared: boolean;
  readonly requests: RequestTable;
  /** Does a unit of work. Rejects with what `isUnavailable` knows where the records cannot be reached in time. */
  atomically<T>(work: (unit: UnitOfWork) => Promise<T>, options?: UnitOptions): Promise<T>;
  /** The worlds that have a free task which is due. A look that holds nobody up, and may be a moment old. */
  worldsWithDueTasks(realTime: number): Promise<string[]>;
  /** @returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void;
  /** Rejects where the records cannot be reached. */
  check(): Promise<void>;
  /** Whether something failed only because the records could not be reached: it may be tried again. */
  isUnavailable(error: unknown): boolean;
  close(): Promise<void>;
}
