import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { Agent } from "node:https";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { handshake, onTls, send } from "../support/tls-clients.ts";

const health = "/_sandbox/health";

describe("the protocol", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("is %s", async (version) => {
    await using at = await onTls();
    const socket = await handshake(at.port, { ca: at.ca, minVersion: version, maxVersion: version });
    expect([socket.authorized, socket.getProtocol()]).toEqual([true, version]);
    socket.destroy();
  });

  test.each(["TLSv1", "TLSv1.1"] as const)("is not %s, which one line on the console says", async (version) => {
    await using at = await onTls({ log: "pretty" });
    const old = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
    await expect(handshake(at.port, { ca: at.ca, ...old })).rejects.toThrow(/protocol version/);
    await expect.poll(at.lines).toEqual(["A TLS handshake failed: unsupported protocol."]);
  });
});

describe("a client that speaks plain HTTP", () => {
  test("gets no answer, one line on the console says why, and others are served", async () => {
    await using at = await onTls({ log: "pretty" });
    const request = httpRequest({ port: at.port, host: "127.0.0.1", path: health }).end();
    const [error] = await once(request, "error");
    expect(error.code).toBe("ECONNRESET");
    const sentence = "A client speaks plain HTTP, but this port speaks TLS: use https:// in its URL.";
    await expect.poll(at.lines).toEqual([sentence]);
    expect((await at.send(health)).status).toBe(200);
  });

  test.each([
    ["a text", "hello\r\n\r\n"],
    ["zeros", "\0".repeat(1000)],
    ["the beginning of a handshake", "\x16\x03\x01"],
    ["nothing", ""],
  ])("also one that sends %s and leaves does not stop the server", async (_, bytes) => {
    await using at = await onTls();
    const socket = connect(at.port, "127.0.0.1").on("error", () => undefined);
    socket.end(Buffer.from(bytes, "latin1")).resume();
    await once(socket, "close");
    expect((await at.send(health)).status).toBe(200);
  });
});

describe("a client that does not trust the certificate", () => {
  test("without the CA: it refuses, and one line on the console says why", async () => {
    await using at = await onTls({ log: "pretty" });
    await expect(send(`${at.url}${health}`, {})).rejects.toThrow("self-signed certificate in certificate chain");
    expect((await at.send(health)).status).toBe(200);
  });

  test("with another host: it refuses the name", async () => {
    await using at = await onTls();
    await expect(handshake(at.port, { ca: at.ca, servername: "other.example" })).rejects.toThrow("other.example");
  });
});

describe("the maximum of connections", () => {
  test("counts connections before their handshake: the oldest is closed for a new one", async () => {
    await using at = await onTls({ connectionsMax: 2 });
    const silent = [];
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(at.port, "127.0.0.1").on("error", () => undefined);
      await once(socket, "connect");
      silent.push(socket);
    }
    expect((await at.send(health)).status).toBe(200);
    expect((await at.send("/v1/payments")).status).toBe(200);
    for (const socket of silent) socket.destroy();
  });

  test("a handshake has the time of a request", async () => {
    await using at = await onTls({ limits: { requestTimeoutMs: 100 } });
    const socket = connect(at.port, "127.0.0.1")
      .on("error", () => undefined)
      .resume();
    await once(socket, "close");
    expect((await at.send(health)).status).toBe(200);
  });
});

test("a kept connection serves several requests, and does not delay the end", async () => {
  const at = await onTls();
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: at.ca });
  const ports = [];
  for (let count = 0; count < 3; count += 1) {
    const { status, headers } = await send(`${at.url}${health}`, { agent } as object);
    ports.push([status, headers.connection]);
  }
  expect(ports).toEqual([
    [200, "keep-alive"],
    [200, "keep-alive"],
    [200, "keep-alive"],
  ]);
  const startTime = performance.now();
  await at.sandbox.close();
  expect(performance.now() - startTime).toBeLessThan(1000);
  agent.destroy();
});
