import { randomBytes } from "node:crypto";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { startPostgres } from "../../scripts/postgres.ts";
import { describe } from "../../src/store/postgres/statements.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the database, and name prefix of all schemas of this run. Missing in the project `memory`. */
    readonly database: { readonly url: string; readonly run: string } | undefined;
  }
}

const remedy =
  "Run npm ci, or set SANDBOX_TEST_DATABASE_URL to the URL of a PostgreSQL whose user may create schemas and roles";
const nothing = /(?!)/;

/** Starts a PostgreSQL for one run, or reports once that tests are skipped. With CI set, that is an error. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  try {
    return await start(project);
  } catch (error) {
    const reason = error === undefined ? "it ended at once" : describe(error).trim();
    const sentence = `There is no PostgreSQL for the tests (${reason})`;
    if (process.env.CI) throw new Error(`${sentence}, and with CI set no test may be skipped. ${remedy}.`);
    console.log(`${sentence}: the tests that need it are skipped. ${remedy} to run them.`);
    project.config.testNamePattern = nothing;
    return undefined;
  }
}

async function start(project: TestProject): Promise<() => Promise<void>> {
  const run = `test_${randomBytes(4).toString("hex")}`;
  const { url, stop } = await findServer();
  try {
    await withClient(url, (client) => client.query(`CREATE SCHEMA ${run}; CREATE TABLE ${run}.free (name text)`));
  } catch (error) {
    await stop?.();
    throw error;
  }
  project.provide("database", { url, run });
  return stop ?? (() => withClient(url, (client) => dropSchemas(client, run)));
}

interface Server {
  readonly url: string;
  /** Missing for a server that the tests did not start. */
  readonly stop?: () => Promise<void>;
}

async function findServer(): Promise<Server> {
  const { SANDBOX_TEST_DATABASE_URL: url } = process.env;
  return url ? { url } : startPostgres({ isFast: true, connectionsMax: 300 });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

/** Removes all schemas of a run from a server that the tests did not start. */
async function dropSchemas(client: Client, run: string): Promise<void> {
  const { rows } = await client.query("SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1)", [run]);
  for (const { name } of rows) await client.query(`DROP SCHEMA "${name}" CASCADE`);
}
