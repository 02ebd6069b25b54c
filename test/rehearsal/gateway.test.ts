import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Gateway } from "../../src/rehearsal/gateway.ts";

/** A gateway in front of a server that answers everything. */
async function openGateway() {
  const target = createServer((_, response) => response.end("done"));
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  const gateway = await Gateway.open();
  gateway.forwardTo(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
  const close = async () => {
    await gateway.close();
    await new Promise<unknown>((resolve) => target.close(resolve));
  };
  return { gateway, close };
}

/** Lets the event loop turn until a condition holds. */
async function turnsUntil(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise<void>((resolve) => setImmediate(resolve));
}

test("clear lets held requests go on", async () => {
  const { gateway, close } = await openGateway();
  const barrier = gateway.hold("read");
  const answer = fetch(`${gateway.url}/v1/payments/1`);
  await turnsUntil(() => barrier.held > 0);
  gateway.clear();
  expect(await (await answer).text()).toBe("done");
  await close();
});

test("two different requests may come from one handler; the same request twice comes from two", async () => {
  const { gateway, close } = await openGateway();
  const barrier = gateway.hold("read");
  const answers = ["payments/1?a=1", "transactions"].map((path) => fetch(`${gateway.url}/v1/${path}`));
  await turnsUntil(() => barrier.held === 2);
  expect(barrier.isTwice).toBe(false);
  answers.push(fetch(`${gateway.url}/v1/payments/1?a=2`));
  await turnsUntil(() => barrier.held === 3);
  expect(barrier.isTwice).toBe(true);
  barrier.release();
  await Promise.all(answers.map(async (answer) => (await answer).text()));
  await close();
});
