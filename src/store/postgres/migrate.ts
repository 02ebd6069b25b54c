import type { ClientBase } from "pg";
import { records } from "../migrations/0001-records.ts";

/** What each version of the schema adds, in order. What stands here never changes: a change is another version. */
const migrations: readonly ((schema: string) => readonly string[])[] = [records];

/**
 * Brings a schema up to date. Of several programs that start at once one does it, and the others wait for it.
 * Rejects with a sentence where the database is newer than this program.
 */
export async function migrate(client: ClientBase, schema: string): Promise<void> {
  const versions = `"${schema}".sandbox_version`;
  await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`).catch(tolerateRace);
  await client.query(`CREATE TABLE IF NOT EXISTS ${versions} (version integer PRIMARY KEY)`).catch(tolerateRace);
  try {
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    await client.query(`LOCK TABLE ${versions} IN EXCLUSIVE MODE`);
    const { rows } = await client.query<{ version: number | null }>(`SELECT max(version) AS version FROM ${versions}`);
    const present = rows[0]?.version ?? 0;
    if (present > migrations.length) throw new Error(tooNew(schema, present));
    for (const [index, statements] of migrations.entries()) {
      if (index < present) continue;
      await client.query([...statements(schema), `INSERT INTO ${versions} VALUES (${index + 1})`].join(";\n"));
    }
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function tooNew(schema: string, present: number): string {
  return `the schema ${schema} has version ${present} and this program knows version ${migrations.length} at most: use the newer program, or another schema`;
}

/** Two programs that make the same thing at once: one of them hears that it is there already. */
function tolerateRace(error: { code?: string }): void {
  const isThere = ["23505", "42P06", "42P07", "42710"].includes(error.code ?? "");
  if (!isThere) throw error;
}
