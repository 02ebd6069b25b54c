import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type Mutation, mutations } from "./list.ts";

// Proves that the tests of `npm test` find defects: applies each mutation in a copy and prints the test that fails.
// Options: --room ROOM runs the mutations of one room. --check only verifies that their texts are in the sources.

const root = join(import.meta.dirname, "../..");
const { values: options } = parseArgs({ options: { room: { type: "string" }, check: { type: "boolean" } } });
const chosen = mutations.filter(({ room }) => options.room === undefined || options.room === room);

/** The tests that failed in a run. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

interface Failure {
  readonly file: string;
  readonly test: string;
}

function isFoundOnce({ file, text }: Mutation): boolean {
  return readFileSync(join(root, file), "utf8").split(text).length === 2;
}

/** A copy of the working tree, with the installed packages. */
function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), "mutations-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of listed.toString().split("\0").filter(Boolean)) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Generous, because a test that only times out proves nothing. In milliseconds. */
const timeoutMs = 120_000;

/** Runs tests in the copy until one fails. @returns its file and name; `undefined` if all pass. */
function firstFailure(copy: string, suites: readonly string[]): Failure | undefined {
  const report = join(copy, "report.json");
  const timeouts = [`--testTimeout=${timeoutMs}`, `--hookTimeout=${timeoutMs}`];
  const args = ["run", "--bail=1", "--reporter=json", `--outputFile=${report}`, ...timeouts, ...suites];
  const { status } = spawnSync("npx", ["vitest", ...args], { cwd: copy, stdio: "ignore" });
  if (status === 0) return undefined;
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  for (const { name, status: fileStatus, assertionResults } of testResults) {
    const file = name.replace(`${copy}/`, "");
    const failed = assertionResults.find((test) => test.status === "failed");
    if (failed !== undefined) return { file, test: failed.fullName };
    if (fileStatus === "failed") return { file, test: "cannot be run" };
  }
  throw new Error("A run failed outside the tests.");
}

/** Some tests run the built program. */
function build(copy: string): void {
  spawnSync("npx", ["tsx", "scripts/build.ts"], { cwd: copy, stdio: "ignore" });
}

/** The test that finds a mutation; `undefined` if none does. */
function findKiller(copy: string, { file, text, replacement, suites }: Mutation): Failure | undefined {
  const path = join(copy, file);
  const original = readFileSync(path, "utf8");
  // A function, because `$` has a meaning in a replacement text.
  writeFileSync(
    path,
    original.replace(text, () => replacement),
  );
  try {
    build(copy);
    return firstFailure(copy, suites) ?? firstFailure(copy, []);
  } finally {
    writeFileSync(path, original);
  }
}

const missing = chosen.filter((mutation) => !isFoundOnce(mutation));
for (const { file, text } of missing) console.error(`${file} must contain exactly once: ${text}`);
if (missing.length > 0) process.exitCode = 1;

const rooms = execFileSync("git", ["ls-files", "src"], { cwd: root, encoding: "utf8" }).trim().split("\n").map(dirname);
const without = [...new Set(rooms)].filter(
  (room) => room !== "src" && !mutations.some(({ file }) => dirname(file) === room),
);
console.log(`Folders without a mutation: ${without.join(", ") || "none"}`);

if (options.check !== true && missing.length === 0) {
  const copy = copyProject();
  try {
    const killers = chosen.map((mutation) => {
      const killer = findKiller(copy, mutation);
      console.log(`${mutation.room}: ${mutation.file}: ${killer ? `${killer.file}: ${killer.test}` : "SURVIVED"}`);
      return killer;
    });
    build(copy);
    const withoutMutation = firstFailure(copy, [...new Set(killers.flatMap((killer) => killer?.file ?? []))]);
    if (withoutMutation !== undefined) console.log(`Fails without a mutation: ${withoutMutation.file}`);
    if (killers.includes(undefined) || withoutMutation !== undefined) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
