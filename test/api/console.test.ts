import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, test, vi } from "vitest";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";

/** Opens a port. `lines` are the lines on the console since then. */
async function onPort(options: SandboxOptions = {}) {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const sandbox = await createSandbox({ log: "pretty", ...options });
  const url = await sandbox.listen();
  const lines = () => write.mock.calls.flatMap(([text]) => String(text).trimEnd().split("\n"));
  return { sandbox, url, lines, [Symbol.asyncDispose]: () => sandbox.close() };
}

/** Writes bytes to a socket and reads until the server closes it. */
async function send(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding("utf8");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

const host = "Host: localhost\r\n";

describe("a request that is no readable HTTP is one line on the console", () => {
  test.each([
    ["no HTTP", "hello\r\n\r\n", 400, "from 127.0.0.1", "Invalid method encountered"],
    ["a malformed header", `GET / HTTP/1.1\r\n${host}bad header\r\n\r\n`, 400, "from 127.0.0.1", "header token"],
    ["large headers", `GET / HTTP/1.1\r\n${host}X: ${"x".repeat(20_000)}\r\n\r\n`, 431, "from 127.0.0.1", "overflow"],
    ["a malformed chunk", `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, "chunk size"],
    ["two lengths", `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`, 400, "Content-Length"],
    ["an expectation", `GET / HTTP/1.1\r\n${host}Expect: foo\r\nConnection: close\r\n\r\n`, 400, "127.0.0.1", "foo"],
    ["no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "Missing host header"],
    ["an invalid Host", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400, "Invalid"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "PRI"],
  ])("%s", async (_, bytes, status, ...parts) => {
    await using port = await onPort();
    expect(await send(port.url, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const written = port.lines().filter((line) => line.includes("readable"));
    expect(written).toEqual([expect.stringContaining(`got ${status}, as it is no readable HTTP: `)]);
    for (const part of parts) expect(written[0]).toContain(part);
  });

  test("also one that does not arrive before the timeout", async () => {
    await using port = await onPort({ limits: { requestTimeoutMs: 100 } });
    await send(port.url, "GET / HTTP/1.1\r\nHost:");
    expect(port.lines()).toEqual(["A request from 127.0.0.1 got 400, as it is no readable HTTP: Request timeout"]);
  });

  test("also many refused pieces of one request", async () => {
    await using port = await onPort();
    await send(port.url, "hello\r\n".repeat(100_000));
    expect(port.lines()).toHaveLength(1);
  });

  test("but not a connection on which nothing arrives: browsers open some in advance", async () => {
    await using port = await onPort({ limits: { requestTimeoutMs: 100 } });
    expect(await send(port.url, "")).toMatch(/^HTTP\/1\.1 400 /);
    expect(port.lines()).toEqual([]);
  });

  test("with the status, the reason and the client as members in JSON", async () => {
    await using port = await onPort({ log: "json" });
    await send(port.url, "hello\r\n\r\n");
    expect(port.lines().map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        event: "unreadable",
        status: 400,
        reason: "Invalid method encountered",
        client: "127.0.0.1",
      }),
    ]);
  });
});

test("TLS on the port is one line on the console, which says what to do", async () => {
  await using port = await onPort();
  const client = connectTls({ host: "127.0.0.1", port: Number(new URL(port.url).port), rejectUnauthorized: false });
  const [error] = await once(client, "error");
  expect(error.code).toBe("ERR_SSL_WRONG_VERSION_NUMBER");
  expect(port.lines()).toEqual([
    "A client from 127.0.0.1 speaks TLS, but this port speaks plain HTTP: use http:// in its URL. For https:// " +
      "start the sandbox with --tls self-signed, or with --tls-cert and --tls-key.",
  ]);
});

describe("a health check is on the console only when its status changes", () => {
  test.each(["/_sandbox/health", "/_sandbox/ready"])("%s", async (path) => {
    await using port = await onPort();
    const ask = (headers = "") => send(port.url, `GET ${path} HTTP/1.1\r\n${host}${headers}Connection: close\r\n\r\n`);
    for (let count = 0; count < 3; count += 1) expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
    expect(port.lines()).toEqual([]);
    for (let count = 0; count < 3; count += 1) await ask("Origin: https://evil.com\r\n");
    for (let count = 0; count < 3; count += 1) await ask();
    expect(port.lines()).toEqual([`GET ${path} 403`, `GET ${path} 200`]);
  });

  test("readiness is logged once when the sandbox closes", async () => {
    await using port = await onPort();
    const closed = port.sandbox.close();
    for (let count = 0; count < 3; count += 1) await port.sandbox.fetch("/_sandbox/ready");
    await closed;
    expect(port.lines()).toEqual(["GET /_sandbox/ready 503"]);
  });

  test("other control requests are logged each time", async () => {
    await using port = await onPort();
    for (let count = 0; count < 2; count += 1) await port.sandbox.fetch("/_sandbox/clock");
    expect(port.lines()).toEqual(["GET /_sandbox/clock 200", "GET /_sandbox/clock 200"]);
  });
});
