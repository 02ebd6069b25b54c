import type { KeptRequest, LoggedRequest } from "../domain/logged-request.ts";
import type { Logo, LogoUse } from "../domain/logo.ts";
import type { Credential, Merchant } from "../domain/merchant.ts";
import type { WorldRecords } from "../domain/records.ts";
import type { Replica, Session, WorldLease, WorldUse } from "../domain/replica.ts";
import type { StoredSeed } from "../domain/stored-seed.ts";
import type { Task } from "../domain/task.ts";
import type { World } from "../domain/world.ts";

/** The types of the records, by kind. */
export interface Records extends WorldRecords {
  merchant: Merchant;
  credential: Credential;
  world: World;
  replica: Replica;
  lease: WorldLease;
  use: WorldUse;
  session: Session;
  seed: StoredSeed;
  logo: Logo;
  logoUse: LogoUse;
}

export type Kind = keyof Records;

/** The key of each kind, and its indexes: each is a list of members that records are looked up by together. */
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
  notification: { key: "id", indexes: [["processingAccountId"], ["paymentId"], ["processingAccountId", "queue"]] },
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
  seed: { key: "id", indexes: [] },
  logo: { key: "address", indexes: [] },
  logoUse: { key: "id", indexes: [["owner"], ["address"]] },
} as const satisfies { [K in Kind]: { key: keyof Records[K]; indexes: readonly (readonly (keyof Records[K])[])[] } };

/** The kinds that `clear` keeps: they belong to processes and people, not to worlds. */
export const keptKinds: readonly Kind[] = ["replica", "session", "seed"];

/** The kinds that `all` lists: each has few records. */
export type ListableKind = "merchant" | "credential" | "replica" | "session";

/** A lookup by exactly the members of one index. */
export type By<K extends Kind> = (typeof tables)[K]["indexes"][number] extends infer Members
  ? Members extends readonly string[]
    ? { readonly [M in Members[number]]: string }
    : never
  : never;

/** A record with its sequence: its place in the order in which the records of its kind were first saved. */
export interface SequencedRecord<T> {
  readonly record: T;
  readonly sequence: number;
}

/** A change of one record, or a new request in the log. */
export interface Change {
  readonly kind: Kind | "request";
  /** The key of the record, or the sequence of the request. */
  readonly key: string;
  /** Absent for a record without a world. */
  readonly processingAccountId: string | undefined;
}

/**
 * The operations of one unit of work. Reads see the writes of the unit. A record does not change between two reads of a
 * unit. If two units read and then save the same record, the second one reads the record that the first one saved.
 */
