import { storedKind } from "../../domain/stored-names.ts";
import type { Task } from "../../domain/task.ts";
import {
  type By,
  type Change,
  type Kind,
  keptKinds,
  type ListableKind,
  type Records,
  type SequencedRecord,
  tables,
  type UnitOfWork,
} from "../store.ts";
import { PendingWrites } from "./pending-writes.ts";
import type { Statements } from "./statements.ts";
import { decodeRecord, decodeText, encodeRecord, encodeText } from "./text.ts";

interface Row {
  /** As JSON. */
  readonly record: string;
  /** A 64-bit number: the driver returns it as text. */
  readonly sequence: string;
  readonly key: string;
  readonly world: string | null;
}

/** Maximum number of reads that a unit remembers. */
const readsMax = 100;

/** The columns of a removed record that its change needs. */
const removedColumns = `key, record->>'processingAccountId' AS world`;

/** The changes of a unit, and the due times of the tasks that it saved, by key. */
export interface UnitChanges {
  readonly list: Change[];
  readonly dueTimes: Map<string, number>;
}

/** A unit of work on one connection. */
export class PostgresUnit implements UnitOfWork {
  readonly #changes: UnitChanges | undefined;
  readonly #statements: Statements;
  readonly #schema: string;
  readonly #pending: PendingWrites;
  /** The reads of the unit by kind: the same read again gives the same rows until the unit writes one of that kind. */
  readonly #reads = new Map<Kind, Map<string, Promise<Row[]>>>();
  #readCount = 0;
  #ended = false;

  /** @param changes receives the changes; without it, the unit is read-only. */
  constructor(statements: Statements, schema: string, changes: UnitChanges | undefined) {
    this.#changes = changes;
    this.#statements = statements;
    this.#schema = schema;
    this.#pending = new PendingWrites(statements, schema);
  }

  /** Sends the saved records that are not sent yet. Does not wait for the result. */
  send(): Promise<void> {
    return this.#pending.send();
  }

  async get<K extends Kind>(kind: K, key: string): Promise<Records[K] | undefined> {
    const encodedKey = encodeText(key);
    const saved = this.#pending.get(kind, encodedKey);
    if (saved !== undefined) return decodeRecord(kind, saved) as Records[K];
    const rows = await this.#read(kind, `SELECT record FROM ${this.#table(kind)} WHERE key = $1`, [encodedKey]);
    return recordsOf(kind, rows)[0];
  }

  async list<K extends Kind>(kind: K, by: By<K>): Promise<Records[K][]> {
    const { condition, values } = conditionOf(kind, by);
    const text = `SELECT record FROM ${this.#table(kind)} WHERE ${condition} ORDER BY sequence`;
    return recordsOf(kind, await this.#read(kind, text, values));
  }

  async first<K extends Kind>(kind: K, by: By<K>): Promise<Records[K] | undefined> {
    const { condition, values } = conditionOf(kind, by);
    const text = `SELECT record FROM ${this.#table(kind)} WHERE ${condition} ORDER BY sequence LIMIT 1`;
    return recordsOf(kind, await this.#read(kind, text, values))[0];
  }

  async page<K extends Kind>(
    kind: K,
    by: By<K>,
    { limit, before }: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<SequencedRecord<Records[K]>[]> {
    const { condition, values } = conditionOf(kind, by);
    const last = values.length + 1;
    const range = before === undefined ? "" : `AND sequence < $${last + 1}`;
    const rows = await this.#read(
      kind,
      `SELECT record, sequence FROM ${this.#table(kind)} WHERE ${condition} ${range}
       ORDER BY sequence DESC LIMIT $${last}`,
      [...values, limit, ...(before === undefined ? [] : [before])],
    );
    return rows.map(({ record, sequence }) => ({
      record: decodeRecord(kind, record) as Records[K],
      sequence: Number(sequence),
    }));
  }

  async counts<K extends Kind>(kind: K, bys: readonly By<K>[], max: number): Promise<number[]> {
    const [first] = bys;
    if (first === undefined) return [];
    const names = Object.keys(first);
    const lookups = bys.map((by) => conditionOf(kind, by).values);
    const columns = names.map((_, index) => lookups.map((values) => values[index]));
    const members = names.map((name) => `"${name}"`).join(", ");
    const rows = await this.#query(
      kind,
      `SELECT (SELECT count(*) FROM (SELECT FROM ${this.#table(kind)} AS one
         WHERE ${names.map((name) => `one."${name}" = lookup."${name}"`).join(" AND ")} LIMIT $${names.length + 1}
       ) AS found) AS sequence
       FROM unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(", ")}) WITH ORDINALITY
         AS lookup(${members}, place) ORDER BY place`,
      [...columns, max],
    );
    return rows.map(({ sequence }) => Number(sequence));
  }

  async countsBy<K extends Kind>(
    kind: K,
    by: By<K>,
    member: keyof Records[K] & string,
  ): Promise<ReadonlyMap<string, number>> {
    const { condition, values } = conditionOf(kind, by, [...Object.keys(by), member]);
    await this.#pending.send(kind);
    const rows = await this.#statements.query<{ readonly value: string; readonly count: string }>(
      `SELECT "${member}" AS value, count(*) AS count FROM ${this.#table(kind)}
       WHERE ${condition} AND "${member}" IS NOT NULL GROUP BY "${member}"`,
      values,
    );
    return new Map(rows.map(({ value, count }) => [decodeText(value), Number(count)]));
  }

