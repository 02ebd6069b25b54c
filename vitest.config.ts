import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, posix, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import manifest from "./package.json" with { type: "json" };

/** The mode of `npm run test:full`: the whole matrix. Without it, `npm test` runs every behaviour once. */
const fullMode = "full";
/** The mode of `npm run test:rest`: what the whole matrix adds to `npm test`. */
const restMode = "rest";

/** Tests whose sandboxes use memory, and in the full mode PostgreSQL too. */
const onBothStores = ["api", "contract", "control", "scenarios", "webhooks"].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

/** Of those, the ones that depend on transactions, ordering, retries or text encoding: they always run on both. */
const alwaysOnBothStores = [
  "test/api/idempotency.test.ts",
  "test/api/refunds.test.ts",
  "test/contract/queue.test.ts",
  "test/control/reset.test.ts",
  "test/control/snapshot.test.ts",
  "test/scenarios/faults.test.ts",
  "test/webhooks/out-of-order.test.ts",
  "test/webhooks/retries.test.ts",
  "test/webhooks/turns.test.ts",
];

/**
 * With PostgreSQL a seed fixes only keys and demo ids, so no two runs have the same ids; and real time is the time of
 * the database, which a test cannot change.
 */
const onlyInMemory = ["test/control/repeatability.test.ts", "test/control/rotation-overlap.test.ts"];

/** These fake or count the timers of the process, or look at its promises, so nothing else may run in it. */
const fakesTimers = [
  "test/control/timers.test.ts",
  "test/control/fake-timers.test.ts",
  "test/platform/clock.test.ts",
  "test/performance/promises.test.ts",
];

/** Whole rehearsals, with the servers of merchants as processes: they run last, because they use the whole machine. */
const playsRehearsals = "test/rehearsal/{matrix-*,exemplary,designs,examples,demo-shop}.test.ts";

const needsDatabase = "test/**/*.database.test.ts";
const needsBrowser = "test/**/*.browser.test.ts";

const tests = join(import.meta.dirname, "test") + sep;

/** The test files that test no more in the full mode. */
function filesWithoutMore(): string[] {
  const hasMore = (path: string) =>
    /from "[^"]*\/(scope|matrix|axe)\.ts"/.test(readFileSync(join(tests, path), "utf8"));
  return readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts") && !hasMore(path))
    .map((path) => posix.join("test", ...path.split(sep)));
}
const index = join(import.meta.dirname, "src/index.ts");
const postgresIndex = fileURLToPath(import.meta.resolve("./test/support/postgres-index.ts"));

/** Resolves a file to another one, except in that other file. @param isFor whether it does so for an importer. */
function replacing(name: string, file: string, other: string, isFor = (_importer: string) => true): Plugin {
  return {
    name,
    enforce: "pre",
    resolveId(source, importer) {
      if (importer === undefined || importer === other || !source.startsWith(".") || !isFor(importer)) return;
      return resolve(importer, "..", source) === file ? other : undefined;
    },
  };
}

/** Resolves `src/index.ts` in tests and their support files to the sandboxes on PostgreSQL. */
const isTest = (importer: string) => importer.startsWith(tests);
const sandboxesOnPostgres = replacing("sandboxes-on-postgres", index, postgresIndex, isTest);

const memoryStore = join(import.meta.dirname, "src/store/memory/store.ts");
const frozenMemoryStore = fileURLToPath(import.meta.resolve("./test/support/frozen-memory-store.ts"));

/** Resolves the store in memory to one that freezes every saved record. */
const frozenRecords = replacing("frozen-records", memoryStore, frozenMemoryStore);

/** Keeps the files of a project together: a worker is reused only for files of one project. */
class ProjectByProject extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const ranks = new Map(this.ctx.projects.map(({ name }, rank) => [name, rank]));
    return sorted.toSorted((a, b) => (ranks.get(a.project.name) ?? 0) - (ranks.get(b.project.name) ?? 0));
  }
}

export default defineConfig(({ mode }) => {
  const isRest = mode === restMode;
  const isFull = mode === fullMode || isRest;
  const done = isRest ? filesWithoutMore() : [];
  const doneOnPostgres = done.filter((path) => path.endsWith(".database.test.ts") || alwaysOnBothStores.includes(path));
  // Of each project, because a project evaluates the rest of this file in another mode.
  const env = { SANDBOX_TEST_SCOPE: isFull ? "full" : "once" };
  const outputFile = `test-results/vitest${isFull ? `-${mode}` : ""}.json`;
  return {
    define: { PACKAGE_VERSION: JSON.stringify(manifest.version) },
    test: {
      setupFiles: ["test/support/validate-responses.ts"],
      reporters: process.env.CI ? ["default", ["json", { outputFile }]] : ["default"],
      restoreMocks: true,
      // Long enough for a machine that is busy with other tests.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 30_000 } },
      // Many tests wait: on two cores a third worker uses the time.
      ...(availableParallelism() <= 2 && { maxWorkers: 3 }),
      // Files share the process: nothing in src has state of its own in a module.
      isolate: false,
      sequence: { sequencer: ProjectByProject },
      // In the order in which they run.
      projects: [
        {
          extends: true,
          test: {
            name: "browser",
            include: [needsBrowser],
            exclude: done,
            globalSetup: ["test/support/chromium-required.ts"],
            testTimeout: 120_000,
            env,
          },
        },
        {
          extends: true,
          plugins: [sandboxesOnPostgres],
          test: {
            name: "postgres",
            include: [needsDatabase, ...(isFull ? onBothStores : alwaysOnBothStores)],
            exclude: [needsBrowser, ...onlyInMemory, ...fakesTimers, ...doneOnPostgres],
            globalSetup: ["test/support/postgres-server.ts"],
            setupFiles: ["test/support/closed-sandboxes.ts"],
            // A database needs longer for a thousand records.
            testTimeout: 120_000,
            // A random history takes twenty times as long as in memory.
            env: { ...env, SANDBOX_TEST_RUNS: process.env.SANDBOX_TEST_RUNS ?? "100" },
          },
        },
        {
          extends: true,
          plugins: [frozenRecords],
          test: { name: "timers", include: fakesTimers, exclude: done, isolate: true, env },
        },
        {
          extends: true,
          plugins: [frozenRecords],
          test: {
            name: "memory",
            include: ["test/**/*.test.ts"],
            exclude: [needsDatabase, needsBrowser, playsRehearsals, ...fakesTimers, ...done],
            env,
          },
        },
        {
          extends: true,
          plugins: [frozenRecords],
          test: { name: "rehearsal", include: [playsRehearsals], exclude: done, env },
        },
      ],
    },
  };
});
