import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import type { NotificationResource } from "../../src/http/api/notifications.ts";
import type { NotificationView } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, post } from "../support/merchant.ts";

/** A receiver that closes a kept connection in the moment in which it is used again: some close idle ones after 2 s. */
async function closingReceiver(hear: (body: string) => Promise<void>) {
  const used = new WeakSet<Socket>();
  const closed: Promise<unknown>[] = [];
  const server = createServer(async (request, response) => {
    const { socket } = request;
    if (used.has(socket)) return socket.destroy();
    used.add(socket);
    closed.push(new Promise((resolve) => socket.on("close", resolve)));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    await hear(Buffer.concat(chunks).toString("utf8"));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    /** Resolves when every connection that carried a webhook is closed. */
    allClosed: async () => void (await Promise.all(closed)),
    close: () => void server.close(),
  };
}

test("a receiver that closes idle connections, and refunds 100 payments, gets all 200 first attempts", async () => {
  const receiver = await closingReceiver(async (body) => {
    const { type, payload } = JSON.parse(body) as NotificationResource;
    if (type !== "payment") return;
    const refunded = await post(sandbox, `/v1/payments/${payload.id}/refunds`, {
      merchantReference: "refund-1",
      amount: { value: 50, currency: "hkd" },
    });
    expect(refunded.status).toBe(201);
  });
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  for (let count = 0; count < 100; count += 1) await createPaidPayment(sandbox);
  await sandbox.clock.advance("PT2S");
  const notifications: NotificationView[] = [];
  for (let cursor: string | undefined; ; ) {
    const { data, nextCursor } = await sandbox.notifications.list({ limit: 100, ...(cursor && { cursor }) });
    notifications.push(...data);
    cursor = nextCursor;
    if (cursor === undefined) break;
  }
  expect(notifications).toHaveLength(200);
  expect(notifications.filter(({ state, attempts }) => state !== "delivered" || attempts.length !== 1)).toEqual([]);
  receiver.close();
});

test("no connection is kept after the response: a receiver with one thread serves others then", async () => {
  const receiver = await closingReceiver(async () => undefined);
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  await receiver.allClosed();
  receiver.close();
});
