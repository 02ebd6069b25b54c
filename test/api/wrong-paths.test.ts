import { request } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createSandbox, type Sandbox, signRequest } from "../../src/index.ts";
import { createPayment, get, paymentRequest } from "../support/merchant.ts";

afterEach(() => vi.restoreAllMocks());

interface Answer {
  readonly status: number;
  readonly diagnosis: string | undefined;
  readonly description: string | undefined;
}

/** Sends a request with this target as it is, which `fetch` would normalise. */
function send(
  url: string,
  method: string,
  target: string,
  { signature, body }: { readonly signature?: string; readonly body?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const headers = signature === undefined ? {} : { "X-Signature": signature };
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path: target, method, headers }, async (incoming) => {
      let text = "";
      for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
      resolve({
        status: incoming.statusCode ?? 0,
        diagnosis: incoming.headers["x-sandbox-diagnosis"]?.toString(),
        description: text.startsWith("{") ? JSON.parse(text).reason?.description : undefined,
      });
    });
    outgoing.on("error", reject).end(body);
  });
}

const payment = JSON.stringify(paymentRequest());

/** The requests in the log of the demo world, newest first. */
async function loggedBy(sandbox: Sandbox) {
  return (await get(sandbox, "/_sandbox/requests?limit=100")).body.data as readonly {
    readonly method: string;
    readonly target: string;
    readonly status: number;
    readonly diagnosis?: string;
  }[];
}

const baseUrl = 'remove the "/" at the end of the base URL, which makes two slashes in a row';
const trailing = 'remove the "/" at its end';

/** Method and target of a request, the path that it should have, and the remedies. */
const wrongPaths: readonly (readonly [method: string, target: string, right: string, ...remedies: string[]])[] = [
  ["POST", "//v1/payments", "/v1/payments", baseUrl],
  ["POST", "///v1/payments?idempotencyKey=12345678", "/v1/payments", baseUrl],
  ["GET", "//v1/payments?limit=1", "/v1/payments", baseUrl],
  ["HEAD", "//v1/payments", "/v1/payments", baseUrl],
  ["POST", "/v1//payments", "/v1/payments", baseUrl],
  ["POST", "/v1/payments/", "/v1/payments", trailing],
  ["POST", "/v1/payments/?idempotencyKey=12345678", "/v1/payments", trailing],
  ["POST", "//v1/payments/", "/v1/payments", baseUrl, trailing],
  ["GET", "/v1/requests/payments/", "/v1/requests/payments", trailing],
  ["POST", "/V1/payments", "/v1/payments", "write it in lower case"],
  ["POST", "/v1/Payments", "/v1/payments", "write it in lower case"],
  ["POST", "/v1/v1/payments", "/v1/payments", "remove the second /v1"],
  ["GET", "/v1/v1/tracks/payments/x", "/v1/tracks/payments/x", "remove the second /v1"],
  ["POST", "/api/v1/payments", "/v1/payments", 'remove "/api" before /v1'],
  ["POST", "/sandbox/pay-api//v1/payments", "/v1/payments", baseUrl, 'remove "/sandbox/pay-api" before /v1'],
  ["POST", "/payments", "/v1/payments", "put /v1 before it"],
  ["POST", "//payments", "/v1/payments", baseUrl, "put /v1 before it"],
  ["GET", "/tracks/payments/x", "/v1/tracks/payments/x", "put /v1 before it"],
  ["POST", "/v1/payments%3FidempotencyKey=12345678", "/v1/payments", 'begin the query with "?" instead of "%3F"'],
  ["POST", "/v1/payments&idempotencyKey=12345678", "/v1/payments", 'begin the query with "?" instead of "&"'],
  ["POST", "/v1/payments//refunds", "/v1/payments/{id}/refunds", "put the missing id between its two slashes"],
];

