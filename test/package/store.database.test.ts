import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { takeSchema } from "../support/postgres-schemas.ts";

const program = new URL("../../dist/cli.js", import.meta.url).pathname;

/** Makes the program find no `pg`, as where nobody has installed it. */
const resolveNoPg = `export function resolve(name, context, next) {
  if (name !== "pg") return next(name, context);
  throw Object.assign(new Error("Cannot find package 'pg'"), { code: "ERR_MODULE_NOT_FOUND" });
}`;
const script = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
const withoutPg = script(
  `import { register } from "node:module"; register(${JSON.stringify(script(resolveNoPg))}, "file:///")`,
);

/** Starts the built program on a schema of its own, with nothing of this process's environment but PATH. */
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
  const told: string[] = [];
  createInterface(child.stderr).on("line", (line) => told.push(line));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { child, told, url, firstLine: async () => String((await lines.next()).value) };
}

const urlIn = (line: string) => line.replace("Alipay HK sandbox ready at ", "");

test("serves from a database, says so, and ends well", async () => {
  const { child, firstLine } = await start([]);
  const url = urlIn(await firstLine());
  const ready = await (await fetch(`${url}/_sandbox/ready`)).json();
  expect(ready).toMatchObject({ status: "ready", store: "postgres" });
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("needs the package pg and says how to get it", async () => {
  const { child, told } = await start([], ["--import", withoutPg]);
  expect(await once(child, "close")).toEqual([2, null]);
  expect(told).toEqual(["The store cannot be used: the package pg is not installed: npm install pg."]);
});

test.each([
  ["offers no demo shop, whose orders are in one process", {}, 404],
  ["offers the demo shop to who asks for it", { demo: true }, 200],
])("%s", async (_what, file, status) => {
  const { firstLine } = await start([], [], file);
  expect((await fetch(`${urlIn(await firstLine())}/demo`)).status).toBe(status);
});

test("prints the environment block without asking the database, whatever the variables say", async () => {
  const env = { PATH: process.env.PATH, SANDBOX_STORE: "postgres://nobody:nothing@127.0.0.1:1/nowhere" };
  const child = spawn(process.execPath, [program, "env"], { env });
  let out = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  expect(await once(child, "close")).toEqual([0, null]);
  expect(out).toMatch(/^NOMUPAY_BASE_URL=/);
});
