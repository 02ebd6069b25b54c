import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Check, type Group, groupsFor } from "./package/groups.ts";
import { isPublished } from "./package/programs.ts";
import { packInto, projectsIn } from "./package/project.ts";

const root = join(import.meta.dirname, "..");
const totals = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

async function runCheck(name: string, check: Check): Promise<boolean> {
  const startTime = performance.now();
  const error = await check().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const seconds = ((performance.now() - startTime) / 1000).toFixed(1);
  totals[error === undefined ? "numPassedTests" : "numFailedTests"] += 1;
  console.log(error === undefined ? `passed: ${name} (${seconds} s)` : `FAILED: ${name}\n${(error as Error).message}`);
  return error === undefined;
}

/** Runs the checks of a group one after another. Without the packages that it needs, says so. */
async function runGroup({ needs, prepare: [name, prepare], checks }: Group): Promise<void> {
  const published = await Promise.all(needs.map(isPublished));
  const missing = needs.filter((_, index) => !published[index]);
  if (missing.length > 0) return console.log(`not checked: ${name}, the registry has no ${missing.join(", ")}`);
  if (!(await runCheck(name, prepare))) return;
  for (const [checkName, check] of Object.entries(checks)) await runCheck(checkName, check);
}

const folder = mkdtempSync(join(tmpdir(), "package-"));
try {
  const groups = [...groupsFor(projectsIn(folder, await packInto(folder, root)), root)];
  const worker = async () => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) await runGroup(group);
  };
  await Promise.all([worker(), worker()]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
mkdirSync(join(root, "test-results"), { recursive: true });
writeFileSync(join(root, "test-results/package.json"), JSON.stringify(totals));
console.log(`The package: ${totals.numPassedTests} checks passed, ${totals.numFailedTests} failed`);
process.exitCode = totals.numFailedTests > 0 ? 1 : 0;
