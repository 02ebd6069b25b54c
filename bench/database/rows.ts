import { randomBytes } from "node:crypto";
import type { Pool } from "pg";

/** A row that a payment leaves in the database. */
export interface Row {
  readonly table: string;
  readonly columns: readonly string[];
  readonly values: readonly string[];
}

export const requestTable = "request";
const requestColumns = ["world", "sequence", "payment", "bytes", "request"];
/** Rows of these tables belong to a replica or a world, not to a payment. */
const otherTables = ["sandbox_version", "request_log", "replica", "lease"];

/** Random letters and digits. 27 of them are a KSUID. */
export function randomText(length: number): string {
  return `1${randomBytes(length).toString("hex").slice(1, length)}`;
}

/** Every row of a schema that belongs to a payment. */
export async function rowsIn(pool: Pool, schema: string): Promise<Row[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> ALL ($2)",
    [schema, otherTables],
  );
  const all: Row[] = [];
  for (const { name: table } of tables) {
    const columns = table === requestTable ? requestColumns : ["key", "record"];
    const listed = columns.map((column) => `${column}::text`).join(", ");
    const { rows } = await pool.query<Record<string, string>>(`SELECT ${listed} FROM "${schema}"."${table}"`);
    all.push(...rows.map((row) => ({ table, columns, values: columns.map((column) => row[column] ?? "") })));
  }
  return all;
}

/**
 * The rows of another payment: every id and key is replaced by a new one.
 * @param kept ids that stay the same.
 * @param sequence the place in the request log.
 */
export function renewed(rows: readonly Row[], kept: ReadonlySet<string>, sequence: number): Row[] {
  const renewals = new Map<string, string>();
  const renew = (text: string) => {
    if (kept.has(text) || !/\d/.test(text)) return text;
    const renewal = renewals.get(text) ?? randomText(text.length);
    renewals.set(text, renewal);
    return renewal;
  };
  return rows.map((row) => ({
    ...row,
    values: row.values.map((value, index) =>
      row.columns[index] === "sequence" ? String(sequence) : value.replaceAll(/[\w-]{20,}/g, renew),
    ),
  }));
}
