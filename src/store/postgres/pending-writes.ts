import { storedKind } from "../../domain/stored-names.ts";
import type { Kind } from "../store.ts";
import type { Statements } from "./statements.ts";

interface PendingRecord {
  readonly kind: Kind;
  readonly key: string;
  readonly record: string;
}

/** Maximum number of records in one statement. */
const recordsMax = 1000;

/** The saved records of a unit. They are sent together, before a statement that could read them. */
export class PendingWrites {
  readonly #statements: Statements;
  readonly #schema: string;
  readonly #pending = new Map<string, PendingRecord>();

  constructor(statements: Statements, schema: string) {
    this.#statements = statements;
    this.#schema = schema;
  }

  /** @param key and `record` are encoded for the database. */
  add(kind: Kind, key: string, record: string): void {
    this.#pending.set(`${kind} ${key}`, { kind, key, record });
  }

  /** @returns the record of that key, encoded, if it is not sent yet. */
  get(kind: Kind, key: string): string | undefined {
    return this.#pending.get(`${kind} ${key}`)?.record;
  }

  /** Sends all records if there is one of that kind; without a kind, if there is any. Does not wait for the result. */
  async send(kind?: Kind): Promise<void> {
    const records = [...this.#pending.values()];
    if (records.length === 0 || (kind !== undefined && !records.some((pending) => pending.kind === kind))) return;
    this.#pending.clear();
    for (let start = 0; start < records.length; start += recordsMax) {
      const { text, values } = this.#statementFor(records.slice(start, start + recordsMax));
      await this.#statements.write(text, values);
    }
  }

  #statementFor(records: readonly PendingRecord[]): { readonly text: string; readonly values: readonly string[] } {
    const values: string[] = [];
    const rows = new Map<Kind, string[]>();
    for (const { kind, key, record } of records) {
      const count = values.push(key, record);
      rows.set(kind, [...(rows.get(kind) ?? []), `($${count - 1}, $${count}::jsonb)`]);
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
