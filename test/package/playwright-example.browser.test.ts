import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findChromium } from "../support/chromium.ts";
import { runPlaywright } from "../support/playwright-project.ts";

const root = join(import.meta.dirname, "../..");
const example = join(root, "examples/playwright");
const chromium = findChromium();

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

test.skipIf(chromium === undefined).each([
  ["running", ["the payer pays, and the shop says so", "the wallet declines, and the shop says so"]],
  [
    "in-process",
    ["the payer does not pay in time, and the shop says so", "a browser that never comes back has paid all the same"],
  ],
])("the tests of the example pass with a sandbox that is %s", async (folder, titles) => {
  const environment = { CHROME_PATH: chromium ?? "", SANDBOX_PORT: await freePort(), CI: "true" };
  const { code, results } = await runPlaywright(`--config=${folder}/playwright.config.ts`, environment, example);
  expect(results.map(({ title, status, errors }) => [title, status, errors])).toEqual(
    titles.map((title) => [title, "passed", []]),
  );
  expect(code).toBe(0);
});

test("docs/pages.md shows the steps of the example", () => {
  const [, steps = ""] =
    /With Playwright.*?```\n.*?\n(.*?)```/s.exec(readFileSync(join(root, "docs/pages.md"), "utf8")) ?? [];
  const spec = readFileSync(join(example, "running/checkout.spec.ts"), "utf8").replaceAll(/^ +/gm, "");
  expect(steps.split("\n").length).toBeGreaterThan(3);
  expect(spec).toContain(steps);
});
