import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const paymentsCount = 40;
/** Every second step of long work begins a new turn of the event loop. */
const shortTurns = { turnMaxMs: 0 };

async function withPayments(): Promise<Sandbox> {
  const sandbox = await frozenSandbox({ limits: shortTurns });
  for (let count = 0; count < paymentsCount; count += 1) await createPayment(sandbox);
  // The first page loads the inspector.
  await get(sandbox, "/");
  return sandbox;
}

/** Number of turns of the event loop until the work ends. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isDone = true;
  return turns;
}

describe("other work gets turns of the event loop during long work", () => {
  const works: readonly (readonly [string, number, (sandbox: Sandbox) => Promise<unknown>])[] = [
    ["an advance over many tasks", paymentsCount, (sandbox) => sandbox.clock.advance("PT1H")],
    [
      "a list that reads many records",
      5,
      (sandbox) => get(sandbox, "/v1/payments?limit=1&toTime=2020-01-01T00:00:00Z"),
    ],
    [
      "a verification of many requests",
      paymentsCount / 2,
      (sandbox) => post(sandbox, "/_sandbox/requests/verify", { match: { path: "/v1/nowhere" }, exactly: 0 }),
    ],
    ["the list of the inspector", 5, (sandbox) => get(sandbox, "/")],
    ["a reset of a world", 5, (sandbox) => sandbox.reset()],
    ["a reset of the sandbox", 5, (sandbox) => post(sandbox, "/_sandbox/reset", { all: true })],
    ["a snapshot", 5, (sandbox) => get(sandbox, "/_sandbox/snapshot")],
  ];
  test.each(works)("%s", async (_, least, work) => {
    await using sandbox = await withPayments();
    expect(await turnsOf(() => work(sandbox))).toBeGreaterThanOrEqual(least);
  });
});

/** A connection to a sandbox. */
async function openConnection(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

test("a request is answered between the pipelined requests of another client", async () => {
  await using sandbox = await withPayments();
  const url = await sandbox.listen();
  const [greedy, modest] = [await openConnection(url), await openConnection(url)];
  const requestFor = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const greedyCount = 100;
  const answered = async () => {
    const { body } = await get(sandbox, "/_sandbox/requests?limit=200");
    return body.data.map(({ target }: { target: string }) => target).reverse();
  };
  const before = (await answered()).length;
  greedy.resume().write(requestFor("/v1/payments?limit=100").repeat(greedyCount));
  modest.resume().write(requestFor("/v1/payments?limit=1"));
  await expect.poll(async () => (await answered()).length, { interval: 50 }).toBe(before + greedyCount + 1);
  expect((await answered()).indexOf("/v1/payments?limit=1") - before).toBeLessThan(greedyCount / 2);
  greedy.destroy();
  modest.destroy();
});
