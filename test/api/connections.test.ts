import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox } from "../support/merchant.ts";

/** Connects without sending anything. @param options.ignoresEnd keeps its side open when the server closes its own. */
async function connectTo(url: string, options: { readonly ignoresEnd?: boolean } = {}): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: options.ignoresEnd ?? false });
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** The server's side of the next connection. */
function nextAccepted(): Promise<Socket> {
  return new Promise((resolve) => {
    const take = (message: unknown) => {
      unsubscribe("net.server.socket", take);
      resolve((message as { socket: Socket }).socket);
    };
    subscribe("net.server.socket", take);
  });
}

const requestFor = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** Sends a request on a connection. @returns its response, if it arrives in one piece. */
async function ask(socket: Socket, target: string): Promise<string> {
  socket.write(requestFor(target));
  const [chunk] = await once(socket, "data");
  return String(chunk);
}

describe("a connection is destroyed if its client ignores the end", () => {
  const limits = { requestTimeoutMs: 100, endTimeoutMs: 50 };
  test.each([
    ["sends nothing", ""],
    ["sends half a head", "GET /v1/payments HTTP/1.1\r\nHost:"],
    ["sends no HTTP", "hello\r\n\r\n"],
  ])("if it %s", async (_, bytes) => {
    await using sandbox = await createSandbox({ limits });
    const accepted = nextAccepted();
    const client = await connectTo(await sandbox.listen(), { ignoresEnd: true });
    client.resume().write(bytes);
    const server = await accepted;
    await once(server, "close");
    expect(client.writable).toBe(true);
  });
});

test("a connection is destroyed if its client does not read the response", async () => {
  await using sandbox = await createSandbox({ limits: { requestTimeoutMs: 100 } });
  const accepted = nextAccepted();
  const client = await connectTo(await sandbox.listen());
  client.pause();
  // More responses than the buffers between the two sides hold.
  client.write(requestFor("/_sandbox/openapi.json").repeat(200));
  await once(await accepted, "close");
});

describe("at the maximum of connections", () => {
  test("a new connection replaces the connection that has been silent longest", async () => {
    await using sandbox = await createSandbox({ connectionsMax: 2 });
    const url = await sandbox.listen();
    const [first, second] = [await connectTo(url), await connectTo(url)];
    const third = await connectTo(url);
    const closed = once(first, "close");
    first.resume();
    expect(await ask(third, "/_sandbox/health")).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
    expect(await ask(second, "/_sandbox/health")).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a request gets 503 if all connections have requests, but a health check is answered", async () => {
    await using sandbox = await frozenSandbox({ connectionsMax: 2 });
    const url = await sandbox.listen();
    const { id } = await createPayment(sandbox);
    const busy = await Promise.all([connectTo(url), connectTo(url)]);
    const target = `/_sandbox/payments/${id}/wait?status=captured&timeoutMs=60000`;
    for (const socket of busy) {
      // The server says "continue" when the request has started.
      socket.write(requestFor(target).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
      await once(socket, "data");
    }
    const refused = await ask(await connectTo(url), "/_sandbox/clock");
    expect(refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nConnection: close\r\n[\s\S]*"too_many_connections"/i);
    for (const path of ["/_sandbox/health", "/_sandbox/ready"]) {
      expect(await ask(await connectTo(url), path)).toMatch(/^HTTP\/1\.1 200 /);
    }
    const answered = busy.map((socket) => once(socket, "data"));
    await sandbox.payments.act(id, "pay");
    await Promise.all(answered);
    expect(await ask(await connectTo(url), "/_sandbox/clock")).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test("a response during the close of the sandbox announces the end of its connection", async () => {
  const sandbox = await frozenSandbox();
  const url = await sandbox.listen();
  const { id } = await createPayment(sandbox);
  const [busy, idle] = [await connectTo(url), await connectTo(url)];
  expect(await ask(busy, "/_sandbox/health")).toMatch(/\r\nConnection: keep-alive\r\n/i);
  const accepted = ask(busy, `/_sandbox/payments/${id}/wait?status=captured&timeoutMs=60000`);
  expect(await ask(idle, "/_sandbox/health")).toMatch(/^HTTP\/1\.1 200 /);
  const closed = sandbox.close();
  expect(await accepted).toMatch(/^HTTP\/1\.1 409 [\s\S]*\r\nConnection: close\r\n/i);
  await closed;
});
