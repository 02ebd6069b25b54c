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
import { DueOrder } from "./due-order.ts";
import { MemoryRequests } from "./requests.ts";
import { newTree, type Tree } from "./tree.ts";

/** The keys of records, ordered by the values of the indexed members, then by sequence. */
class Index {
  readonly #members: readonly string[];
  readonly #tree: Tree<[value: string, sequence: number]> = newTree();

  constructor(members: readonly string[]) {
    this.#members = members;
  }

  /** Returns the indexed value of a record, or `undefined` if it lacks one of the members. */
  valueOf(record: object | undefined): string | undefined {
    const values = this.#members.map((member) => (record as Record<string, unknown> | undefined)?.[member]);
    return values.includes(undefined) ? undefined : JSON.stringify(values);
  }

  move(key: string, sequence: number, from: string | undefined, to: string | undefined) {
    if (from === to) return;
    if (from !== undefined) this.#tree.delete([from, sequence]);
    if (to !== undefined) this.#tree.set([to, sequence], key);
  }

  ascending(value: string): string[] {
    const keys: string[] = [];
    this.#tree.forRange([value, 0], [value, Number.POSITIVE_INFINITY], true, (_, key) => void keys.push(key));
    return keys;
  }

  descending(value: string, before: number, limit: number): { key: string; sequence: number }[] {
    const found: { key: string; sequence: number }[] = [];
    let pair = this.#tree.nextLowerPair([value, before]);
    while (pair !== undefined && pair[0][0] === value && found.length < limit) {
      found.push({ key: pair[1], sequence: pair[0][1] });
      pair = this.#tree.nextLowerPair(pair[0]);
    }
    return found;
  }
}

/** The records of one kind, by key and by index. A record keeps its sequence until it is removed. */
class Table {
  readonly #records = new Map<string, SequencedRecord<object>>();
  readonly #indexes: ReadonlyMap<string, Index>;
  #sequence = 0;

  constructor(indexes: readonly (readonly string[])[]) {
    this.#indexes = new Map(indexes.map((members) => [indexName(members), new Index(members)]));
  }

  get(key: string): SequencedRecord<object> | undefined {
    return this.#records.get(key);
  }