export interface UnitOfWork {
  /** Returns the record with that key. */
  get<K extends Kind>(kind: K, key: string): Promise<Records[K] | undefined>;
  /** Returns all records with those members, in the order in which they were first saved. */
  list<K extends Kind>(kind: K, by: By<K>): Promise<Records[K][]>;
  /** Returns the record with those members that was first saved before all others. */
  first<K extends Kind>(kind: K, by: By<K>): Promise<Records[K] | undefined>;
  /**
   * Returns at most `limit` records with those members, in descending order of their sequence. With `before`, only
   * records with a lower sequence. The cost does not depend on the number of records.
   */
  page<K extends Kind>(
    kind: K,
    by: By<K>,
    range: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<SequencedRecord<Records[K]>[]>;
  /**
   * Counts the records of each lookup, up to `max` of each. The lookups have the same members. The cost does not depend
   * on the number of records.
   */
  counts<K extends Kind>(kind: K, bys: readonly By<K>[], max: number): Promise<number[]>;
  /**
   * Counts the records with those members by the value of one more member. An index has `by` and then `member`. In
   * memory the cost depends on the number of values only.
   */
  countsBy<K extends Kind>(kind: K, by: By<K>, member: keyof Records[K] & string): Promise<ReadonlyMap<string, number>>;
  /** Returns all records of the kind. */
  all<K extends ListableKind>(kind: K): Promise<Records[K][]>;
  /**
   * Adds the record, or replaces the record with the same key. The store may keep the object itself. So nobody may
   * change it or its parts afterwards, nor a record that was read.
   */
  save<K extends Kind>(kind: K, record: Records[K]): Promise<void>;
  /** Removes the record, if it exists. */
  remove(kind: Kind, key: string): Promise<void>;
  /** Removes all records with those members. */
  removeAll<K extends Kind>(kind: K, by: By<K>): Promise<void>;
  /** Removes all records except those of `keptKinds`. */
  clear(): Promise<void>;
  /** Returns the first due task of the world without a lease. Of tasks with the same due time, the one saved first. */
  nextTask(processingAccountId: string): Promise<Task | undefined>;
  /** Like `nextTask`, but skips a task that another unit uses instead of waiting for that unit. */
  claimTask(processingAccountId: string): Promise<Task | undefined>;
}

/** A request, and the world whose log it belongs to. */
export interface RequestOfWorld {
  readonly processingAccountId: string;
  /**
   * The `startTime` of the world at the time of the request. If the world has another one now, the request is dropped.
   */
  readonly startTime?: number | undefined;
  readonly request: LoggedRequest;
}

/** The request logs of the worlds. They are not part of units of work. */
export interface RequestTable {
  /**
   * Appends requests to the logs of their worlds, and drops the oldest requests of a full log. A request whose
   * `startTime` is not the one of its world is dropped, even if the world is reset at the same time and `forget`
   * follows.
   */
  append(requests: readonly RequestOfWorld[]): Promise<void>;
  /** Returns the requests of a world, newest first. With `before`, only requests with a lower sequence. */
  page(
    processingAccountId: string,
    range?: { readonly limit?: number | undefined; readonly before?: number | undefined },
  ): Promise<KeptRequest[]>;
  /** Returns the requests about one payment, oldest first. */
  about(processingAccountId: string, paymentId: string): Promise<KeptRequest[]>;
  /** Removes the requests of one world, or of all worlds. */
  forget(processingAccountId?: string): Promise<void>;
}

/** The process of a change: this one, or another one with the same records. */
export type Origin = "here" | "elsewhere";

/** Receives changes. `anything` means that changes of other processes may have been missed. */
export type Listener = (changes: readonly Change[] | "anything", origin: Origin, dueTimes?: DueTimes) => void;

/** The due times of saved tasks, by key, as far as they are known. */
export type DueTimes = ReadonlyMap<string, number>;

/** Hints for the store. They do not change its guarantees, except where stated. */
export interface UnitOptions {
  /** The unit reads or writes a whole world. It gets a longer timeout. */
  readonly longRunning?: boolean;
  /** The unit writes one record and must not wait for a connection. Subscribers do not receive the change. */
  readonly heartbeat?: boolean;
  /** The unit only reads. Its reads may be of different moments. */
  readonly readOnly?: boolean;
  /**
   * The world of the unit, if it is known before: units of one world run one after another, because they would collide.
   */
  readonly world?: string;
}

/**
 * Stores the records. Every store guarantees:
 * - Atomicity: a unit of work commits completely or not at all. If `work` throws or rejects, none of its writes remain.
 * - Isolation: units are serializable, in one process and between processes. If two units collide, the store runs the
 *   `work` of one again from its start. So `work` must have no side effects outside its unit.
 * - Durability: the promise of a unit resolves after its commit.
 * - Notification: subscribers receive a change after its commit, and none of a unit that did not commit. They receive
 *   changes of other processes with a short delay. If the store may have missed one, they receive `anything`.
 *
 * A unit can block other units on the same records. So `work` must not send anything, must not wait for other events,
 * and must not start another unit.
 */
export interface Store {
  /** Whether other processes can use the same records. */
  readonly shared: boolean;
  readonly requests: RequestTable;
  /**
   * Runs a unit of work. If the records cannot be reached in time, rejects with an error that `isUnavailable` knows.
   */
  atomically<T>(work: (unit: UnitOfWork) => Promise<T>, options?: UnitOptions): Promise<T>;
  /**
   * Returns the worlds with a due task without a lease. Does not block units; the result may be slightly out of date.
   */
  worldsWithDueTasks(realTime: number): Promise<string[]>;
  /** Subscribes to changes. @returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void;
  /** Rejects if the records cannot be reached. */
  check(): Promise<void>;
  /** Whether an error means that the records could not be reached. The caller may try again. */
  isUnavailable(error: unknown): boolean;
  /** Ends all subscriptions and connections. */
  close(): Promise<void>;
}
