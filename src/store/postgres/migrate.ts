import { records } from "../migrations/0001-records.ts";
import type { Statements } from "./statements.ts";

/** What each version of the schema adds, in order. What stands here never changes: a change is another version. */
const migrations: readonly ((schema: string) => readonly string[])[] = [records];

/**
 * Brings a schema up to date. Of several programs that start at once one does it, and the others wait for it.
 * Rejects with a sentence where the database is newer than this program.
 * @param limitMs how long that may take, the wait for another program included, in milliseconds.
 */
export async function migrate(statements: Statements, schema: string, limitMs: number): Promise<void> {
  const versions = `"${schema}".sandbox_version`;
  const made = await statements.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  // Who may not make schemas may work in one that is there.
  if (made.length === 0) await statements.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`).catch(tolerateRace);
  await statements.query(`CREATE TABLE IF NOT EXISTS ${versions} (version integer PRIMARY KEY)`).catch(tolerateRace);
  try {
    await statements.query(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${limitMs}`);
    await statements.query(`LOCK TABLE ${versions} IN EXCLUSIVE MODE`);
    const rows = await statements.query<{ version: number | null }>(`SELECT max(version) AS version FROM ${versions}`);
    const present = rows[0]?.version ?? 0;
    if (present > migrations.length) throw new Error(tooNew(schema, present));
    for (const [index, add] of migrations.entries()) {
      if (index < present) continue;
      await statements.query([...add(schema), `INSERT INTO ${versions} VALUES (${index + 1})`].join(";\n"));
    }
    await statements.commit();
  } catch (error) {
    await statements.query("ROLLBACK").catch(() => undefined);
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
