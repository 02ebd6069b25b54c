import { storedKind } from "../../domain/stored-names.ts";
import type { Kind } from "../store.ts";
import type { Statements } from "./statements.ts";

interface PendingRecord {
  readonly kind: Kind;
  readonly key: string;
  readonly record: string;
}

/** So many records go into one statement. */
const recordsMax = 1000;

/** Records that a unit has saved and that go to the database together, before anything is read that they change. */
export class PendingWrites {
  readonly #statements: Statements;
  readonly #schema: string;
  readonly #pending = new Map<string, PendingRecord>();

  constructor(statements: Statements, schema: string) {
    this.#statements = statements;
    this.#schema = schema;
  }

  /** @param key and record as the database takes them. */
  add(kind: Kind, key: string, record: string): void {
    this.#pending.set(`${kind} ${key}`, { kind, key, record });
  }

  /** Writes what waits, if something of that kind does, or anything at all. */
  async write(kind?: Kind): Promise<void> {
    const records = [...this.#pending.values()];
    if (records.length === 0 || (kind !== undefined && !records.some((pending) => pending.kind === kind))) return;
    this.#pending.clear();
    for (let start = 0; start < records.length; start += recordsMax) {
      const { text, values } = this.#statementFor(records.slice(start, start + recordsMax));
      await this.#statements.query(text, values);
    }
  }

  #statementFor(records: readonly PendingRecord[]): { readonly text: string; readonly values: readonly string[] } {
    const values: string[] = [];
    const rows = new Map<Kind, string[]>();
    for (const { kind, key, record } of records) {
      const place = values.push(key, record);
      rows.set(kind, [...(rows.get(kind) ?? []), `($${place - 1}, $${place}::jsonb)`]);
    }
    const inserts = [...rows].map(
      ([kind, of]) =>
        `INSERT INTO "${this.#schema}"."${storedKind(kind)}" (key, record) VALUES ${of.join(", ")}
         ON CONFLICT (key) DO UPDATE SET record = excluded.record`,
    );
    const last = inserts.pop() ?? "";
    const others = inserts.map((insert, index) => `write_${index} AS (${insert})`);
    return { text: others.length === 0 ? last : `WITH ${others.join(", ")} ${last}`, values };
  }
}
