import { request as httpRequest } from "node:http";
import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox, type SandboxOptions, signRequest, verifyResponse } from "../../src/index.ts";
import { generateWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

/** The closed list of codes, in order of precedence. */
const codes = [
  "forbidden_origin",
  "payload_too_large",
  "unauthorized",
  "insufficient_scope",
  "operation_not_supported",
  "invalid_request",
  "unsupported_payment_method",
  "unsupported_currency",
  "amount_below_minimum",
  "amount_above_maximum",
  "unknown_processing_account",
  "idempotency_key_conflict",
  "not_found",
  "method_not_allowed",
  "payment_not_refundable",
  "refund_window_closed",
  "partial_refund_limit_reached",
  "refund_amount_exceeded",
] as const;

const statuses: Record<string, number> = {
  forbidden_origin: 403,
  payload_too_large: 413,
  unauthorized: 401,
  insufficient_scope: 403,
  idempotency_key_conflict: 409,
  not_found: 404,
  method_not_allowed: 405,
};

const readerKid = "0ujssxh0cECutqzMgbtXSGnjorm";
const amount = (value: number, currency = "hkd") => ({ value, currency });
const with_ = (changes: object) => ({ ...paymentRequest(), ...changes });
const tooLarge = "x".repeat(64 * 1024 + 1);

interface Case {
  target?: string;
  method?: string;
  body?: unknown;
  sign?: "wrong" | "reader";
  origin?: string;
}

/** A sandbox that can give every refusal, and the request for each. */
async function prepare(options: SandboxOptions = {}) {
  const sandbox = await frozenSandbox({ accounts: "listed", ...options });
  const { publicKey, privateKey } = await generateWithJose();
  await post(sandbox, "/_sandbox/credentials", { publicKey, kid: readerKid, scopes: ["payments:read"] });
  const pending = await createPayment(sandbox);
  const old = await createPaidPayment(sandbox);
  await sandbox.clock.advance("P366D");
  const paid = await createPaidPayment(sandbox);
  const part = await createPaidPayment(sandbox);
  await post(sandbox, `/v1/payments/${part.id}/refunds`, { merchantReference: "r", amount: amount(1) });
  await post(sandbox, "/v1/payments?idempotencyKey=taken-key", paymentRequest());
  await post(sandbox, `/v1/payments/${paid.id}/refunds?idempotencyKey=taken-key`, {
    merchantReference: "r",
    amount: amount(1),
  });
  const whole = await createPaidPayment(sandbox);

  const url = await sandbox.listen();
  const send = ({ target = "/v1/payments", method = "POST", body, sign, origin }: Case) => {
    const text = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = {};
    if (sign === "wrong") headers["X-Signature"] = "not..good";
    if (sign === "reader")
      headers["X-Signature"] = signRequest({ method, target, body: text ?? "", kid: readerKid, privateKey });
    if (origin !== undefined) {
      headers.Origin = origin;
      return fetch(url + target, { method, headers, ...(text === undefined ? {} : { body: text }) });
    }
    return sandbox.fetch(target, { method, headers, ...(text === undefined ? {} : { body: text }) });
  };
  const refunds = (id: string) => `/v1/payments/${id}/refunds`;
  const refund = (value: number) => ({ merchantReference: "r", amount: amount(value) });
  const single: Record<(typeof codes)[number], Case> = {
    forbidden_origin: { body: paymentRequest(), origin: "https://evil.com" },
    payload_too_large: { body: tooLarge },
    unauthorized: { body: paymentRequest(), sign: "wrong" },
    insufficient_scope: { body: paymentRequest(), sign: "reader" },
    operation_not_supported: { target: "/v1/credits" },
    invalid_request: { body: {} },
    unsupported_payment_method: { body: with_({ paymentMethod: { type: "card" } }) },
    unsupported_currency: { body: with_({ amount: amount(5, "usd") }) },
    amount_below_minimum: { body: with_({ amount: amount(0.01) }) },
    amount_above_maximum: { body: with_({ amount: amount(60_000) }) },
    unknown_processing_account: { body: with_({ processingAccountId: readerKid }) },
    idempotency_key_conflict: {
      target: "/v1/payments?idempotencyKey=taken-key",
      body: with_({ merchantReference: "other" }),
    },
    not_found: { target: refunds("x"), body: refund(1) },
    method_not_allowed: { method: "PUT", body: "{" },
    payment_not_refundable: { target: refunds(pending.id), body: refund(1) },
    refund_window_closed: { target: refunds(old.id), body: refund(9999) },
    partial_refund_limit_reached: { target: refunds(part.id), body: refund(9999) },
    refund_amount_exceeded: { target: refunds(whole.id), body: refund(9999) },
  };
  return { sandbox, send, single, refunds, refund, ids: { pending, old, paid, part, whole } };
}

async function codeOf(answer: Response): Promise<string> {
  const body = (await answer.json()) as { reason: { code: string } };
  expect(Object.keys(body)).toEqual("errors" in body ? ["reason", "errors"] : ["reason"]);
  expect(answer.status).toBe(statuses[body.reason.code] ?? 400);
  return body.reason.code;
}

test.each(codes)("%s is returned", async (code) => {
  const { sandbox, send, single } = await prepare();
  expect(await codeOf(await send(single[code]))).toBe(code);
  await sandbox.close();
});

describe("the refusal with the highest precedence is returned", () => {
  type Prepared = Awaited<ReturnType<typeof prepare>>;
  const pairs: [string, string, (prepared: Prepared) => Case][] = [
    ["forbidden_origin", "payload_too_large", () => ({ body: tooLarge, origin: "https://evil.com" })],
    ["payload_too_large", "unauthorized", () => ({ body: tooLarge, sign: "wrong" })],
    ["unauthorized", "operation_not_supported", () => ({ target: "/v1/tokens", sign: "wrong" })],
    ["unauthorized", "not_found", () => ({ target: "/v1/nothing", sign: "wrong" })],
    ["insufficient_scope", "operation_not_supported", () => ({ target: "/v1/tokens", sign: "reader" })],
    ["insufficient_scope", "invalid_request", () => ({ body: "{", sign: "reader" })],
    ["operation_not_supported", "invalid_request", () => ({ target: "/v1/credits", body: "{" })],
    ["operation_not_supported", "not_found", () => ({ target: "/v1/payments/x/captures", body: {} })],
    [
      "invalid_request",
      "unsupported_currency",
      () => ({ body: with_({ amount: amount(5, "usd"), merchantReference: 5 }) }),
    ],
    [
      "unsupported_payment_method",
      "unsupported_currency",
      () => ({ body: with_({ amount: amount(5, "usd"), paymentMethod: { type: "card" } }) }),
    ],
    ["unsupported_currency", "amount_below_minimum", () => ({ body: with_({ amount: amount(0.01, "usd") }) })],
    [
      "amount_below_minimum",
      "unknown_processing_account",
      () => ({ body: with_({ amount: amount(0.01), processingAccountId: readerKid }) }),
    ],
    [
      "amount_above_maximum",
      "unknown_processing_account",
      () => ({ body: with_({ amount: amount(60_000), processingAccountId: readerKid }) }),
    ],
    [
      "amount_above_maximum",
      "idempotency_key_conflict",
      () => ({ target: "/v1/payments?idempotencyKey=taken-key", body: with_({ amount: amount(60_000) }) }),
    ],
    ["invalid_request", "not_found", ({ refunds }) => ({ target: refunds("x"), body: {} })],
    ["amount_below_minimum", "not_found", ({ refunds, refund }) => ({ target: refunds("x"), body: refund(0) })],
    [
      "idempotency_key_conflict",
      "refund_amount_exceeded",
      ({ refunds, refund, ids }) => ({
        target: `${refunds(ids.whole.id)}?idempotencyKey=taken-key`,
        body: refund(9999),
      }),
    ],
    [
      "payment_not_refundable",
      "refund_amount_exceeded",
      ({ refunds, refund, ids }) => ({ target: refunds(ids.pending.id), body: refund(9999) }),
    ],
    [
      "refund_window_closed",
      "refund_amount_exceeded",
      ({ refunds, refund, ids }) => ({ target: refunds(ids.old.id), body: refund(9999) }),
    ],
    [
      "partial_refund_limit_reached",
      "refund_amount_exceeded",
      ({ refunds, refund, ids }) => ({ target: refunds(ids.part.id), body: refund(9999) }),
    ],
  ];
  test.each(pairs)("%s before %s", async (first, second, request) => {
    const prepared = await prepare();
    expect(codes.indexOf(first as never)).toBeLessThan(codes.indexOf(second as never));
    expect(await codeOf(await prepared.send(request(prepared)))).toBe(first);
    await prepared.sandbox.close();
  });
});

describe("unusual input gets a signed response with a documented code", () => {
  const json = JSON.stringify(paymentRequest());
  const deep = (open: string, close: string, depth: number) =>
    json.replace("{", `{"extra":${open.repeat(depth)}1${close.repeat(depth)},`);
  const bodies: [string, string | Uint8Array, number][] = [
    ["malformed UTF-8", new Uint8Array([...new TextEncoder().encode(json.slice(0, -1)), 0xc3, 0x28, 0x7d]), 400],
    ["a UTF-8 byte order mark", `\uFEFF${json}`, 201],
    ["UTF-16", Buffer.from(json, "utf16le"), 400],
    ["duplicate members", json.replace('"merchantReference"', '"merchantReference":5,"merchantReference"'), 201],
    [
      "duplicate members, the last one invalid",
      json.replace("{", '{"merchantReference":"a",').replace("order-1001", ""),
      400,
    ],
    ["objects nested 99 deep", deep('{"a":', "}", 99), 201],
    ["objects nested 5,000 deep", deep('{"a":', "}", 5000), 400],
    ["arrays nested 20,000 deep", deep("[", "]", 20_000), 400],
    ["arrays nested 20,000 deep and never closed", "[".repeat(20_000), 400],
    ["__proto__ as a member", json.replace("{", '{"__proto__":{"merchantReference":"x"},'), 201],
    [
      "__proto__ in place of a member",
      json.replace('"merchantReference"', '"__proto__":{"merchantReference":"x"},"other"'),
      400,
    ],
    [
      "constructor and toString as members",
      json.replace("{", '{"constructor":1,"toString":2,"hasOwnProperty":3,'),
      201,
    ],
    ["an amount of 1e400", json.replace("200", "1e400"), 400],
    ["an amount of -1e400", json.replace("200", "-1e400"), 400],
    ["an amount of 1e-400", json.replace("200", "1e-400"), 400],
    [
      "an amount of 0.1 with decimals that do not change its value",
      json.replace("200", "0.1000000000000000055511151231257827"),
      201,
    ],
    ["an amount of 0.1 with decimals that change its value", json.replace("200", "0.10000000000001"), 400],
    ["an amount of -0", json.replace("200", "-0"), 400],
    ["an amount of NaN", json.replace("200", "NaN"), 400],
    ["an amount in hexadecimal", json.replace("200", "0xC8"), 400],
    ["an amount with a leading zero", json.replace("200", "0200"), 400],
    ["a comment", json.replace("{", "{/* note */"), 400],
    ["a trailing comma", json.replace(/}$/, ",}"), 400],
    ["two values", `${json}${json}`, 400],
    ["a lone surrogate", json.replace("order-1001", "\\ud800"), 201],
    ["only blanks", "   \n", 400],
    ["a form", "processingAccountId=x&amount=5", 400],
  ];
  test.each(bodies)("%s", async (_, body, status) => {
    await using sandbox = await createSandbox();
    for (const target of ["/v1/payments", "/v1/payments?idempotencyKey=12345678"]) {
      const answer = await sandbox.fetch(target, { method: "POST", body: body as string });
      const text = await answer.text();
      expect([answer.status, JSON.parse(text).reason.code]).toEqual([
        status,
        status === 201 ? "required_next_step" : expect.any(String),
      ]);
      const { hmacKey } = sandbox.credentials;
      expect(verifyResponse({ signature: answer.headers.get("x-signature"), body: text, hmacKey })).toBe(true);
    }
  });

  test.each([
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "nonsense",
    "",
  ])("the content type %j makes no difference", async (type) => {
    await using sandbox = await createSandbox();
    expect((await post(sandbox, "/v1/payments", paymentRequest(), { "Content-Type": type })).status).toBe(201);
  });

  test.each([
    ["/v1/payments/%zz", 404],
    ["/v1/payments/%", 404],
    ["/v1/payments/%00", 404],
    ["/v1/payments/%2e%2e", 404],
    ["/v1/payments/%ff%fe", 404],
    ["/v1//payments", 404],
    ["/v1/payments/", 404],
    ["/v1", 404],
    ["/V1/payments", 404],
    ["/v1/payments?limit=%zz", 400],
    ["/v1/payments?%zz=1", 200],
    ["/v1/payments?=1&&&==", 200],
    ["/v1/payments?merchantReference=%ff", 200],
    ["/v1/payments?__proto__=1&constructor=2", 200],
    [`/v1/payments?${Array.from({ length: 1000 }, (_, index) => `p${index}=${index}`).join("&")}`, 200],
    [`/v1/payments?${"limit=1&".repeat(1000)}`, 200],
  ])("GET %s", async (target, status) => {
    await using sandbox = await createSandbox();
    const url = new URL(await sandbox.listen());
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const outgoing = httpRequest({ hostname: url.hostname, port: url.port, path: target }, async (incoming) => {
        let body = "";
        for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
        resolve({ status: incoming.statusCode ?? 0, body });
      });
      outgoing.on("error", reject).end();
    });
    expect(answer.status).toBe(status);
    if (status !== 200) expect(codes).toContain(JSON.parse(answer.body).reason.code);
  });

  test.each([
    ["is ignored: the signature covers the empty string", "hello", "", 200],
    ["is ignored even if it is large", "x".repeat(70_000), "", 200],
    ["must not be signed", "hello", "hello", 401],
  ])("a body on GET %s", async (_, body, signedBody, status) => {
    await using sandbox = await createSandbox({ auth: "require" });
    const { hostname, port } = new URL(await sandbox.listen());
    const { kid, privateKey } = sandbox.credentials;
    const signature = signRequest({ method: "GET", target: "/v1/payments", body: signedBody, kid, privateKey });
    const answered = await new Promise((resolve, reject) => {
      const headers = { "Content-Length": body.length, "X-Signature": signature };
      const outgoing = httpRequest({ hostname, port, path: "/v1/payments", headers }, (answer) =>
        resolve(answer.statusCode),
      );
      outgoing.on("error", reject).end(body);
    });
    expect(answered).toBe(status);
  });

  test("refuses a body that ends early", async () => {
    await using sandbox = await createSandbox();
    const parts = ["{", '"merchantReference":'];
    const body = new ReadableStream({
      pull(controller) {
        const part = parts.shift();
        if (part === undefined) controller.error(new Error("the client is gone"));
        else controller.enqueue(new TextEncoder().encode(part));
      },
    });
    const answer = await sandbox.fetch("/v1/payments", { method: "POST", body, duplex: "half" } as RequestInit);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ path: "", description: "The body broke off." }] });
  });

  test("a client that disconnects during its body does not affect other requests", async () => {
    await using sandbox = await createSandbox();
    const { hostname, port } = new URL(await sandbox.listen());
    await new Promise<void>((resolve) => {
      const headers = { "Content-Length": 1000 };
      const outgoing = httpRequest({ hostname, port, path: "/v1/payments", method: "POST", headers });
      outgoing.on("error", () => resolve());
      outgoing.write("{", () => outgoing.destroy(new Error("gone")));
    });
    expect((await post(sandbox, "/v1/payments", paymentRequest())).status).toBe(201);
  });
});

