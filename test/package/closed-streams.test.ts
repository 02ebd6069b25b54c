import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, onTestFinished, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { paymentRequest } from "../support/merchant.ts";
import { killPrograms, program, startProgram } from "../support/program.ts";

afterEach(killPrograms);
const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

/** Sends requests whose log lines are written one by one: each of the waits is longer than the log's delay. */
async function logThreeTimes(url: string): Promise<void> {
  for (let count = 0; count < 3; count += 1) {
    const created = await fetch(`${url}/v1/payments`, { method: "POST", body: JSON.stringify(paymentRequest()) });
    expect(created.status).toBe(201);
    const { id } = (await created.json()) as { id: string };
    const wait = await fetch(`${url}/_sandbox/payments/${id}/wait?status=captured&timeoutMs=100`);
    expect(wait.status).toBe(409);
  }
}

describe("a server lives on after the reader of a stream went away", () => {
  test.each([
    ["standard error", "pretty", ["stderr"]],
    ["standard error", "json", ["stderr"]],
    ["standard output", "pretty", ["stdout"]],
    ["both", "pretty", ["stdout", "stderr"]],
  ] as const)("%s, with a %s log", async (_, log, closed) => {
    const { child, ended, ready } = startProgram(["--port", "0", "--log", log]);
    const url = await ready;
    for (const name of closed) child[name].destroy();
    await logThreeTimes(url);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  });

  test("a pipeline that ends with the ready line", async () => {
    const pipeline = `{ "${process.execPath}" "${program}" --port 0 2>&1 & echo "pid $!"; } | head -n 2`;
    const out = execFileSync("sh", ["-c", pipeline], { encoding: "utf8", env: { PATH: process.env.PATH } });
    const [, pid, url = ""] = /^pid (\d+)\nAlipay HK sandbox ready at (\S+)\n$/.exec(out) ?? [];
    onTestFinished(() => void process.kill(Number(pid), "SIGKILL"));
    await logThreeTimes(url);
  });

  test("a sandbox in another program", async () => {
    const script = fileURLToPath(new URL("../support/logging-sandbox.js", import.meta.url));
    const { child, ended, ready } = startProgram([], {}, script);
    const url = await ready;
    child.stderr.destroy();
    await logThreeTimes(url);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  });
});

describe("a command ends quietly, with the same exit code, after the reader of a stream went away", () => {
  test.each<[string[]]>([
    [["doctor", "GET", "/v1/payments", "--signature", "x"]],
    [["sign", "GET", "/v1/payments"]],
    [["env"]],
    [["ready", "--url", "http://127.0.0.1:1"]],
    [["--help"]],
    [["--version"]],
    [["--port", "eighty"]],
  ])("%j", async (args) => {
    const { code, err } = await commands.run(args);
    const withClosed = async (closed: "stdout" | "stderr") => {
      const { child, ended } = startProgram(args);
      // Before the program can write.
      child[closed].destroy();
      return ended;
    };
    expect(await withClosed("stdout")).toEqual({ code, out: "", err });
    expect(await withClosed("stderr")).toMatchObject({ code, err: "" });
  });
});

test.runIf(existsSync("/dev/full"))("a command whose output cannot be written ends with 1 and one sentence", () => {
  const stdio = ["ignore", openSync("/dev/full", "w"), "pipe"] as const;
  const { status, stderr } = spawnSync(process.execPath, [program, "sign", "GET", "/v1/payments"], {
    env: { PATH: process.env.PATH },
    encoding: "utf8",
    stdio: [...stdio],
  });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^Standard output cannot be written: ENOSPC.*\.\n$/)]);
});
