import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { startDeadline } from "../../src/platform/sender.ts";
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

test("refused connections to several addresses of a name are all reported", () => {
  const { describe: describeError, clear } = startDeadline({ signal: new AbortController().signal, timeoutMs: 50 });
  const refusals = ["::1", "127.0.0.1"].map((host) => new Error(`connect ECONNREFUSED ${host}:8080`));
  expect(describeError(new AggregateError(refusals))).toBe(
    "connect ECONNREFUSED ::1:8080, connect ECONNREFUSED 127.0.0.1:8080",
  );
  clear();
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
  expect([state, attempts[0]?.answer]).toEqual(["delivered", { status: 200, body: "x".repeat(4096) }]);
  await receiver.close();
});
