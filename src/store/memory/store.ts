import type { Task } from "../../domain/task.ts";
import { type World, worldTime } from "../../domain/world.ts";
import {
  type By,
  type Change,
  type Kind,
  keptKinds,
  type ListableKind,
  type Listener,
  type Records,
  type SequencedRecord,
  type Store,
  tables,
  type UnitOfWork,
  type UnitOptions,
} from "../store.ts";
import { type Pause, Subscribers } from "../subscribers.ts";
import { DueOrder } from "./due-order.ts";
import { MemoryRequests } from "./requests.ts";
import type { Row } from "./rows.ts";
import { type Members, Table } from "./table.ts";

/** Receives a record that is saved. */
export type OnSave = (record: object) => void;

/** Records that a unit reads or writes between two pauses, at most. */
const stepMax = 500;

/** What all units of a store share. */
interface Shared {
  readonly tables: Record<Kind, Table>;
  readonly dueOrder: DueOrder;
  readonly pause: Pause;
  readonly onSave: OnSave | undefined;
}

/**
 * Writes to the tables at once, and remembers how to undo each write. Pauses between steps do not break the isolation:
 * no other unit begins before this one ends.
 */
class MemoryUnit implements UnitOfWork {
  readonly changes: Change[] = [];
  /** The due times of the saved tasks, by key. */
  readonly dueTimes = new Map<string, number>();
  /** The record and the sequence before each change. */
  readonly #before: (SequencedRecord<object> | undefined)[] = [];
  readonly #shared: Shared;
  readonly #readOnly: boolean;
  #ended = false;

  constructor(shared: Shared, readOnly: boolean) {
    this.#shared = shared;
    this.#readOnly = readOnly;
  }

  async get<K extends Kind>(kind: K, key: string): Promise<Records[K] | undefined> {
    const turn = this.#shared.pause();
    if (turn !== undefined) await turn;
    return this.#shared.tables[kind].get(key)?.record as Records[K] | undefined;
  }

  async list<K extends Kind>(kind: K, by: By<K>): Promise<Records[K][]> {
    const index = this.#shared.tables[kind].indexFor(by);
    const records: Records[K][] = [];
    for (let after = 0; ; ) {
      const turn = this.#shared.pause();
      if (turn !== undefined) await turn;
      const rows = index.ascending(by as Members, after, stepMax);
      for (const { record, sequence } of rows) {
        records.push(record as Records[K]);
        after = sequence;
      }
      if (rows.length < stepMax) return records;
    }
  }

  async first<K extends Kind>(kind: K, by: By<K>): Promise<Records[K] | undefined> {
    const turn = this.#shared.pause();
    if (turn !== undefined) await turn;
    const [row] = this.#shared.tables[kind].indexFor(by).ascending(by as Members, 0, 1);
    return row?.record as Records[K] | undefined;
  }

  async page<K extends Kind>(
    kind: K,
    by: By<K>,
    { limit, before = Number.POSITIVE_INFINITY }: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<SequencedRecord<Records[K]>[]> {
    const index = this.#shared.tables[kind].indexFor(by);
    const turn = this.#shared.pause();
    if (turn !== undefined) await turn;
    const rows = index.descending(by as Members, before, limit);
    return rows.map(({ record, sequence }) => ({ record: record as Records[K], sequence }));
  }

  async counts<K extends Kind>(kind: K, bys: readonly By<K>[], max: number): Promise<number[]> {
    const turn = this.#shared.pause();
    if (turn !== undefined) await turn;
    return bys.map((by) => Math.min(this.#shared.tables[kind].indexFor(by).count(by as Members), max));
  }

  async countsBy<K extends Kind>(
    kind: K,
    by: By<K>,
    member: keyof Records[K] & string,
  ): Promise<ReadonlyMap<string, number>> {
    const turn = this.#shared.pause();
    if (turn !== undefined) await turn;
    return this.#shared.tables[kind].countsIn(by as Members, member);
  }

  async all<K extends ListableKind>(kind: K): Promise<Records[K][]> {
    const table = this.#shared.tables[kind];
    return table.keys().map((key) => table.get(key)?.record as Records[K]);
  }

  async save<K extends Kind>(kind: K, record: Records[K]): Promise<void> {
    const turn = this.#shared.pause();
    if (turn !== undefined) await turn;
    this.#write(kind, keyOf(kind, record), record);
  }

  async remove(kind: Kind, key: string): Promise<void> {
    this.#write(kind, key, undefined);
  }

  async removeAll<K extends Kind>(kind: K, by: By<K>): Promise<void> {
    await this.#removeKeys(
      kind,
      (await this.list(kind, by)).map((record) => keyOf(kind, record)),
    );
  }

  async clear(): Promise<void> {
    for (const kind of Object.keys(tables) as Kind[]) {
      if (keptKinds.includes(kind)) continue;
      await this.#removeKeys(kind, this.#shared.tables[kind].keys());
    }
  }

  async nextTask(processingAccountId: string): Promise<Task | undefined> {
    const turn = this.#shared.pause();
    if (turn !== undefined) await turn;
    return this.#shared.dueOrder.first(processingAccountId);
  }

  claimTask(processingAccountId: string): Promise<Task | undefined> {
    return this.nextTask(processingAccountId);
  }

  /** Frees the earlier records. A later write throws: it is a defect of the caller. */
  end(): void {
    this.#ended = true;
    this.#before.length = 0;
  }

  /** Undoes all writes. */
  async rollBack(): Promise<void> {
    const { changes } = this;
    for (let index = changes.length - 1; index >= 0; index -= 1) {
      const { kind, key } = changes[index] as Change & { readonly kind: Kind };
      const before = this.#before[index];
      this.#put(kind, key, this.#shared.tables[kind].get(key), before?.record, before?.sequence);
      if ((changes.length - index) % stepMax === 0) await this.#shared.pause();
    }
  }

  /** Removes records, in steps. */
  async #removeKeys(kind: Kind, keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += stepMax) {
      for (const key of keys.slice(start, start + stepMax)) this.#write(kind, key, undefined);
      await this.#shared.pause();
    }
  }