test("a defect gives a signed 500 without internal details", async () => {
  await using sandbox = await createSandbox();
  const request = new Request("http://localhost/v1/payments");
  const headers = new Headers();
  const get = (name: string) => {
    if (name.toLowerCase() === "x-signature") throw new Error("at secret.ts:1");
    return null;
  };
  Object.defineProperty(headers, "get", { value: get });
  Object.defineProperty(request, "headers", { value: headers });
  const answer = await sandbox.fetch(request);
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(JSON.parse(text)).toEqual({ reason: { code: "internal_error", description: expect.any(String) } });
  expect(text).not.toContain("secret");
  const { hmacKey } = sandbox.credentials;
  expect(verifyResponse({ signature: answer.headers.get("x-signature"), body: text, hmacKey })).toBe(true);
});

test("the diagnosis of a GET with a signed body names the mistake", async () => {
  await using sandbox = await createSandbox();
  const { hostname, port } = new URL(await sandbox.listen());
  const { kid, privateKey } = sandbox.credentials;
  const body = JSON.stringify(paymentRequest());
  const signature = signRequest({ method: "GET", target: "/v1/payments", body, kid, privateKey });
  const diagnosis = await new Promise((resolve, reject) => {
    const headers = { "Content-Length": body.length, "X-Signature": signature };
    const outgoing = httpRequest({ hostname, port, path: "/v1/payments", headers }, (answer) =>
      resolve(answer.headers["x-sandbox-diagnosis"]),
    );
    outgoing.on("error", reject).end(body);
  });
  expect(diagnosis).toContain("made over the body of the GET, which is ignored");
});

