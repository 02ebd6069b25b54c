import { Pool } from "pg";
import { inject } from "vitest";

/** A schema for one sandbox or store at a time: missing, or migrated and empty. */
export interface Schema {
  readonly url: string;
  readonly name: string;
  /** Makes the schema available to other tests. The caller must not use it any more. */
  release(): Promise<void>;
  /** Deletes all records in it. */
  empty(): Promise<void>;
}

/** SQLSTATE codes of a lock timeout and a deadlock. */
const heldCodes = new Set(["55P03", "40P01"]);

let pool: Pool | undefined;
let count = 0;

/** Takes a schema that another test has released, else a new one. A new one costs ten times as much. */
export async function takeSchema(): Promise<Schema> {
  const database = inject("database");
  if (database === undefined) throw new Error("there is no PostgreSQL for this test");
  const { url, run } = database;
  pool ??= openPool(url);
  const shared = pool;
  const free = await shared.query<{ name: string }>(
    `DELETE FROM ${run}.free WHERE ctid = (SELECT ctid FROM ${run}.free LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING name`,
  );
  count += 1;
  const name = free.rows[0]?.name ?? `${run}_${process.pid}_${count}`;
  return {
    url,
    name,
    release: () => release(shared, run, name),
    empty: async () => void (await shared.query(emptying(name))),
  };
}

function openPool(url: string): Pool {
  const opened = new Pool({ connectionString: url, max: 2, allowExitOnIdle: true });
  // A test may close every connection: the next query opens another one.
  opened.on("error", () => undefined);
  return opened;
}

/**
 * Empties a schema and marks it as free. If a broken transaction still holds a lock, the schema is not used again.
 */
async function release(pool: Pool, run: string, name: string): Promise<void> {
  await pool.query(emptying(name, `INSERT INTO ${run}.free VALUES ('${name}');`)).catch((error: { code?: string }) => {
    if (!heldCodes.has(error.code ?? "")) throw error;
  });
}

/** Returns the statement that deletes the rows of all tables. For few rows, TRUNCATE is slower. */
function emptying(name: string, then = ""): string {
  return `DO $$
    DECLARE found text;
    BEGIN
      SET LOCAL lock_timeout = '2s';
      FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = '${name}' AND tablename <> 'sandbox_version' LOOP
        EXECUTE format('DELETE FROM ${name}.%I', found);
      END LOOP;
      PERFORM setval(format('${name}.%I', sequencename)::regclass, 1, false)
        FROM pg_sequences WHERE schemaname = '${name}';
      ${then}
    END
  $$`;
}
