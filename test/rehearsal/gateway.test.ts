import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Gateway } from "../../src/rehearsal/gateway.ts";

test("clear lets held requests go on", async () => {
  const target = createServer((_, response) => response.end("done"));
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  const gateway = await Gateway.open();
  gateway.forwardTo(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
  const barrier = gateway.hold("read");
  const answer = fetch(`${gateway.url}/v1/payments/1`);
  while (barrier.held === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  gateway.clear();
  expect(await (await answer).text()).toBe("done");
  await gateway.close();
  await new Promise<unknown>((resolve) => target.close(resolve));
});
