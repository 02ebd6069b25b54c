import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { get } from "../support/merchant.ts";
import { runPlaywright } from "../support/playwright-project.ts";

test("a worker has one sandbox, which listens, and each test a new world", async () => {
  const { code, results } = await runPlaywright("own.spec.ts");
  expect(results.map(({ status, errors }) => [status, errors])).toEqual([
    ["passed", []],
    ["passed", []],
  ]);
  expect(code).toBe(0);
});

test("a defect of the sandbox fails the test during which it appeared, and no other", async () => {
  const { code, results } = await runPlaywright("defect.spec.ts");
  expect(results).toMatchObject([{ status: "failed" }, { status: "passed" }]);
  expect(results[0]?.errors[0]?.message).toContain(
    "The sandbox has a defect, please report it: the clock of this machine is broken",
  );
  expect(code).toBe(1);
});

test("on a running server each test removes its world, even if it fails", async () => {
  await using server = await createSandbox({ adminToken: "secret" });
  const environment = { SANDBOX_URL: await server.listen(), SANDBOX_ADMIN_TOKEN: "secret" };
  const { code, results } = await runPlaywright("server.spec.ts", environment);
  expect(results).toMatchObject([{ status: "passed" }, { status: "failed" }]);
  expect(stripVTControlCharacters(results[1]?.errors[0]?.message ?? "")).toContain('Expected: "passes"');
  expect(code).toBe(1);
  const worlds = results.map(({ annotations }) => annotations.find(({ type }) => type === "world")?.description);
  for (const id of worlds) expect((await get(server, `/_sandbox/worlds/${id}`)).status).toBe(404);
});
