import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { type ConnectedSandbox, connectSandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, get, post } from "../support/merchant.ts";

const program = new URL("../../dist/cli.js", import.meta.url).pathname;
const lastPart = (url: string) => url.slice(url.lastIndexOf("/") + 1);

/** Sends each of the common requests once. */
async function sendEach(sandbox: ConnectedSandbox): Promise<void> {
  const { id, trackingUrl } = await createPayment(sandbox);
  await get(sandbox, `/v1/payments/${id}`);
  await get(sandbox, `/v1/tracks/payments/${lastPart(trackingUrl)}`);
  await get(sandbox, "/v1/payments");
  const paid = await createPaidPayment(sandbox);
  const refund = await post(sandbox, `/v1/payments/${paid.id}/refunds`, { merchantReference: "return-1" });
  expect(refund.status).toBe(201);
}

/**
 * Runs a server and sends it requests.
 * @returns the names of the members for which V8 made a hidden class that it did not keep, one entry for each time.
 */
async function membersWithOwnClass(rounds: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "hidden-classes-"));
  const file = join(folder, "v8.log");
  const flags = ["--log-maps", "--no-log-maps-details", `--logfile=${file}`, "--no-logfile-per-isolate"];
  const server = spawn(process.execPath, [...flags, program, "serve", "--port", "0", "--log", "silent"], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  const [ready] = (await once(createInterface(server.stdout), "line")) as [string];
  const [url = ""] = /http:\/\/[^\s/]+/.exec(ready) ?? [];
  await using sandbox = await connectSandbox(url);
  for (let round = 0; round < rounds; round += 1) await sendEach(sandbox);
  server.kill();
  await once(server, "close");
  const lines = readFileSync(file, "utf8").matchAll(/^map,Transition,.*,prototype,(.*)$/gm);
  return [...lines].map(([, name = ""]) => name);
}

// Node 20 makes a hidden class for each object like `{ ...record, added }`, for about 1 µs a member. Newer versions do
// not. An object that begins with its own members costs nothing: `{ added, ...record }`.
test("no request adds members to a copy of an object", async () => {
  const rounds = 10;
  const [few, many] = await Promise.all([membersWithOwnClass(5), membersWithOwnClass(5 + rounds)]);
  const count = (names: readonly string[], name: string) => names.filter((other) => other === name).length;
  const perRound = [...new Set(many)].filter((name) => count(many, name) - count(few, name) >= rounds);
  expect(perRound).toEqual([]);
});
