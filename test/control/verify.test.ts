import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { signWithJose } from "../support/jose-merchant.ts";
import { createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

const verify = (sandbox: Sandbox, body: unknown) => post(sandbox, "/_sandbox/requests/verify", body);

/** A sandbox with four requests: two payments, one refused payment, and a read with a query. */
async function withRequests(): Promise<{ sandbox: Sandbox; id: string }> {
  const sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  await createPayment(sandbox, { amount: 300 });
  await post(sandbox, "/v1/payments", { ...paymentRequest({ amount: 0.01 }), items: [{ sku: "a" }, { sku: null }] });
  await get(sandbox, "/v1/payments?limit=5&status=pending&status=captured&merchantReference=");
  return { sandbox, id };
}

/** One sandbox for tests that only verify, because the log does not contain these requests. */
let shared: Sandbox;
beforeAll(async () => {
  shared = (await withRequests()).sandbox;
});
afterAll(() => shared?.close());

describe("a match", () => {
  test.each([
    [{}, 4],
    [{ method: "POST" }, 3],
    [{ method: "DELETE" }, 0],
    [{ path: "/v1/payments" }, 4],
    [{ path: "/v1/*" }, 4],
    [{ path: "/*/payments" }, 4],
    [{ path: "/*" }, 0],
    [{ path: "/v1/pay*" }, 0],
    [{ path: "/v1/payments/*" }, 0],
    [{ path: "/v1/payments/" }, 0],
    [{ query: {} }, 4],
    [{ query: { limit: "5" } }, 1],
    [{ query: { limit: "5", status: "captured", merchantReference: "" } }, 1],
    [{ query: { status: "pending" } }, 0],
    [{ query: { constructor: "5" } }, 0],
    [{ status: 201 }, 2],
    [{ status: 400 }, 1],
    [{ signature: "unsigned" }, 4],
    [{ signature: "signed" }, 0],
    [{ body: {} }, 3],
    [{ body: { amount: { value: 200 } } }, 1],
    [{ body: { amount: { value: "200" } } }, 0],
    [{ body: { amount: { currency: "hkd" }, merchantReference: "order-1001" } }, 3],
    [{ body: { amount: [] } }, 0],
    [{ body: { items: [{}, {}] } }, 1],
    [{ body: { items: [{ sku: "a" }, { sku: null }] } }, 1],
    [{ body: { items: [{ sku: null }, { sku: "a" }] } }, 0],
    [{ body: { items: [{ sku: "a" }] } }, 0],
    [{ body: { items: { length: 2 } } }, 0],
    [{ body: { toString: {} } }, 0],
    [{ body: [] }, 0],
    [{ body: null }, 0],
    [{ method: "POST", path: "/v1/payments", status: 201, body: { amount: { value: 300 } } }, 1],
    [{ method: "GET", status: 201 }, 0],
  ])("%j matches %i", async (match, count) => {
    const answer = await verify(shared, { match, exactly: count });
    expect([answer.status, answer.body]).toEqual([200, { count }]);
  });

  test("compares only own members of a body", async () => {
    const answer = await verify(shared, '{ "match": { "body": { "__proto__": {} } } }');
    expect([answer.status, answer.body.count]).toEqual([409, 0]);
  });

  test("accepts * for one segment of a path that is not empty", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await get(sandbox, `/v1/payments/${id}?x=1`);
    await get(sandbox, "/v1/payments/");
    await get(sandbox, `/v1/payments/${id}/refunds`);
    expect((await verify(sandbox, { match: { path: "/v1/payments/*" }, exactly: 1 })).status).toBe(200);
    expect((await verify(sandbox, { match: { path: `/v1/payments/${id}` }, exactly: 1 })).status).toBe(200);
    expect((await verify(sandbox, { match: { path: "/v1/*/*/refunds" }, exactly: 1 })).status).toBe(200);
  });

  test("compares the verdict on the signature", async () => {
    await using sandbox = await frozenSandbox();
    const { kid, privateKey } = sandbox.credentials;
    const signature = await signWithJose({ method: "GET", target: "/v1/payments", kid, privateKey });
    await get(sandbox, "/v1/payments", { "X-Signature": signature });
    await get(sandbox, "/v1/payments?limit=1", { "X-Signature": signature });
    for (const [verdict, status] of [
      ["signed", 200],
      ["wrong", 401],
    ] as const) {
      const match = { signature: verdict, status };
      expect((await verify(sandbox, { match, exactly: 1 })).status).toBe(200);
    }
  });

  test("uses the log of one world", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox, { account });
    expect((await verify(sandbox, { processingAccountId: account, match: {}, exactly: 1 })).status).toBe(200);
    expect((await verify(sandbox, { match: {}, exactly: 0 })).status).toBe(200);
    expect((await verify(sandbox, { processingAccountId: "x", match: {} })).status).toBe(404);
  });
});

describe("the expected number of matches", () => {
  test.each([
    [{}, 200],
    [{ atLeast: 0 }, 200],
    [{ atLeast: 2 }, 200],
    [{ atLeast: 3 }, 409],
    [{ atMost: 2 }, 200],
    [{ atMost: 1 }, 409],
    [{ atMost: 0 }, 409],
    [{ exactly: 2 }, 200],
    [{ exactly: 1 }, 409],
    [{ exactly: 3 }, 409],
    [{ atLeast: 1, atMost: 2 }, 200],
    [{ atLeast: 3, atMost: 4 }, 409],
    [{ atLeast: 0, atMost: 1 }, 409],
  ])("two match, %j: %i", async (wanted, status) => {
    const answer = await verify(shared, { match: { status: 201 }, ...wanted });
    expect([answer.status, answer.body.count]).toEqual([status, 2]);
  });

  test("is at least one by default, and can be zero if only atMost is given", async () => {
    await using sandbox = await frozenSandbox();
    expect((await verify(sandbox, { match: {} })).status).toBe(409);
    expect((await verify(sandbox, { match: {}, atMost: 5 })).status).toBe(200);
  });
});

