import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { get } from "../support/merchant.ts";
import { makeProject, type Project } from "../support/project.ts";

interface Report {
  testResults: {
    assertionResults: { title: string; status: string; failureMessages: string[]; meta: { world?: string } }[];
  }[];
}

let project: Project;
beforeAll(() => {
  project = makeProject("vitest");
});
afterAll(() => project.remove());

/** Runs a file of the project. @returns the exit code and the results of its tests. */
async function run(file: string, environment?: Record<string, string>) {
  const report = join(project.folder, `${file}.json`);
  const args = ["run", "--root", project.folder, "--reporter=json", `--outputFile=${report}`, file];
  const { code, out, err } = await project.run("vitest/vitest.mjs", args, environment);
  if (code === null) throw new Error(out + err);
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  return { code, results: testResults.flatMap(({ assertionResults }) => assertionResults) };
}

test("a file has one sandbox with its options, and each test a new world", async () => {
  const { code, results } = await run("own.spec.ts");
  const [first, second] = results;
  expect(results).toMatchObject([
    { status: "passed", meta: { merchantName: "Harbour Coffee", inSandbox: 1, inWorld: 0 } },
    { status: "passed", meta: { merchantName: "Harbour Coffee", inSandbox: 2, inWorld: 0 } },
    { status: "passed" },
  ]);
  expect(first?.meta.world).not.toBe(second?.meta.world);
  expect(code).toBe(0);
});

test("a defect of the sandbox fails the test during which it appeared, and no other", async () => {
  const { code, results } = await run("defect.spec.ts");
  expect(results).toMatchObject([{ status: "failed" }, { status: "passed" }]);
  expect(results[0]?.failureMessages.join()).toContain(
    "The sandbox has a defect, please report it: the clock of this machine is broken",
  );
  expect(code).toBe(1);
});

test("on a running server each test removes its world, even if it fails", async () => {
  await using server = await createSandbox({ adminToken: "secret" });
  const environment = { SANDBOX_URL: await server.listen(), SANDBOX_ADMIN_TOKEN: "secret" };
  const { code, results } = await run("server.spec.ts", environment);
  expect(results).toMatchObject([
    { status: "passed", meta: { status: 201, now: "2026-01-05T09:00:00.000Z", heard: 1 } },
    { status: "failed", meta: { status: 201, now: "2026-01-05T09:00:00.000Z", heard: 2 } },
    { status: "passed" },
  ]);
  expect(code).toBe(1);
  for (const { meta } of results.slice(0, 2)) {
    expect((await get(server, `/_sandbox/worlds/${meta.world}`)).status).toBe(404);
  }
});
