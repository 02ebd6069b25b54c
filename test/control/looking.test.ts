import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { signWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

/** Reads all pages of a list. */
async function pagesOf(sandbox: Sandbox, target: string): Promise<{ id: string }[][]> {
  const pages: { id: string }[][] = [];
  let cursor = "";
  do {
    const { status, body } = await get(sandbox, `${target}${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    pages.push(body.data);
    cursor = body.nextCursor ?? "";
  } while (cursor !== "");
  return pages;
}

const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);

describe("lists have pages, newest first", () => {
  const five = async (sandbox: Sandbox) => {
    for (let count = 0; count < 5; count += 1) await createPaidPayment(sandbox);
  };

  test.each(["payments", "notifications", "requests"])("%s", async (list) => {
    await using sandbox = await frozenSandbox();
    await five(sandbox);
    await createPaidPayment(sandbox, { account });
    const whole = (await get(sandbox, `/_sandbox/${list}`)).body;
    expect([whole.data.length, whole.nextCursor]).toEqual([5, undefined]);
    const pages = await pagesOf(sandbox, `/_sandbox/${list}?limit=2`);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(whole.data);
    expect((await get(sandbox, `/_sandbox/${list}?limit=5`)).body.nextCursor).toBeUndefined();
  });

  test.each(["payments", "notifications", "requests"])("new records do not shift %s", async (list) => {
    await using sandbox = await frozenSandbox();
    await five(sandbox);
    const whole = idsOf((await get(sandbox, `/_sandbox/${list}`)).body.data);
    const first = (await get(sandbox, `/_sandbox/${list}?limit=2`)).body;
    await createPaidPayment(sandbox);
    const second = (await get(sandbox, `/_sandbox/${list}?limit=2&cursor=${first.nextCursor}`)).body;
    expect(idsOf([...first.data, ...second.data])).toEqual(whole.slice(0, 4));
  });

  test("refuses a cursor of another list", async () => {
    await using sandbox = await frozenSandbox();
    await five(sandbox);
    const lists = ["/_sandbox/payments", "/_sandbox/notifications", "/_sandbox/requests", "/v1/payments"];
    for (const list of lists) {
      const { nextCursor } = (await get(sandbox, `${list}?limit=2`)).body;
      for (const other of lists) {
        const answer = await get(sandbox, `${other}?cursor=${nextCursor}`);
        expect([list, other, answer.status]).toEqual([list, other, list === other ? 200 : 400]);
        if (list !== other) expect(answer.body.errors[0].path).toBe("cursor");
      }
    }
  });

  test.each([
    ["payments", "limit=1001", "limit"],
    ["payments", "status=approved", "status"],
    ["payments", "colour=teal", "colour"],
    ["notifications", "limit=0", "limit"],
    ["notifications", "state=sent", "state"],
    ["notifications", "cursor=", "cursor"],
    ["requests", "limit=two", "limit"],
    ["requests", "cursor=x", "cursor"],
  ])("%s?%s has an error at %s", async (list, query, path) => {
    await using sandbox = await frozenSandbox();
    const answer = await get(sandbox, `/_sandbox/${list}?${query}`);
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, path]);
  });
});

describe("the payments of a world", () => {
  test("are the payments of the API, with their world and expiry", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const theirs = await createPayment(sandbox, { account });
    const asRead = (await get(sandbox, `/v1/payments/${id}`)).body;
    const expireTime = "2026-01-05T09:30:00.000Z";
    expect((await get(sandbox, "/_sandbox/payments")).body).toEqual({
      data: [{ ...asRead, processingAccountId: demo, expireTime }],
    });
    const there = await get(sandbox, `/_sandbox/payments?processingAccountId=${account}`);
    expect(there.body.data).toMatchObject([{ id: theirs.id, processingAccountId: account }]);
  });

  test("include those of another merchant's world, and an unknown world is not found", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: account });
    expect((await get(sandbox, `/_sandbox/payments?processingAccountId=${account}`)).body).toEqual({ data: [] });
    expect((await get(sandbox, "/_sandbox/payments?processingAccountId=x")).status).toBe(404);
  });

  test("can be filtered by status and reference", async () => {
    await using sandbox = await frozenSandbox();
    const pending = await createPayment(sandbox);
    const paid = await createPaidPayment(sandbox);
    const { body: named } = await post(sandbox, "/v1/payments", { ...paymentRequest(), merchantReference: "order-2" });
    const found = async (query: string) => idsOf((await get(sandbox, `/_sandbox/payments?${query}`)).body.data);
    expect(await found("status=captured")).toEqual([paid.id]);
    expect(await found("merchantReference=order-1001")).toEqual([paid.id, pending.id]);
    expect(await found("merchantReference=order-1001&status=pending")).toEqual([pending.id]);
    expect(await found("merchantReference=order-2")).toEqual([named.id]);
    expect(await found("status=refunded")).toEqual([]);
  });
});

describe("notifications", () => {
  test("can be filtered by payment and state, and read by id", async () => {
    let calls = 0;
    await using sandbox = await frozenSandbox({
      webhook: () => {
        calls += 1;
        return new Response(null, { status: calls === 1 ? 500 : 200 });
      },
    });
    const first = await createPaidPayment(sandbox);
    await sandbox.settle();
    const second = await createPaidPayment(sandbox);
    await sandbox.settle();
    const found = async (query: string) => (await get(sandbox, `/_sandbox/notifications?${query}`)).body.data;
    expect(await found(`paymentId=${first.id}`)).toMatchObject([{ paymentId: first.id, state: "retrying" }]);
    expect(await found("state=delivered")).toMatchObject([{ paymentId: second.id }]);
    expect(await found(`paymentId=${first.id}&state=delivered`)).toEqual([]);
    expect(await found(`processingAccountId=${demo}&paymentId=x`)).toEqual([]);
    await createPayment(sandbox, { account });
    expect(await found(`processingAccountId=${account}&paymentId=${first.id}`)).toEqual([]);
    const [notification] = await found("limit=1");
    expect((await get(sandbox, `/_sandbox/notifications/${notification.id}`)).body).toEqual(notification);
    expect((await get(sandbox, "/_sandbox/notifications/x")).status).toBe(404);
  });
});

describe("the request log", () => {
  test("has the request that created the world", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox, { account });
    const { data } = (await get(sandbox, `/_sandbox/requests?processingAccountId=${account}`)).body;
    expect(data).toMatchObject([{ id: "1", method: "POST", target: "/v1/payments", status: 201 }]);
    expect((await get(sandbox, "/_sandbox/requests")).body.data).toEqual([]);
  });

  test("has refused requests for an unknown world in the demo world", async () => {
    await using sandbox = await frozenSandbox({ accounts: "listed" });
    await post(sandbox, "/v1/payments", paymentRequest({ account }));
    expect((await get(sandbox, "/_sandbox/requests")).body.data).toMatchObject([{ status: 400 }]);
  });

  test("names the applied scenario and its trigger", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/v1/payments", paymentRequest(), { "X-Sandbox-Scenario": "server_error_before" });
    await createPayment(sandbox, { amount: 8888.9 });
    await createPayment(sandbox);
    const { data } = (await get(sandbox, "/_sandbox/requests")).body;
    expect(data.map(({ scenario }: { scenario: unknown }) => scenario)).toEqual([
      undefined,
      { name: "paid", trigger: "amount" },
      { name: "server_error_before", trigger: "header" },
    ]);
  });

  test("has no right signature, no key and no token, and a wrong signature only as a detached JWS", async () => {
    await using sandbox = await frozenSandbox({ adminToken: "admin-secret" });
    const { kid, privateKey, hmacKey } = sandbox.credentials;
    const right = await signWithJose({ method: "GET", target: "/v1/payments", kid, privateKey });
    const wrong = await signWithJose({ method: "GET", target: "/v1/refunds", kid, privateKey });
    const token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.c2VjcmV0";
    const headers = { Authorization: "Bearer admin-secret", Cookie: "session=cookie-secret" };
    for (const signature of [right, wrong, `${wrong}x`, "Bearer admin-secret", hmacKey, token]) {
      await get(sandbox, "/v1/payments", { ...headers, "X-Signature": signature });
    }
    const log = await get(sandbox, "/_sandbox/requests");
    const kept = ({ signature, sentSignature }: Record<string, string>) => [signature, sentSignature];
    expect(log.body.data.map(kept).reverse()).toEqual([
      ["signed", undefined],
      ["wrong", wrong],
      ["wrong", `${wrong}x`],
      ...[1, 2, 3].map(() => ["wrong", "redacted"]),
    ]);
    const secrets = [...right.split(".."), ...token.split("."), "admin-secret", "cookie-secret", hmacKey];
    for (const secret of secrets) expect(log.text).not.toContain(secret);
  });

  test("keeps a world's last 1,000 requests", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox, { account });
    for (let count = 0; count < 1003; count += 1) await get(sandbox, "/v1/nothing");
    const { data, nextCursor } = (await get(sandbox, "/_sandbox/requests?limit=1000")).body;
    expect([data.length, data[0].id, data.at(-1).id, nextCursor]).toEqual([1000, "1003", "4", undefined]);
    const there = await get(sandbox, `/_sandbox/requests?processingAccountId=${account}`);
    expect(there.body.data).toHaveLength(1);
  });

  test("keeps at most 8 MiB for a world", async () => {
    await using sandbox = await frozenSandbox();
    const body = JSON.stringify("x".repeat(60_000));
    for (let count = 0; count < 80; count += 1) await post(sandbox, "/v1/payments", body);
    const { data } = (await get(sandbox, "/_sandbox/requests?limit=1000")).body;
    // Each character takes two bytes, so 69 of these bodies fit.
    expect([data.length, data[0].id]).toEqual([69, "80"]);
  });

  test("is empty after a reset, and its ids start at 1 again", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox);
    await sandbox.reset();
    expect((await get(sandbox, "/_sandbox/requests")).body.data).toEqual([]);
    await createPayment(sandbox);
    expect(idsOf((await get(sandbox, "/_sandbox/requests")).body.data)).toEqual(["1"]);
  });
});
