import { records } from "../migrations/0001-records.ts";
import { seed } from "../migrations/0002-seed.ts";
import { logos } from "../migrations/0003-logos.ts";
import { endpointQueue } from "../migrations/0004-endpoint-queue.ts";
import type { Statements } from "./statements.ts";

/** The statements of each version of the schema, in order. Never change an entry: a change is a new version. */
const migrations: readonly ((schema: string) => readonly string[])[] = [records, seed, logos, endpointQueue];

/**
 * Migrates a schema to the present version. If several programs start at once, one migrates and the others wait for it.
 * Rejects with a sentence for people if the schema is newer than this program.
 * @param timeoutMs includes the wait for another program.
 */
export async function migrate(statements: Statements, schema: string, timeoutMs: number): Promise<void> {
  const versions = `"${schema}".sandbox_version`;
  const existing = await statements.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  // A user without the right to create schemas can use an existing one.
  if (existing.length === 0) await statements.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`).catch(tolerateRace);
  await statements.query(`CREATE TABLE IF NOT EXISTS ${versions} (version integer PRIMARY KEY)`).catch(tolerateRace);
  try {
    await statements.query(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${timeoutMs}`);
    await statements.query(`LOCK TABLE ${versions} IN EXCLUSIVE MODE`);
    const rows = await statements.query<{ version: string | null }>(`SELECT max(version) AS version FROM ${versions}`);
    const present = Number(rows[0]?.version ?? 0);
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
  const known = `this program supports up to version ${migrations.length}`;
  return `the schema ${schema} has version ${present} and ${known}: use the newer program, or another schema`;
}

/** Ignores the error of a program that creates something at the same time as another one. */
function tolerateRace(error: { code?: string }): void {
  const exists = ["23505", "42P06", "42P07", "42710"].includes(error.code ?? "");
  if (!exists) throw error;
}
