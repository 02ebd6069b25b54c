import { spawn } from "node:child_process";
import { Agent, type IncomingMessage, request } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSandbox, verifyResponse } from "../../src/index.ts";
import { machineHeap } from "../../src/platform/heap.ts";
import { createPayment, paymentRequest, post } from "../support/merchant.ts";

const program = new URL("../../dist/cli.js", import.meta.url).pathname;
const mebibyte = 1024 * 1024;

/** The heap of this process with a maximum that this test can exceed. */
function heapWithRoom() {
  machineHeap.collect();
  const usedBytes = machineHeap.usedBytes();
  const ballast: object[][] = [];
  return {
    shareMax: (usedBytes * 1.25) / machineHeap.limitBytes(),
    fill: () => {
      for (let bytes = 0; bytes < usedBytes / 2; bytes += mebibyte) ballast.push(new Array(mebibyte / 8).fill(ballast));
      machineHeap.collect();
    },
    empty: () => void ballast.splice(0),
  };
}

/** Returns what was logged about the memory until now. */
function memoryLog(): () => string[] {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  return () => write.mock.calls.map(([text]) => String(text)).filter((text) => text.includes("memory"));
}

test("a full heap refuses new payments only, and accepts them again after a reset", async () => {
  const heap = heapWithRoom();
  const logged = memoryLog();
  await using sandbox = await createSandbox({ log: "pretty", limits: { heapShareMax: heap.shareMax } });
  const keyed = "/v1/payments?idempotencyKey=before-it-was-full";
  const first = await post(sandbox, keyed, paymentRequest());
  const { id } = first.body;

  heap.fill();
  const create = () => post(sandbox, "/v1/payments", paymentRequest());
  await expect.poll(async () => (await create()).status).toBe(500);
  const refused = await create();
  expect(refused.body).toEqual({
    reason: { code: "internal_error", description: expect.stringContaining("reset or remove a world") },
  });
  const { hmacKey } = sandbox.credentials;
  const signature = refused.headers.get("x-signature");
  expect(verifyResponse({ signature, body: refused.text, hmacKey })).toBe(true);
  expect(logged()).toEqual([expect.stringMatching(/Reset or remove worlds.*--max-old-space-size/)]);

  expect((await post(sandbox, keyed, paymentRequest())).text).toBe(first.text);
  await sandbox.payments.act(id, "pay");
  expect(await sandbox.payments.get(id)).toMatchObject({ status: "captured" });
  const refund = { merchantReference: "r", amount: { value: 1, currency: "hkd" } };
  expect((await post(sandbox, `/v1/payments/${id}/refunds`, refund)).status).toBe(201);

  await sandbox.reset();
  expect((await create()).status).toBe(500);
  heap.empty();
  await sandbox.reset();
  await createPayment(sandbox);
  expect(logged()).toHaveLength(2);
  expect(logged()[1]).toMatch(/new payments are accepted/);
});

/** Sends requests over some connections. */
function connectionsTo(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  onTestFinished(() => agent.destroy());
  return (method: string, path: string, body = "") =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = body === "" ? {} : { "Content-Type": "application/json", "Content-Length": body.length };
      const outgoing = request(url + path, { method, agent, headers }, (response: IncomingMessage) =>
        response.resume().on("end", () => resolve(response.statusCode)),
      );
      outgoing.on("error", reject).end(body);
    });
}

test("serve survives more payments than fit into its heap", async () => {
  const child = spawn(process.execPath, [program, "--port", "0", "--log", "json"], {
    env: { PATH: process.env.PATH, NODE_OPTIONS: "--max-old-space-size=48" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output.err += text;
  });
  await expect.poll(() => output.out).toMatch(/ready at \S+\n/);
  const send = connectionsTo(/ready at (\S+)\n/.exec(output.out)?.[1] ?? "");
  // With an idempotency key, the request is stored too.
  const body = JSON.stringify({ ...paymentRequest(), metadata: "x".repeat(60_000) });
  let count = 0;
  const createUntilRefused = async (): Promise<number | undefined> => {
    for (;;) {
      const status = await send("POST", `/v1/payments?idempotencyKey=until-refused-${count++}`, body);
      if (status !== 201) return status;
    }
  };
  const refused = await Promise.all(Array.from({ length: 4 }, createUntilRefused));
  expect(refused).toEqual([500, 500, 500, 500]);
  const more = await Promise.all(Array.from({ length: 50 }, () => send("POST", "/v1/payments", body)));
  expect(new Set(more)).toEqual(new Set([500]));
  expect(await send("GET", "/_sandbox/health")).toBe(200);
  expect(await send("POST", "/_sandbox/reset")).toBe(200);
  expect(await send("POST", "/v1/payments", body)).toBe(201);
  expect(child.exitCode).toBeNull();
  const events = output.err.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).event]));
  expect(events.filter((event) => event === "memory")).toHaveLength(2);
}, 120_000);
