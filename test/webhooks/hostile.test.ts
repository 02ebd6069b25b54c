import dns from "node:dns";
import type { ServerResponse } from "node:http";
import { type AddressInfo, createServer, Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { createPaidPayment, frozenSandbox } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { startReceiver } from "../support/receiver.ts";

/** Sends a byte every few milliseconds until the client disconnects. */
function drip(response: ServerResponse) {
  const timer = setInterval(() => response.write("x"), 5);
  response.on("close", () => clearInterval(timer));
}

test.each<[string, Parameters<typeof startReceiver>[0], object]>([
  ["answers 500", (response) => response.writeHead(500).end("no"), { answer: { status: 500, body: "no" } }],
  ["resets the connection", (response) => response.socket?.resetAndDestroy(), { error: "the connection was reset" }],
  ["hangs up", (response) => response.socket?.end(), { error: "the connection was closed without a response" }],
  [
    "starts an answer and resets",
    (response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.socket?.resetAndDestroy());
    },
    { error: "the connection was closed during the response, with status 200" },
  ],
  [
    "does not speak HTTP",
    (response) => response.socket?.end("220 mail.merchant.site ESMTP\r\n"),
    { error: "the response is not valid HTTP: Parse Error: Expected HTTP/, RTSP/ or ICE/" },
  ],
])("a receiver that %s: the attempt has the result and is repeated", async (_, answer, kept) => {
  const receiver = await startReceiver(answer);
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const next = { state: "retrying", nextAttemptTime: "2026-01-05T09:02:00.000Z" };
  expect(await notificationsOf(sandbox)).toMatchObject([{ ...next, attempts: [kept] }]);
  await receiver.close();
});

test.each<[string, Parameters<typeof startReceiver>[0], number, string]>([
  ["never answers", () => undefined, 50, "no response within 50 ms"],
  ["answers byte by byte without end", drip, 1000, "the response, with status 200, did not end within 1000 ms"],
])("a receiver that %s is disconnected after the timeout", async (_, answer, webhookTimeoutMs, error) => {
  const receiver = await startReceiver(answer);
  await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTimeoutMs } });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying", attempts: [{ error }] }]);
  await receiver.close();
});

test("a refused connection is recorded", async () => {
  const receiver = await startReceiver();
  await receiver.close();
  const { port } = new URL(receiver.url);
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const attempts = [{ error: `connect ECONNREFUSED 127.0.0.1:${port}` }];
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying", attempts }]);
});

/** Gives every name these addresses. */
function resolveTo(...addresses: string[]) {
  const all = addresses.map((address) => ({ address, family: 4 }));
  vi.spyOn(dns, "lookup").mockImplementation(((
    _name: string,
    _options: object,
    callback: (...found: unknown[]) => void,
  ) => callback(null, all)) as typeof dns.lookup);
}

test("refused connections to several addresses of a name are all reported", async () => {
  const receiver = await startReceiver();
  await receiver.close();
  const { port } = new URL(receiver.url);
  await using sandbox = await frozenSandbox({ webhook: `http://merchant.test:${port}/` });
  resolveTo("127.0.0.1", "127.0.0.2");
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const error = `connect ECONNREFUSED 127.0.0.1:${port}, connect ECONNREFUSED 127.0.0.2:${port}`;
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying", attempts: [{ error }] }]);
});

test.each([
  [30_000, 5000],
  [3000, 1000],
])("with a timeout of %i ms each address of a name has %i ms to connect", async (webhookTimeoutMs, expectedMs) => {
  const receiver = await startReceiver();
  await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTimeoutMs } });
  const connect = vi.spyOn(Socket.prototype, "connect");
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const options = connect.mock.calls.map(([first]) => [first].flat()[0]);
  expect(options.at(-1)).toMatchObject({ autoSelectFamilyAttemptTimeout: expectedMs });
  await receiver.close();
});

const head = "HTTP/1.1 200 OK\r\n";

/** Writes a text every few milliseconds, until nobody listens. */
function repeat(socket: Socket, text: string) {
  const timer = setInterval(() => socket.write(text), 5);
  socket.on("close", () => clearInterval(timer));
}

test.each<[string, (socket: Socket) => unknown, object]>([
  ["accepts and is silent", () => undefined, { error: "no response within 150 ms" }],
  ["does not end its head", (socket) => socket.write(`${head}X-Slow: `), { error: "no response within 150 ms" }],
  [
    "sends interim responses for ever",
    (socket) => repeat(socket, "HTTP/1.1 103 Early Hints\r\n\r\n"),
    { error: "no response within 150 ms" },
  ],
  [
    "sends less than it announced",
    (socket) => socket.write(`${head}Content-Length: 100\r\n\r\nhalf`),
    { error: "the response, with status 200, did not end within 150 ms" },
  ],
  [
    "sends an endless chunked body",
    (socket) => {
      socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
      repeat(socket, "1\r\nx\r\n");
    },
    { error: "the response, with status 200, did not end within 150 ms" },
  ],
  [
    "sends an endless compressed body of nothing",
    (socket) => {
      socket.write(`${head}Content-Encoding: gzip\r\nContent-Type: text/plain\r\n\r\n`);
      repeat(socket, "\0");
    },
    { error: "the response, with status 200, did not end within 150 ms" },
  ],
  [
    "switches protocols",
    (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
    {
      answer: {
        status: 101,
        headers: [
          ["Upgrade", "websocket"],
          ["Connection", "Upgrade"],
        ],
        body: "",
      },
    },
  ],
  [
    "switches protocols without a name",
    (socket) => socket.write("HTTP/1.1 101 Sure\r\n\r\n"),
    { answer: { status: 101 } },
  ],
  [
    "closes its half of the connection",
    (socket) => socket.end(),
    { error: "the connection was closed without a response" },
  ],
])("a receiver that %s: the attempt ends, and so do settle and advance", async (_, receive, kept) => {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("data", () => receive(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await using sandbox = await frozenSandbox({
    webhook: `http://127.0.0.1:${port}/`,
    settings: { webhookTimeoutMs: 150 },
  });
  await createPaidPayment(sandbox);
  expect(await sandbox.clock.advance("PT2M")).toMatchObject({ now: "2026-01-05T09:02:00.000Z" });
  await sandbox.settle();
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying", attempts: [kept, kept] }]);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("a redirect is recorded as an answer and is not followed", async () => {
  const elsewhere = await startReceiver();
  const receiver = await startReceiver((response) => response.writeHead(301, { location: elsewhere.url }).end());
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect(await notificationsOf(sandbox)).toMatchObject([
    { state: "retrying", attempts: [{ answer: { status: 301 } }] },
  ]);
  expect(receiver.received).toHaveLength(1);
  expect(elsewhere.received).toEqual([]);
  await Promise.all([receiver.close(), elsewhere.close()]);
});

test("only the first 4 KiB of an answer of 100 MB are read and kept", async () => {
  const chunk = "x".repeat(65_536);
  const all = 100 * 1024 * 1024;
  let written = 0;
  let closed = (_completely: boolean) => {};
  const ended = new Promise<boolean>((resolve) => {
    closed = resolve;
  });
  const receiver = await startReceiver((response) => {
    const more = () => {
      while (written < all && !response.destroyed) {
        written += chunk.length;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on("drain", more).on("close", () => closed(response.writableFinished));
    more();
  });
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect(await ended).toBe(false);
  expect(written).toBeLessThan(all / 10);
  const [{ state, attempts }] = await notificationsOf(sandbox);
  expect([state, attempts[0]?.answer?.body]).toEqual(["delivered", "x".repeat(4096)]);
  await receiver.close();
});
