import { availableParallelism } from "node:os";
import { join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vitest/config";

/** Tests whose sandboxes keep their records in memory, and in a second run in PostgreSQL. */
const onBothStores = ["api", "control", "scenarios", "webhooks"].map((folder) => `test/${folder}/**/*.test.ts`);

const onlyInMemory = [
  // On PostgreSQL a seed fixes keys and demo ids, and no others: no two runs have the same ids.
  "test/control/repeatability.test.ts",
  // They fake or count the timers of the process, among which are those of the connections.
  "test/control/timers.test.ts",
];

const needsDatabase = "test/**/*.database.test.ts";
const needsBrowser = "test/**/*.browser.test.ts";

const tests = join(import.meta.dirname, "test") + sep;
const index = join(import.meta.dirname, "src/index.ts");
const postgresIndex = fileURLToPath(import.meta.resolve("./test/support/postgres-index.ts"));

/** Gives tests, and what supports them, sandboxes on PostgreSQL under the name of those in memory. */
const sandboxesOnPostgres: Plugin = {
  name: "sandboxes-on-postgres",
  enforce: "pre",
  resolveId(source, importer) {
    if (importer === undefined || importer === postgresIndex || !importer.startsWith(tests)) return;
    return resolve(importer, "..", source) === index ? postgresIndex : undefined;
  },
};

export default defineConfig({
  test: {
    setupFiles: ["test/support/validate-responses.ts"],
    // CommonJS is imported as Node imports it.
    deps: { interopDefault: false },
    reporters: process.env.CI ? ["default", ["json", { outputFile: "test-results/vitest.json" }]] : ["default"],
    restoreMocks: true,
    testTimeout: 20_000,
    // Most tests wait more than they work: on two cores, two files at once instead of one.
    ...(availableParallelism() <= 2 && { maxWorkers: 2 }),
    projects: [
      {
        extends: true,
        test: {
          name: "memory",
          include: ["test/**/*.test.ts"],
          exclude: [needsDatabase, ...(process.env.SANDBOX_TEST_BROWSER === "off" ? [needsBrowser] : [])],
          globalSetup: ["test/support/global-setup.ts"],
        },
      },
      {
        extends: true,
        plugins: [sandboxesOnPostgres],
        test: {
          name: "postgres",
          include: [needsDatabase, ...onBothStores],
          exclude: [needsBrowser, ...onlyInMemory],
          globalSetup: ["test/support/postgres-server.ts"],
          // A thousand of something takes a database its time.
          testTimeout: 60_000,
          // What chance is tried with takes twenty times as long as in memory.
          env: { SANDBOX_TEST_RUNS: process.env.SANDBOX_TEST_RUNS ?? "100" },
        },
      },
    ],
  },
});