  #write(kind: Kind, key: string, record: object | undefined): void {
    if (this.#ended) throw new Error(`a unit of work wrote a ${kind} after its end`);
    if (this.#readOnly) throw new Error(`a read-only unit of work wrote a ${kind}`);
    const row = this.#shared.tables[kind].get(key);
    const written = record ?? row?.record;
    if (written === undefined) return;
    if (record !== undefined) this.#shared.onSave?.(record);
    this.#before.push(row && { record: row.record, sequence: row.sequence });
    const { processingAccountId } = written as { processingAccountId?: string };
    this.changes.push({ kind, key, processingAccountId });
    if (kind === "task" && record !== undefined) this.dueTimes.set(key, (record as Task).dueTime);
    this.#put(kind, key, row, record);
  }

  /**
   * Adds, replaces or removes a record.
   * @param row the present row of the key.
   * @param sequence the earlier sequence, for a rollback.
   */
  #put(kind: Kind, key: string, row: Row | undefined, record: object | undefined, sequence?: number): void {
    const { tables, dueOrder } = this.#shared;
    const table = tables[kind];
    if (row !== undefined && kind === "task") dueOrder.remove(row);
    if (record === undefined) {
      if (row !== undefined) table.remove(key, row);
      return;
    }
    const saved = row === undefined ? table.add(key, record, sequence) : table.replace(row, record);
    if (kind === "task") dueOrder.add(saved);
  }
}

function keyOf(kind: Kind, record: object): string {
  return (record as Record<string, string>)[tables[kind].key] as string;
}

/** Stores the records in this process, without copies. Units run one after another. */
export class MemoryStore implements Store {
  readonly #shared: Shared;
  readonly #subscribers: Subscribers;
  readonly shared = false;
  readonly requests: MemoryRequests;
  /** Starts the units that wait, in the order of their calls. */
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;

  /**
   * @param pause divides long work into pieces, as `Turns.pause`; without it, nothing does.
   * @param onSave receives each record before it is saved. It must not change the record.
   */
  constructor(pause: Pause = () => undefined, onSave?: OnSave) {
    const kinds = Object.entries(tables).map(([kind, { indexes }]) => [kind, new Table(indexes)]);
    this.#shared = {
      tables: Object.fromEntries(kinds) as Record<Kind, Table>,
      dueOrder: new DueOrder(),
      pause,
      onSave,
    };
    this.#subscribers = new Subscribers(pause);
    this.requests = new MemoryRequests(
      (id) => this.#world(id)?.startTime,
      (changes) => this.#subscribers.notifyAtOnce(changes, "here"),
    );
  }

  async atomically<T>(work: (unit: UnitOfWork) => Promise<T>, { readOnly = false }: UnitOptions = {}): Promise<T> {
    if (this.#isBusy) await new Promise<void>((start) => this.#waiting.push(start));
    this.#isBusy = true;
    const unit = new MemoryUnit(this.#shared, readOnly);
    try {
      let value: T;
      try {
        value = await work(unit);
      } catch (error) {
        await unit.rollBack();
        throw error;
      } finally {
        unit.end();
      }
      const notified = this.#subscribers.notify(unit.changes, "here", unit.dueTimes);
      if (notified !== undefined) await notified;
      return value;
    } finally {
      this.#startNext();
    }
  }

  async worldsWithDueTasks(realTime: number): Promise<string[]> {
    const { dueOrder } = this.#shared;
    return [...dueOrder.worlds()].filter((id) => {
      const task = dueOrder.first(id);
      const world = this.#world(id);
      return task !== undefined && world !== undefined && task.dueTime <= worldTime(world.clock, realTime);
    });
  }

  async check(): Promise<void> {}

  isUnavailable(): boolean {
    return false;
  }

  subscribe(listener: Listener): () => void {
    return this.#subscribers.add(listener);
  }

  async close(): Promise<void> {
    this.#subscribers.clear();
  }

  #world(id: string): World | undefined {
    return this.#shared.tables.world.get(id)?.record as World | undefined;
  }

  /** Starts the unit that waits longest. The store stays busy until it runs. */
  #startNext(): void {
    const start = this.#waiting.shift();
    if (start === undefined) this.#isBusy = false;
    else start();
  }
}