test("a secret that was sent as kid is not repeated", async () => {
  await using sandbox = await createSandbox();
  const { privateKey, hmacKey } = sandbox.credentials;
  for (const kid of [privateKey, hmacKey, `key: ${hmacKey}`]) {
    const signature = signRequest({ method: "POST", target: "/v1/payments", kid, privateKey });
    const answer = await post(sandbox, "/v1/payments", "", { "X-Signature": signature });
    const repeated = answer.headers.get("x-sandbox-diagnosis") + (await get(sandbox, "/_sandbox/requests")).text;
    expect(answer.status).toBe(401);
    expect(repeated).not.toContain(hmacKey);
    expect(repeated).not.toContain(privateKey.split("\n")[1]);
    expect(repeated).toMatch(/\(a (secret|private key)\)/);
  }
});

test("the diagnosis is in the request log but not in the body", async () => {
  await using sandbox: Sandbox = await frozenSandbox();
  const answer = await post(sandbox, "/v1/payments", paymentRequest(), { "X-Signature": "a.b" });
  expect(answer.body).toEqual({
    reason: { code: "unauthorized", description: "The request's signature is missing or wrong." },
  });
  const diagnosis = answer.headers.get("x-sandbox-diagnosis") ?? "";
  expect(diagnosis).not.toBe("");
  expect(answer.text).not.toContain(diagnosis);
  const log = await get(sandbox, "/_sandbox/requests");
  expect(log.body.data).toEqual([
    {
      id: "1",
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      method: "POST",
      target: "/v1/payments",
      status: 401,
      durationMs: expect.any(Number),
      signature: "wrong",
      sentSignature: "redacted",
      diagnosis,
      body: JSON.stringify(paymentRequest()),
      answer: answer.text,
      at: "2026-01-05T09:00:00.000Z",
    },
  ]);
});
