import { afterEach, describe, expect, test } from "vitest";
import { version } from "../../src/config/config.ts";
import { optionNames, variableOf } from "../../src/config/options.ts";
import { fileWith, killPrograms, startProgram } from "../support/program.ts";

afterEach(killPrograms);

/** Output of `serve`, from its start to SIGTERM, and its URL. */
async function serve(environment: Record<string, string>, args: readonly string[] = []) {
  const { child, ended, ready } = startProgram(args, environment);
  const url = await ready;
  child.kill("SIGTERM");
  return { url, ...(await ended) };
}

describe("in a pod of a cluster with a service called sandbox", () => {
  /** What Kubernetes sets for that service. */
  const injected = {
    SANDBOX_SERVICE_HOST: "10.96.0.10",
    SANDBOX_SERVICE_PORT: "8852",
    SANDBOX_SERVICE_PORT_HTTP: "8852",
    SANDBOX_PORT: "tcp://10.96.0.10:8852",
    SANDBOX_PORT_8852_TCP: "tcp://10.96.0.10:8852",
    SANDBOX_PORT_8852_TCP_PROTO: "tcp",
    SANDBOX_PORT_8852_TCP_PORT: "8852",
    SANDBOX_PORT_8852_TCP_ADDR: "10.96.0.10",
  };
  const notice =
    'SANDBOX_PORT is "tcp://10.96.0.10:8852", set by Kubernetes, for a service called sandbox: it is ignored.';

  test("serve has the port of the file, and one line in the log", async () => {
    const file = { SANDBOX_CONFIG: fileWith({ port: 0 }) };
    const { code, err } = await serve({ ...injected, ...file });
    expect([code, err]).toEqual([0, `${notice}\n`]);
    const json = await serve({ ...injected, ...file, SANDBOX_LOG: "json" });
    expect(JSON.parse(json.err)).toEqual({ event: "options", message: notice });
    expect((await serve({ ...injected, ...file, SANDBOX_LOG: "silent" })).err).toBe("");
  });

  test("with --port there is nothing to say", async () => {
    expect(await serve(injected, ["--port", "0"])).toMatchObject({ code: 0, err: "" });
  });

  test("a command finds the sandbox at the port of the file", async () => {
    const { child, ready } = startProgram(["--port", "0"]);
    const url = await ready;
    const file = fileWith({ port: Number(new URL(url).port) });
    const { code, out, err } = await startProgram(["ready"], { ...injected, SANDBOX_CONFIG: file }).ended;
    expect([code, out, err]).toEqual([0, `The sandbox at ${url} is ready: version ${version}.\n`, ""]);
    child.kill("SIGTERM");
  });
});

test("serve says in the log that payments expire before their scenario decides", async () => {
  const notice =
    "expiry (PT1S) is not longer than outcomeDelay (PT2S): a payment expires before its scenario decides, unless the " +
    "scenario has its own delay.";
  const { err } = await serve({ SANDBOX_CONFIG: fileWith({ port: 0, settings: { expiry: "1s" } }) });
  expect(err).toBe(`${notice}\n`);
});

test("an empty variable is not set", async () => {
  const empty = Object.fromEntries(optionNames.map((name) => [variableOf(name), ""]));
  const plain = await serve({}, ["--port", "0"]);
  const { url, code, out, err } = await serve(empty, ["--port", "0"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out.replaceAll(url, plain.url)).toBe(plain.out);
  const fromFile = await serve({ ...empty, SANDBOX_CONFIG: fileWith({ port: 0, demo: false }) });
  expect(fromFile.out).not.toContain("demo shop");
});

describe("a boolean variable", () => {
  test.each(["1", "true", "yes"])("%s switches on: SANDBOX_NO_DEMO means no demo shop", async (value) => {
    expect((await serve({ SANDBOX_NO_DEMO: value }, ["--port", "0"])).out).not.toContain("demo shop");
  });

  test.each(["0", "false", "no"])("%s switches off, also what the file switches on", async (value) => {
    const config = fileWith({ port: 0, demo: false });
    expect((await serve({ SANDBOX_NO_DEMO: value, SANDBOX_CONFIG: config })).out).toContain("demo shop");
  });
});