  keys(): string[] {
    return [...this.#records.keys()];
  }

  indexFor(by: object): { index: Index; value: string } {
    const index = this.#indexes.get(indexName(Object.keys(by)));
    const value = index?.valueOf(by);
    if (index === undefined || value === undefined) throw new TypeError(`no index of ${JSON.stringify(by)}`);
    return { index, value };
  }

  /** Saves the record, or removes the record with that key. @param sequence the earlier sequence, for a rollback. */
  set(key: string, record: object | undefined, sequence?: number) {
    const before = this.#records.get(key);
    const saved = sequence ?? before?.sequence ?? ++this.#sequence;
    for (const index of this.#indexes.values()) {
      index.move(key, saved, index.valueOf(before?.record), index.valueOf(record));
    }
    if (record === undefined) this.#records.delete(key);
    else this.#records.set(key, { record, sequence: saved });
    // An empty table starts at 1 again, like a new one. A rollback restores the sequence.
    this.#sequence = this.#records.size === 0 ? 0 : Math.max(this.#sequence, saved);
  }
}

function indexName(members: readonly string[]): string {
  return members.toSorted().join(" ");
}

/** Writes to the tables at once, and remembers how to undo each write. */
class MemoryUnit implements UnitOfWork {
  readonly changes: Change[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #tables: Record<Kind, Table>;
  readonly #dueOrder: DueOrder;
  readonly #readOnly: boolean;
  #ended = false;

  constructor(kinds: Record<Kind, Table>, dueOrder: DueOrder, readOnly: boolean) {
    this.#readOnly = readOnly;
    this.#tables = kinds;
    this.#dueOrder = dueOrder;
  }

  async get<K extends Kind>(kind: K, key: string): Promise<Records[K] | undefined> {
    return this.#tables[kind].get(key)?.record as Records[K] | undefined;
  }

  async list<K extends Kind>(kind: K, by: By<K>): Promise<Records[K][]> {
    const table = this.#tables[kind];
    const { index, value } = table.indexFor(by);
    return index.ascending(value).map((key) => table.get(key)?.record as Records[K]);
  }

  async page<K extends Kind>(
    kind: K,
    by: By<K>,
    { limit, before = Number.POSITIVE_INFINITY }: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<SequencedRecord<Records[K]>[]> {
    const table = this.#tables[kind];
    const { index, value } = table.indexFor(by);
    return index
      .descending(value, before, limit)
      .map(({ key, sequence }) => ({ record: table.get(key)?.record as Records[K], sequence }));
  }

  async all<K extends ListableKind>(kind: K): Promise<Records[K][]> {
    return this.#tables[kind].keys().map((key) => this.#tables[kind].get(key)?.record as Records[K]);
  }

  async save<K extends Kind>(kind: K, record: Records[K]): Promise<void> {
    const key = (record as unknown as Record<string, string>)[tables[kind].key] as string;
    this.#write(kind, key, deepFreeze(structuredClone(record)));
  }

  async remove(kind: Kind, key: string): Promise<void> {
    this.#write(kind, key, undefined);
  }

  async removeAll<K extends Kind>(kind: K, by: By<K>): Promise<void> {
    const { index, value } = this.#tables[kind].indexFor(by);
    for (const key of index.ascending(value)) this.#write(kind, key, undefined);
  }

  async clear(): Promise<void> {
    for (const kind of Object.keys(tables) as Kind[]) {
      if (keptKinds.includes(kind)) continue;
      for (const key of this.#tables[kind].keys()) this.#write(kind, key, undefined);
    }
  }

  async nextTask(processingAccountId: string): Promise<Task | undefined> {
    const key = this.#dueOrder.first(processingAccountId);
    return key === undefined ? undefined : this.get("task", key);
  }

  claimTask(processingAccountId: string): Promise<Task | undefined> {
    return this.nextTask(processingAccountId);
  }

  /** A later write throws: it is a defect of the caller. */
  end() {
    this.#ended = true;
  }

  /** Undoes all writes. */
  rollBack() {
    for (const undo of this.#undo.reverse()) undo();
  }

  #write(kind: Kind, key: string, record: object | undefined) {
    if (this.#ended) throw new Error(`a unit of work wrote a ${kind} after its end`);
    if (this.#readOnly) throw new Error(`a read-only unit of work wrote a ${kind}`);
    const before = this.#tables[kind].get(key);
    const written = record ?? before?.record;
    if (written === undefined) return;
    this.#undo.push(() => this.#put(kind, key, before?.record, before?.sequence));
    this.#put(kind, key, record);
    const { processingAccountId } = written as { processingAccountId?: string };
    this.changes.push({ kind, key, processingAccountId });
  }

  #put(kind: Kind, key: string, record: object | undefined, sequence?: number) {
    const table = this.#tables[kind];
    const changeOrder = (row: ReturnType<Table["get"]>, change: "add" | "remove") => {
      const task = row?.record as Task | undefined;
      if (row !== undefined && task?.lease === undefined && task !== undefined) {
        this.#dueOrder[change](task, row.sequence);
      }
    };
    if (kind === "task") changeOrder(table.get(key), "remove");
    table.set(key, record, sequence);
    if (kind === "task") changeOrder(table.get(key), "add");
  }
}

/** Stores the records in this process. Units run one after another. */
export class MemoryStore implements Store {
  readonly #tables = Object.fromEntries(
    Object.entries(tables).map(([kind, { indexes }]) => [kind, new Table(indexes)]),
  ) as Record<Kind, Table>;
  readonly #dueOrder = new DueOrder();
  readonly #listeners = new Set<Listener>();
  readonly shared = false;
  readonly requests = new MemoryRequests(
    (id) => (this.#tables.world.get(id)?.record as World | undefined)?.startTime,
    (changes) => this.#notify(changes),
  );
  #last: Promise<unknown> = Promise.resolve();

  atomically<T>(work: (unit: UnitOfWork) => Promise<T>, { readOnly = false }: UnitOptions = {}): Promise<T> {
    const run = this.#last.then(() => this.#run(work, readOnly));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async worldsWithDueTasks(realTime: number): Promise<string[]> {
    return [...this.#dueOrder.worlds()].filter((id) => {
      const task = this.#tables.task.get(this.#dueOrder.first(id) ?? "")?.record as Task | undefined;
      const world = this.#tables.world.get(id)?.record as World | undefined;
      return task !== undefined && world !== undefined && task.dueTime <= worldTime(world.clock, realTime);
    });
  }

  async check(): Promise<void> {}

  isUnavailable(): boolean {
    return false;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  async #run<T>(work: (unit: UnitOfWork) => Promise<T>, readOnly: boolean): Promise<T> {
    const unit = new MemoryUnit(this.#tables, this.#dueOrder, readOnly);
    let value: T;
    try {
      value = await work(unit);
    } catch (error) {
      unit.rollBack();
      throw error;
    } finally {
      unit.end();
    }
    if (unit.changes.length > 0) this.#notify(unit.changes);
    return value;
  }

  #notify(changes: readonly Change[]): void {
    for (const listener of this.#listeners) listener(changes, "here");
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
