import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { paymentRequest } from "../support/merchant.ts";

/** Writes the first bytes to a socket and the next ones after each answer. Reads until the server closes it. */
function raw(url: string, ...bytes: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes.shift() ?? ""));
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      socket.write(bytes.shift() ?? "");
    });
    socket.on("close", () => resolve(text)).on("error", reject);
  });
}

const good = JSON.stringify(paymentRequest());

describe("an error of the HTTP parser has the format of the API, without a signature", () => {
  test.each([
    ["bytes that are not HTTP", "hello\r\n\r\n"],
    ["a malformed header", "GET /v1/payments/x HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n"],
    ["a missing Host", "GET /v1/payments/x HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["an invalid Host", "GET /v1/payments/x HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"],
    ["a malformed chunk", "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["an expectation", "GET / HTTP/1.1\r\nHost: localhost\r\nExpect: foo\r\nConnection: close\r\n\r\n"],
    ["two lengths", "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"],
  ])("%s", async (_, bytes) => {
    await using sandbox = await createSandbox();
    const answer = await raw(await sandbox.listen(), bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    const body = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
    expect(body).toMatchObject({ reason: { code: "invalid_request" }, errors: [{ path: "" }] });
  });

  test("a request that does not arrive before the timeout", async () => {
    await using sandbox = await createSandbox({ limits: { requestTimeoutMs: 100 } });
    const head = `POST /v1/payments HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${good.length}\r\n\r\n`;
    const answer = await raw(await sandbox.listen(), head + good.slice(0, 20));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"invalid_request"');
  });

  test("a malformed second request on the same connection gets an answer", async () => {
    await using sandbox = await createSandbox();
    const first = "GET /v1/payments/x HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const answer = await raw(await sandbox.listen(), first, "hello\r\n\r\n");
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 404", "HTTP/1.1 400"]);
  });
});

test.each([
  ["headers", `GET /v1/payments HTTP/1.1\r\nHost: localhost\r\nX-Signature: ${"x".repeat(20_000)}\r\n\r\n`],
  ["many headers", `GET /v1/payments HTTP/1.1\r\nHost: localhost\r\n${"X-Header: x\r\n".repeat(200_000)}\r\n`],
  ["a request line", `GET /v1/payments?x=${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
])("%s beyond 16 KiB get 431 with the limit", async (_, bytes) => {
  await using sandbox = await createSandbox();
  const answer = await raw(await sandbox.listen(), bytes);
  expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  const { reason } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
  expect(reason).toEqual({ code: "headers_too_large", description: expect.stringContaining("16384 bytes (16 KiB)") });
});

describe("HTTP/1.0 needs no Host", () => {
  test.each([
    ["GET /_sandbox/ready HTTP/1.0\r\n\r\n", 200],
    ["HEAD /_sandbox/health HTTP/1.0\r\n\r\n", 200],
    ["GET /v1/payments HTTP/1.0\r\n\r\n", 200],
    ["GET /docs HTTP/1.0\r\n\r\n", 200],
    ["GET /_sandbox/ready HTTP/1.0\r\nHost: evil.com\r\n\r\n", 403],
    ["GET /_sandbox/ready HTTP/1.0\r\nOrigin: https://evil.com\r\n\r\n", 403],
    ["GET /_sandbox/ready HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    ["GET /_sandbox/ready HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 400],
  ])("%j: %i", async (bytes, status) => {
    await using sandbox = await createSandbox();
    expect(await raw(await sandbox.listen(), bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });
});

test("refuses a body of 64 KiB and one byte with and without a Content-Length", async () => {
  await using sandbox = await createSandbox();
  const url = await sandbox.listen();
  const text = good.padEnd(64 * 1024 + 1);
  const announced = await fetch(`${url}/v1/payments`, { method: "POST", body: text });
  const chunked = await fetch(`${url}/v1/payments`, {
    method: "POST",
    body: new Blob([text]).stream(),
    duplex: "half",
  } as RequestInit);
  for (const answer of [announced, chunked]) {
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ reason: { code: "payload_too_large" } });
  }
  expect((await fetch(`${url}/v1/payments`, { method: "POST", body: good })).status).toBe(201);
});

test("reads all chunks of a chunked body", async () => {
  await using sandbox = await createSandbox();
  const chunks = [...good].map((letter) => `1\r\n${letter}\r\n`).join("");
  const head =
    "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect(await raw(await sandbox.listen(), `${head}${chunks}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 201 /);
});

test("returned URLs have the request's origin in process, or the listener's, or the public URL", async () => {
  await using sandbox = await createSandbox();
  const create = async (from: string) => {
    const answer = await sandbox.fetch(from, { method: "POST", body: good });
    return ((await answer.json()) as { nextStep: { redirect: { url: string } } }).nextStep.redirect.url;
  };
  expect(await create("https://pay.test/v1/payments")).toMatch(/^https:\/\/pay\.test\/pay\//);
  const url = await sandbox.listen();
  expect((await create("/v1/payments")).startsWith(`${url}/pay/`)).toBe(true);
  await using published = await createSandbox({ publicUrl: "https://sandbox.example.com/" });
  await published.listen();
  expect(published.credentials.baseUrl).toBe("https://sandbox.example.com");
});
