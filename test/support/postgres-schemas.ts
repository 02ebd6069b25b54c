import { Pool } from "pg";
import { inject } from "vitest";

/** A schema for one sandbox or store at a time: not there yet, or up to date and empty. */
export interface Schema {
  readonly url: string;
  readonly name: string;
  /** Hands it on to others; nobody may use it any more. What is never released is not used again. */
  release(): Promise<void>;
  /** Deletes all records in it. */
  empty(): Promise<void>;
}

/** A lock that did not come in time, and one that never would. */
const heldCodes = new Set(["55P03", "40P01"]);

let pool: Pool | undefined;
let count = 0;

/** Prefers one that another test has released, in whatever process: to make one costs ten times as much. */
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
  // A test may cut every connection there is: the next question opens another.
  opened.on("error", () => undefined);
  return opened;
}

/**
 * Empties a schema and marks it as free. Where a transaction that was cut still holds some of it, the schema is not used
 * again.
 */
async function release(pool: Pool, run: string, name: string): Promise<void> {
  await pool.query(emptying(name, `INSERT INTO ${run}.free VALUES ('${name}');`)).catch((error: { code?: string }) => {
    if (!heldCodes.has(error.code ?? "")) throw error;
  });
}

/** Deletes the rows of all tables: for so few, TRUNCATE is slower. */
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