describe("a path that is like one of the API gets 404 with the remedy", () => {
  test.each(wrongPaths)("%s %s", async (method, target, right, ...remedies) => {
    await using sandbox = await createSandbox();
    const url = await sandbox.listen();
    const body = method === "POST" ? { body: payment } : {};
    const { status, diagnosis, description } = await send(url, method, target, body);
    expect(status).toBe(404);
    const [path] = target.split("?");
    expect(diagnosis).toContain(`The API has no path ${JSON.stringify(path)}, but it has ${JSON.stringify(right)}: `);
    for (const remedy of remedies) expect(diagnosis).toContain(remedy);
    if (method !== "HEAD") expect(description).toBe(diagnosis);
    expect(await loggedBy(sandbox)).toMatchObject([{ method, target, status: 404, diagnosis }]);
  });

  test("also if its signature is valid, and if the signature is for the right path", async () => {
    await using sandbox = await createSandbox();
    const url = await sandbox.listen();
    const { kid, privateKey } = sandbox.credentials;
    const statuses: number[] = [];
    for (const signed of ["//v1/payments", "/v1/payments"]) {
      const signature = signRequest({ method: "POST", target: signed, body: payment, kid, privateKey });
      const { status, diagnosis } = await send(url, "POST", "//v1/payments", { signature, body: payment });
      expect(diagnosis).toContain(baseUrl);
      statuses.push(status);
    }
    expect(statuses).toEqual([404, 401]);
    expect((await loggedBy(sandbox)).map(({ diagnosis }) => diagnosis)).toEqual([
      expect.stringContaining(baseUrl),
      expect.stringContaining(baseUrl),
    ]);
  });

  test.each(["require", "off"] as const)("in mode %s", async (auth) => {
    await using sandbox = await createSandbox({ auth });
    const url = await sandbox.listen();
    const { status, diagnosis } = await send(url, "POST", "//v1/payments", { body: payment });
    expect(status).toBe(auth === "require" ? 401 : 404);
    expect(diagnosis).toContain(baseUrl);
  });

  test.each(["//v1/payments", "http://localhost//v1/payments", "/v1/payments/", "/payments"])(
    "in process: %s",
    async (target) => {
      await using sandbox = await createSandbox();
      const answer = await sandbox.fetch(target, { method: "POST", body: payment });
      expect(answer.status).toBe(404);
      expect(answer.headers.get("X-Sandbox-Diagnosis")).toContain('but it has "/v1/payments"');
      expect(answer.headers.get("X-Signature")).not.toBeNull();
      expect(await loggedBy(sandbox)).toHaveLength(1);
    },
  );

  test("and is in the log of the world that its body names", async () => {
    await using sandbox = await createSandbox();
    const url = await sandbox.listen();
    const world = await sandbox.world();
    const body = JSON.stringify(paymentRequest({ account: world.processingAccountId }));
    await send(url, "POST", "//v1/payments", { body });
    const { data } = (await get(sandbox, `/_sandbox/requests?processingAccountId=${world.processingAccountId}`)).body;
    expect(data).toMatchObject([{ target: "//v1/payments", status: 404 }]);
    expect(await loggedBy(sandbox)).toEqual([]);
  });

  test("and creates no payment", async () => {
    await using sandbox = await createSandbox();
    const url = await sandbox.listen();
    for (const [method, target] of wrongPaths) {
      await send(url, method, target, method === "POST" ? { body: payment } : {});
    }
    expect((await get(sandbox, "/v1/payments")).body.data).toEqual([]);
  });
});

describe("another path gets no advice", () => {
  test.each([
    ["GET", "/v1/payments/x", 404],
    ["GET", "/v1", 404],
    ["GET", "/v1/", 404],
    ["POST", "/v1/nothing", 404],
    ["POST", "/v1/nothing/", 404],
    ["PUT", "/v1/payments", 405],
    ["GET", "/nothing", 404],
    ["POST", "//", 404],
    ["GET", "/a//b", 404],
    ["GET", "/v1/payments/V1", 404],
    ["GET", "/_sandbox//requests", 404],
    ["GET", "/docs/", 404],
  ] as const)("%s %s is %i", async (method, target, status) => {
    await using sandbox = await createSandbox({ auth: "off" });
    const answer = await send(await sandbox.listen(), method, target);
    expect(answer).toMatchObject({ status, diagnosis: undefined });
    expect(answer.description).not.toMatch(/The API has/);
  });

  test("nor does a request that succeeds", async () => {
    await using sandbox = await createSandbox({ auth: "off" });
    const { id } = await createPayment(sandbox);
    const answer = await get(sandbox, `/v1/payments/${id}`);
    expect([answer.status, answer.headers.get("X-Sandbox-Diagnosis")]).toEqual([200, null]);
  });

  test("and a long path of slashes is answered", async () => {
    await using sandbox = await createSandbox({ auth: "off" });
    const url = await sandbox.listen();
    for (const target of [
      `/a${"/".repeat(14_000)}b`,
      "/".repeat(14_000),
      "/v1".repeat(4_000),
      `/v1/payments${"&a".repeat(7_000)}`,
    ]) {
      expect((await send(url, "GET", target)).status).toBe(404);
    }
  });
});

test("every request has one line on the console, whatever its path", async () => {
  const lines: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const requests = [
    ...wrongPaths.map(([method, target]) => [method, target] as const),
    ...[["GET", "/"] as const, ["GET", "/nothing"] as const, ["GET", "/v1/nothing"] as const],
    ...[["POST", "/"] as const, ["GET", "/docs"] as const, ["GET", "/pay/x"] as const],
  ];
  await using sandbox = await createSandbox({ log: "json", auth: "off" });
  const url = await sandbox.listen();
  for (const [method, target] of requests) {
    lines.length = 0;
    const { status, diagnosis } = await send(url, method, target);
    const logged = lines.join("").split("\n").filter(Boolean);
    expect(logged.map((line) => JSON.parse(line))).toEqual([
      {
        event: "request",
        message: `${method} ${target} ${status}${diagnosis === undefined ? "" : `\n  ${diagnosis}`}`,
        ...{ method, target, status, diagnosis },
      },
    ]);
  }
});

describe("the signature doctor corrects the path of the request in place of aud", () => {
  test.each([
    ["//v1/payments", "/v1/payments", baseUrl],
    ["/api/v1/payments", "/v1/payments", 'remove "/api" before /v1'],
    ["/v1/v1/payments", "/v1/payments", "remove the second /v1"],
    ["/V1/payments", "/v1/payments", "write it in lower case"],
    ["/v1/payments/", "/v1/payments", "rather remove it from the request"],
  ])("%s, signed as %s", async (target, signed, remedy) => {
    await using sandbox = await createSandbox();
    const { kid, privateKey } = sandbox.credentials;
    const signature = signRequest({ method: "POST", target: signed, body: payment, kid, privateKey });
    const answer = await sandbox.fetch("/_sandbox/signature/diagnose", {
      method: "POST",
      body: JSON.stringify({ method: "POST", target, body: payment, signature }),
    });
    expect(await answer.json()).toMatchObject({ ok: false, sentence: expect.stringContaining(remedy) });
  });
});
