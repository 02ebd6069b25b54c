import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { killPrograms, program, startProgram } from "../support/program.ts";

afterEach(killPrograms);

/** A server that accepts connections and never answers. */
async function silentServer() {
  const server = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connected = once(server, "connection").then(([socket]) => socket);
  return { address, connected, [Symbol.dispose]: () => void server.close() };
}

const startOn = (address: string) => ["--port", "0", "--store", `postgres://keeper@${address}/shop`];

test.each(["SIGTERM", "SIGINT"] as const)(
  "on %s serve ends with 0 at once while it waits for a database that does not answer",
  async (signal) => {
    using database = await silentServer();
    const { child, ended, output } = startProgram([...startOn(database.address), "--store-timeout", "PT1H"]);
    await database.connected;
    child.kill(signal);
    expect([(await ended).code, output]).toEqual([0, { out: "", err: "" }]);
  },
);

test("on SIGTERM a command ends by the signal", async () => {
  using server = await silentServer();
  const { child } = startProgram(["ready", "--url", `http://${server.address}`]);
  await server.connected;
  child.kill("SIGTERM");
  expect(await once(child, "close")).toEqual([null, "SIGTERM"]);
});

const asProcess1 = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child", process.execPath];
const canBeProcess1 = spawnSync("unshare", [...asProcess1, "--version"]).status === 0;

describe.runIf(canBeProcess1)("also as process 1 of a container", () => {
  test.each([
    ["serve", 0, startOn],
    ["a command", 143, (address: string) => ["ready", "--url", `http://${address}`]],
  ])("%s, with %i", async (_, code, argsFor) => {
    using server = await silentServer();
    const args = [...asProcess1, program, ...argsFor(server.address)];
    const outer = spawn("unshare", args, { env: { PATH: process.env.PATH }, stdio: "ignore" });
    onTestFinished(() => void outer.kill("SIGKILL"));
    await server.connected;
    const [inner] = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, "utf8").split(" ");
    process.kill(Number(inner), "SIGTERM");
    expect(await once(outer, "close")).toEqual([code, null]);
  });
});