describe("a failed verification", () => {
  test("returns the nearest requests and their differences", async () => {
    const { sandbox } = await withRequests();
    const match = {
      method: "POST",
      path: "/v1/payments",
      status: 201,
      body: { amount: { value: 250, currency: "hkd" }, colour: "teal" },
    };
    const answer = await verify(sandbox, { match });
    expect(answer.status).toBe(409);
    expect(answer.body.reason).toEqual({ code: "not_matched", description: "0 requests match; wanted: at least 1." });
    expect(answer.body.count).toBe(0);
    const log = (await get(sandbox, "/_sandbox/requests")).body.data;
    const value = (actual: number) => ({ path: "body.amount.value", expected: 250, actual });
    const colour = { path: "body.colour", expected: "teal" };
    expect(answer.body.nearest).toEqual([
      { request: log[2], differences: [value(300), colour] },
      { request: log[3], differences: [value(200), colour] },
      {
        request: log[1],
        differences: [{ path: "status", expected: 201, actual: 400 }, value(0.01), colour],
      },
    ]);
    await sandbox.close();
  });

  test("sorts requests by matching values, then newest first", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/v1/payments", "not JSON");
    await get(sandbox, "/v1/payments?limit=7");
    await post(sandbox, "/v1/refunds", { a: 1 });
    await post(sandbox, "/v1/refunds", { a: 1, b: 2 });
    await post(sandbox, "/v1/refunds", { a: 1 });
    const nearest = async (match: unknown) =>
      (await verify(sandbox, { match })).body.nearest.map(
        ({ request, differences }: { request: { id: string }; differences: unknown }) => [request.id, differences],
      );
    expect(await nearest({ body: { a: 1, b: 2, c: { d: 3, e: 4 } } })).toEqual([
      ["4", [{ path: "body.c", expected: { d: 3, e: 4 } }]],
      [
        "5",
        [
          { path: "body.b", expected: 2 },
          { path: "body.c", expected: { d: 3, e: 4 } },
        ],
      ],
      [
        "3",
        [
          { path: "body.b", expected: 2 },
          { path: "body.c", expected: { d: 3, e: 4 } },
        ],
      ],
    ]);
    expect((await nearest({ method: "GET", query: { limit: "8", status: "captured" } }))[0]).toEqual([
      "2",
      [
        { path: "query.limit", expected: "8", actual: "7" },
        { path: "query.status", expected: "captured" },
      ],
    ]);
    expect(await nearest({ method: "POST", path: "/v1/payments", body: { a: 1 } })).toEqual([
      ["5", [{ path: "path", expected: "/v1/payments", actual: "/v1/refunds" }]],
      ["4", [{ path: "path", expected: "/v1/payments", actual: "/v1/refunds" }]],
      ["3", [{ path: "path", expected: "/v1/payments", actual: "/v1/refunds" }]],
    ]);
    expect((await nearest({ path: "/v1/payments", status: 400, method: "POST", body: { a: 1 } }))[0]).toEqual([
      "1",
      [{ path: "body", expected: { a: 1 }, actual: "not JSON" }],
    ]);
    expect((await nearest({ method: "GET", body: { a: 1 } })).at(-1)[1]).toEqual([
      { path: "method", expected: "GET", actual: "POST" },
    ]);
  });

  test("returns the newest matches if too many match", async () => {
    const { sandbox } = await withRequests();
    const answer = await verify(sandbox, { match: { path: "/v1/payments" }, atLeast: 1, atMost: 2 });
    expect(answer.body.reason.description).toBe(
      "4 requests match; wanted: at least 1 and at most 2. The newest that match are in nearest.",
    );
    const log = (await get(sandbox, "/_sandbox/requests")).body.data;
    expect(answer.body.nearest).toEqual(log.slice(0, 3).map((request: unknown) => ({ request, differences: [] })));
    const one = await verify(sandbox, { match: { status: 400 }, exactly: 2 });
    expect(one.body.reason.description).toBe("1 request matches; wanted: exactly 2.");
    await sandbox.close();
  });
});

test.each([
  [{}, "match"],
  [{ match: { colour: "teal" } }, "match.colour"],
  [{ match: { headers: {} } }, "match.headers"],
  [{ match: { method: "post" } }, "match.method"],
  [{ match: { path: "v1/payments" } }, "match.path"],
  [{ match: { path: "/v1/payments?limit=1" } }, "match.path"],
  [{ match: { query: { limit: 1 } } }, "match.query.limit"],
  [{ match: { query: "limit=1" } }, "match.query"],
  [{ match: { status: "201" } }, "match.status"],
  [{ match: { status: 20 } }, "match.status"],
  [{ match: { signature: "right" } }, "match.signature"],
  [{ match: {}, atLeast: -1 }, "atLeast"],
  [{ match: {}, atMost: 1.5 }, "atMost"],
  [{ match: {}, exactly: "1" }, "exactly"],
  [{ match: {}, exactly: 1, atMost: 1 }, "exactly"],
  [{ match: {}, atLeast: 2, atMost: 1 }, "atLeast"],
  [{ match: {}, times: 1 }, "times"],
  ["", ""],
])("%j has an error at %j", async (body, path) => {
  const answer = await verify(shared, body);
  expect([answer.status, answer.body.errors]).toEqual([
    400,
    [{ path, code: "invalid_request", description: expect.any(String) }],
  ]);
});
