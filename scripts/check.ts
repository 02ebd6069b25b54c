import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

interface Step {
  readonly heading: string;
  readonly command: string;
  readonly args: readonly string[];
}

const root = join(import.meta.dirname, "..");

const colors = process.stdout.isTTY ? [] : ["--colors=off"];

const staticSteps: readonly Step[] = [
  { heading: "Format and lint", command: "biome", args: ["ci", "--error-on-warnings", ...colors, "."] },
  { heading: "Types", command: "tsc", args: ["--noEmit"] },
  { heading: "Unused files, exports and dependencies", command: "knip", args: [] },
  { heading: "OpenAPI document", command: "tsx", args: ["scripts/lint-openapi.ts"] },
  { heading: "Exports and types of the package", command: "tsx", args: ["scripts/lint-package.ts"] },
];
const tests: Step = { heading: "Tests", command: "vitest", args: ["run"] };
const quickTests: Step = {
  heading: "Tests without browser and database",
  command: "vitest",
  args: ["run", "--project", "memory", "--project", "timers"],
};

/** The steps of a check: `--quick` omits the slow tests, `--static` all tests. The last static step builds. */
function stepsOf(args: string[]): readonly Step[] {
  const { values } = parseArgs({ args, options: { quick: { type: "boolean" }, static: { type: "boolean" } } });
  if (values.static) return staticSteps;
  return [...staticSteps, values.quick ? quickTests : tests];
}

/** Runs one step with its output passed through, and returns its exit code. */
function run({ heading, command, args }: Step): number {
  console.log(`== ${heading}: ${[command, ...args].join(" ")}`);
  const { status, error } = spawnSync(join(root, "node_modules/.bin", command), args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) console.error(`${error.message}: has npm ci run?`);
  return status ?? 1;
}

for (const step of stepsOf(process.argv.slice(2))) {
  process.exitCode = run(step);
  if (process.exitCode !== 0) break;
}