  async all<K extends ListableKind>(kind: K): Promise<Records[K][]> {
    return recordsOf(kind, await this.#read(kind, `SELECT record FROM ${this.#table(kind)} ORDER BY sequence`));
  }

  async save<K extends Kind>(kind: K, record: Records[K]): Promise<void> {
    this.#checkOpen(kind);
    const key = (record as unknown as Record<string, string>)[tables[kind].key] as string;
    const { processingAccountId } = record as { processingAccountId?: string };
    this.#reads.delete(kind);
    this.#pending.add(kind, encodeText(key), encodeRecord(kind, record));
    this.#changes?.list.push({ kind, key, processingAccountId });
    if (kind === "task") this.#changes?.dueTimes.set(key, (record as Records["task"]).dueTime);
  }

  async remove(kind: Kind, key: string): Promise<void> {
    this.#checkOpen(kind);
    const text = `DELETE FROM ${this.#table(kind)} WHERE key = $1 RETURNING ${removedColumns}`;
    await this.#delete(kind, text, [encodeText(key)]);
  }

  async removeAll<K extends Kind>(kind: K, by: By<K>): Promise<void> {
    this.#checkOpen(kind);
    const { condition, values } = conditionOf(kind, by);
    const text = `DELETE FROM ${this.#table(kind)} WHERE ${condition} RETURNING ${removedColumns}`;
    await this.#delete(kind, text, values);
  }

  async clear(): Promise<void> {
    for (const kind of Object.keys(tables) as Kind[]) {
      if (keptKinds.includes(kind)) continue;
      this.#checkOpen(kind);
      await this.#delete(kind, `DELETE FROM ${this.#table(kind)} RETURNING ${removedColumns}`, []);
    }
  }

  nextTask(processingAccountId: string): Promise<Task | undefined> {
    return this.#firstTask(processingAccountId, "");
  }

  claimTask(processingAccountId: string): Promise<Task | undefined> {
    return this.#firstTask(processingAccountId, "FOR UPDATE SKIP LOCKED");
  }

  /** A later write throws: it is a defect of the caller. */
  end(): void {
    this.#ended = true;
  }

  async #firstTask(processingAccountId: string, lock: string): Promise<Task | undefined> {
    const rows = await this.#query(
      "task",
      `SELECT record FROM ${this.#table("task")} WHERE "processingAccountId" = $1 AND NOT leased
       ORDER BY due, sequence LIMIT 1 ${lock}`,
      [encodeText(processingAccountId)],
    );
    return recordsOf("task", rows)[0];
  }

  async #delete(kind: Kind, text: string, values: readonly unknown[]): Promise<void> {
    this.#reads.delete(kind);
    await this.#pending.send(kind);
    await this.#statements.write<Row>(text, values, (rows) => this.#addRemoved(kind, rows));
  }

  #addRemoved(kind: Kind, rows: readonly Row[]): void {
    for (const { key, world } of rows) {
      const processingAccountId = world === null ? undefined : decodeText(world);
      this.#changes?.list.push({ kind, key: decodeText(key), processingAccountId });
    }
  }

  #table(kind: Kind): string {
    return `"${this.#schema}"."${storedKind(kind)}"`;
  }

  #checkOpen(kind: Kind): void {
    if (this.#ended) throw new Error(`a unit of work wrote a ${kind} after its end`);
    if (this.#changes === undefined) throw new Error(`a read-only unit of work wrote a ${kind}`);
  }

  #read(kind: Kind, text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const reads = this.#reads.get(kind) ?? new Map<string, Promise<Row[]>>();
    this.#reads.set(kind, reads);
    const id = JSON.stringify([text, values]);
    const known = reads.get(id);
    if (known !== undefined) return known;
    const rows = this.#query(kind, text, values);
    this.#readCount += 1;
    if (this.#readCount <= readsMax) reads.set(id, rows);
    return rows;
  }

  async #query(kind: Kind, text: string, values: readonly unknown[]): Promise<Row[]> {
    await this.#pending.send(kind);
    return this.#statements.query<Row>(text, values);
  }
}

function recordsOf<K extends Kind>(kind: K, rows: readonly Row[]): Records[K][] {
  return rows.map(({ record }) => decodeRecord(kind, record) as Records[K]);
}

/** @param indexed members of the index that the condition needs. */
function conditionOf(
  kind: Kind,
  by: object,
  indexed: readonly string[] = Object.keys(by),
): { readonly condition: string; readonly values: readonly string[] } {
  const names = Object.keys(by);
  const sorted = (members: readonly string[]) => members.toSorted().join();
  if (!tables[kind].indexes.some((members) => sorted(members) === sorted(indexed))) {
    throw new TypeError(`no index of ${indexed.join(", ")}`);
  }
  return {
    condition: names.map((name, index) => `"${name}" = $${index + 1}`).join(" AND "),
    values: Object.values(by).map((value) => encodeText(String(value))),
  };
}
