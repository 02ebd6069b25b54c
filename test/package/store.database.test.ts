import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { takeSchema } from "../support/postgres-schemas.ts";

const program = new URL("../../dist/cli.js", import.meta.url).pathname;

/** Module hook that hides the package `pg`, as if it were not installed. */
const resolveNoPg = `export function resolve(name, context, next) {
  if (name !== "pg") return next(name, context);
  throw Object.assign(new Error("Cannot find package 'pg'"), { code: "ERR_MODULE_NOT_FOUND" });
}`;
const script = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const withoutPg = script(
  `import { register } from "node:module"; register(${JSON.stringify(script(resolveNoPg))}, "file:///")`,
);

/** Starts the built program on its own schema. Of this process's environment it gets only PATH. */
async function start(args: string[], node: string[] = [], file: object = {}) {
  const { url, name, release } = await takeSchema();
  const config = join(mkdtempSync(join(tmpdir(), "sandbox-")), "sandbox.json");
  writeFileSync(config, JSON.stringify(file));
  const store = ["--store", url, "--store-schema", name, "--config", config];
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, [...node, program, ...args, ...store, "--port", "0"], { env });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await release();
  });
  const errors: string[] = [];
  createInterface(child.stderr).on("line", (line) => errors.push(line));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { child, errors, url, firstLine: async () => String((await lines.next()).value) };
}

const urlIn = (line: string) => line.replace("Alipay HK sandbox ready at ", "");

test("serve uses a database, reports it, and ends with 0", async () => {
  const { child, firstLine } = await start([]);
  const url = urlIn(await firstLine());
  const ready = await (await fetch(`${url}/_sandbox/ready`)).json();
  expect(ready).toMatchObject({ status: "ready", store: "postgres" });
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a store URL needs the package pg, and the error says how to install it", async () => {
  const { child, errors } = await start([], ["--import", withoutPg]);
  expect(await once(child, "close")).toEqual([1, null]);
  expect(errors).toEqual(["The store cannot be used: the package pg is not installed: npm install pg."]);
});

test.each([
  ["a database store has no demo shop by default", {}, 404],
  ["a database store has the demo shop with demo: true", { demo: true }, 200],
])("%s", async (_what, file, status) => {
  const { firstLine } = await start([], [], file);
  expect((await fetch(`${urlIn(await firstLine())}/demo`)).status).toBe(status);
});

test("env prints its block without a connection to the store in the variables", async () => {
  const env = { PATH: process.env.PATH, SANDBOX_STORE: "postgres://nobody:nothing@127.0.0.1:1/nowhere" };
  const child = spawn(process.execPath, [program, "env"], { env });
  let out = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  expect(await once(child, "close")).toEqual([0, null]);
  expect(out).toMatch(/^NOMUPAY_BASE_URL=/);
});
