import sortedBTree from "sorted-btree";
import type { Task } from "../domain/task.ts";
import { type By, type Change, type Kind, type Records, type Store, tables, type UnitOfWork } from "./store.ts";

// A CommonJS module: its class is the member `default` of what Node imports.
const BTree = sortedBTree.default;

type TaskKey = readonly [dueTime: number, sequence: number];

/** The records of one kind, by key and by each indexed member. A key keeps its sequence for as long as it is there. */
class Table {
  readonly #records = new Map<string, { readonly record: object; readonly sequence: number }>();
  readonly #indexes: Map<string, Map<string, Map<number, string>>>;
  #sequence = 0;

  constructor(indexes: readonly string[]) {
    this.#indexes = new Map(indexes.map((name) => [name, new Map()]));
  }

  get(key: string) {
    return this.#records.get(key);
  }

  /** Keys by one member's value, in order of sequence. */
  keysBy(member: string, value: string): string[] {
    const keys = this.#indexes.get(member)?.get(value);
    return keys === undefined ? [] : [...keys].sort(([a], [b]) => a - b).map(([, key]) => key);
  }

  /** Puts the record there, or takes away what is there; `sequence` is given only to undo. */
  set(key: string, record: object | undefined, sequence?: number) {
    const before = this.#records.get(key);
    if (before !== undefined) this.#index(before.record, before.sequence, undefined);
    if (record === undefined) {
      this.#records.delete(key);
      return;
    }
    const row = { record, sequence: sequence ?? before?.sequence ?? ++this.#sequence };
    this.#records.set(key, row);
    this.#index(record, row.sequence, key);
  }

  #index(record: object, sequence: number, key: string | undefined) {
    for (const [member, values] of this.#indexes) {
      const value = (record as Record<string, string>)[member];
      if (value === undefined) continue;
      const keys = values.get(value) ?? new Map<number, string>();
      if (key === undefined) keys.delete(sequence);
      else keys.set(sequence, key);
      if (keys.size === 0) values.delete(value);
      else values.set(value, keys);
    }
  }
}

/** The tasks that nobody has leased, by world, in the order in which they fall due. */
class DueOrder {
  readonly #worlds = new Map<string, InstanceType<typeof BTree<TaskKey, string>>>();

  add(task: Task, sequence: number) {
    let tree = this.#worlds.get(task.processingAccountId);
    if (tree === undefined) {
      tree = new BTree<TaskKey, string>(undefined, (a, b) => a[0] - b[0] || a[1] - b[1]);
      this.#worlds.set(task.processingAccountId, tree);
    }
    tree.set([task.dueTime, sequence], task.id);
  }

  remove(task: Task, sequence: number) {
    const tree = this.#worlds.get(task.processingAccountId);
    tree?.delete([task.dueTime, sequence]);
    if (tree?.size === 0) this.#worlds.delete(task.processingAccountId);
  }

  first(processingAccountId: string): string | undefined {
    const tree = this.#worlds.get(processingAccountId);
    const key = tree?.minKey();
    return key === undefined ? undefined : tree?.get(key);
  }
}

/** Writes through to the tables and notes how to undo each write. */
class MemoryUnit implements UnitOfWork {
  readonly changes: Change[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #tables: Record<Kind, Table>;
  readonly #dueOrder: DueOrder;
  #ended = false;

  constructor(kinds: Record<Kind, Table>, dueOrder: DueOrder) {
    this.#tables = kinds;
    this.#dueOrder = dueOrder;
  }

  async get<K extends Kind>(kind: K, key: string): Promise<Records[K] | undefined> {
    return this.#tables[kind].get(key)?.record as Records[K] | undefined;
  }

  async list<K extends Kind>(kind: K, by: By<K>): Promise<Records[K][]> {
    const [[member, value] = [], ...others] = Object.entries(by) as [string, string][];
    if (member === undefined || value === undefined || others.length > 0) {
      throw new TypeError(`a list of ${kind} goes by exactly one member`);
    }
    const table = this.#tables[kind];
    return table.keysBy(member, value).map((key) => table.get(key)?.record as Records[K]);
  }

  async save<K extends Kind>(kind: K, record: Records[K]): Promise<void> {
    const key = (record as unknown as Record<string, string>)[tables[kind].key] as string;
    this.#write(kind, key, deepFreeze(structuredClone(record)));
  }

  async remove(kind: Kind, key: string): Promise<void> {
    this.#write(kind, key, undefined);
  }

  async nextTask(processingAccountId: string): Promise<Task | undefined> {
    const key = this.#dueOrder.first(processingAccountId);
    return key === undefined ? undefined : this.get("task", key);
  }

  /** What is written after the end would belong to nobody: it is a defect of the caller. */
  end() {
    this.#ended = true;
  }

  rollBack() {
    for (const undo of this.#undo.reverse()) undo();
  }

  #write(kind: Kind, key: string, record: object | undefined) {
    if (this.#ended) throw new Error(`a unit of work wrote a ${kind} after its end`);
    const before = this.#tables[kind].get(key);
    const present = record ?? before?.record;
    if (present === undefined) return;
    this.#undo.push(() => this.#put(kind, key, before?.record, before?.sequence));
    this.#put(kind, key, record);
    const { processingAccountId } = present as { processingAccountId?: string };
    this.changes.push({ kind, key, processingAccountId });
  }

  #put(kind: Kind, key: string, record: object | undefined, sequence?: number) {
    const table = this.#tables[kind];
    const ordered = (row: ReturnType<Table["get"]>, change: "add" | "remove") => {
      const task = row?.record as Task | undefined;
      if (row !== undefined && task !== undefined && task.lease === undefined)
        this.#dueOrder[change](task, row.sequence);
    };
    if (kind === "task") ordered(table.get(key), "remove");
    table.set(key, record, sequence);
    if (kind === "task") ordered(table.get(key), "add");
  }
}

/** Keeps everything in this process. Units follow one another, so each one sees a quiet store. */
export class MemoryStore implements Store {
  readonly #tables = Object.fromEntries(
    Object.entries(tables).map(([kind, { indexes }]) => [kind, new Table(indexes)]),
  ) as Record<Kind, Table>;
  readonly #dueOrder = new DueOrder();
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  #last: Promise<unknown> = Promise.resolve();

  atomically<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => this.#run(work));
    this.#last = run.catch(() => undefined);
    return run;
  }

  subscribe(listener: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  async #run<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    const unit = new MemoryUnit(this.#tables, this.#dueOrder);
    let value: T;
    try {
      value = await work(unit);
    } catch (error) {
      unit.rollBack();
      throw error;
    } finally {
      unit.end();
    }
    if (unit.changes.length > 0) for (const listener of this.#listeners) listener(unit.changes);
    return value;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
