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
import { FrozenCopies } from "./frozen-copies.ts";
import { MemoryRequests } from "./requests.ts";
import { Table } from "./table.ts";

/** Records that a unit reads or writes between two pauses, at most. */
const stepMax = 500;

/**
 * Writes to the tables at once, and remembers how to undo each write. Pauses between steps do not break the isolation:
 * no other unit begins before this one ends.
 */
class MemoryUnit implements UnitOfWork {
  readonly changes: Change[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #tables: Record<Kind, Table>;
  readonly #dueOrder: DueOrder;
  readonly #copies: FrozenCopies;
  readonly #readOnly: boolean;
  readonly #pause: Pause;
  #ended = false;

  constructor(kinds: Record<Kind, Table>, dueOrder: DueOrder, copies: FrozenCopies, readOnly: boolean, pause: Pause) {
    this.#copies = copies;
    this.#readOnly = readOnly;
    this.#pause = pause;
    this.#tables = kinds;
    this.#dueOrder = dueOrder;
  }

  async get<K extends Kind>(kind: K, key: string): Promise<Records[K] | undefined> {
    const turn = this.#pause();
    if (turn !== undefined) await turn;
    return this.#tables[kind].get(key)?.record as Records[K] | undefined;
  }

  async list<K extends Kind>(kind: K, by: By<K>): Promise<Records[K][]> {
    const table = this.#tables[kind];
    const records: Records[K][] = [];
    await this.#forEach(kind, by, (key) => void records.push(table.get(key)?.record as Records[K]));
    return records;
  }

  async page<K extends Kind>(
    kind: K,
    by: By<K>,
    { limit, before = Number.POSITIVE_INFINITY }: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<SequencedRecord<Records[K]>[]> {
    const table = this.#tables[kind];
    const { index, value } = table.indexFor(by);
    const turn = this.#pause();
    if (turn !== undefined) await turn;
    return index
      .descending(value, before, limit)
      .map(({ key, sequence }) => ({ record: table.get(key)?.record as Records[K], sequence }));
  }

  async all<K extends ListableKind>(kind: K): Promise<Records[K][]> {
    return this.#tables[kind].keys().map((key) => this.#tables[kind].get(key)?.record as Records[K]);
  }

  async save<K extends Kind>(kind: K, record: Records[K]): Promise<void> {
    const key = (record as unknown as Record<string, string>)[tables[kind].key] as string;
    const saved = this.#copies.of(record);
    const turn = this.#pause();
    if (turn !== undefined) await turn;
    this.#write(kind, key, saved);
  }

  async remove(kind: Kind, key: string): Promise<void> {
    this.#write(kind, key, undefined);
  }

  async removeAll<K extends Kind>(kind: K, by: By<K>): Promise<void> {
    await this.#forEach(kind, by, (key) => this.#write(kind, key, undefined));
  }

  async clear(): Promise<void> {
    for (const kind of Object.keys(tables) as Kind[]) {
      if (keptKinds.includes(kind)) continue;
      const keys = this.#tables[kind].keys();
      for (let start = 0; start < keys.length; start += stepMax) {
        for (const key of keys.slice(start, start + stepMax)) this.#write(kind, key, undefined);
        await this.#pause();
      }
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
  async rollBack() {
    for (const [index, undo] of this.#undo.reverse().entries()) {
      undo();
      if (index % stepMax === stepMax - 1) await this.#pause();
    }
  }

  /** Calls `use` with the keys of the records with those members, in steps. */
  async #forEach(kind: Kind, by: object, use: (key: string) => void): Promise<void> {
    const { index, value } = this.#tables[kind].indexFor(by);
    for (let after: number | undefined = 0; after !== undefined; ) {
      const turn = this.#pause();
      if (turn !== undefined) await turn;
      after = index.ascending(value, after, stepMax, use);
    }
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
  readonly #copies = new FrozenCopies();
  readonly #pause: Pause;
  readonly #subscribers: Subscribers;
  readonly shared = false;
  readonly requests: MemoryRequests;
  #last: Promise<unknown> = Promise.resolve();

  /** @param pause divides long work into pieces, as `Turns.pause`; without it, nothing does. */
  constructor(pause: Pause = () => undefined) {
    this.#pause = pause;
    this.#subscribers = new Subscribers(pause);
    this.requests = new MemoryRequests(
      (id) => (this.#tables.world.get(id)?.record as World | undefined)?.startTime,
      (changes) => this.#subscribers.notifyAtOnce(changes, "here"),
    );
  }

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
    return this.#subscribers.add(listener);
  }

  async close(): Promise<void> {
    this.#subscribers.clear();
  }

  async #run<T>(work: (unit: UnitOfWork) => Promise<T>, readOnly: boolean): Promise<T> {
    const turn = this.#pause();
    if (turn !== undefined) await turn;
    const unit = new MemoryUnit(this.#tables, this.#dueOrder, this.#copies, readOnly, this.#pause);
    let value: T;
    try {
      value = await work(unit);
    } catch (error) {
      await unit.rollBack();
      throw error;
    } finally {
      unit.end();
    }
    if (unit.changes.length > 0) await this.#subscribers.notify(unit.changes, "here");
    return value;
  }
}
