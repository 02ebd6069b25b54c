import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** Reads all pages of a list. Calls `between` after each page. */
async function pagesOf(sandbox: Sandbox, target: string, between: () => Promise<unknown> = async () => undefined) {
  const pages: { id: string }[][] = [];
  for (let cursor = ""; ; ) {
    const { status, body } = await get(sandbox, `${target}${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    pages.push(body.data);
    if (body.nextCursor === undefined) return pages;
    cursor = `&cursor=${body.nextCursor}`;
    await between();
  }
}

const idsOf = (pages: { id: string }[][]) => pages.flat().map(({ id }) => id);

async function createMany(sandbox: Sandbox, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) ids.push((await createPayment(sandbox)).id);
  return ids;
}

describe("GET /v1/payments", () => {
  test("lists payments as GET /v1/payments/{id} returns them, newest first, twenty on a page", async () => {
    await using sandbox = await frozenSandbox();
    const ids = await createMany(sandbox, 21);
    const first = await get(sandbox, "/v1/payments");
    expect(first.body.data.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed().slice(0, 20));
    expect(first.body.data[0]).toEqual((await get(sandbox, `/v1/payments/${ids[20]}`)).body);
    const last = await get(sandbox, `/v1/payments?cursor=${first.body.nextCursor}`);
    expect(last.body).toEqual({ data: [expect.objectContaining({ id: ids[0] })] });
  });

  test("an empty list is one empty page", async () => {
    await using sandbox = await frozenSandbox();
    expect((await get(sandbox, "/v1/payments")).body).toEqual({ data: [] });
  });

  test.each([1, 2, 3, 7, 100])("pages of %i skip and repeat nothing while payments are created", async (limit) => {
    await using sandbox = await frozenSandbox();
    const ids = await createMany(sandbox, 7);
    const pages = await pagesOf(sandbox, `/v1/payments?limit=${limit}`, () => createMany(sandbox, 2));
    expect(idsOf(pages)).toEqual(ids.toReversed());
  });

  test("the last page has no cursor, also if it is full", async () => {
    await using sandbox = await frozenSandbox();
    await createMany(sandbox, 4);
    expect((await pagesOf(sandbox, "/v1/payments?limit=2")).map((page) => page.length)).toEqual([2, 2]);
  });

  describe("filters", () => {
    async function day(sandbox: Sandbox) {
      const one = await createPaidPayment(sandbox);
      await sandbox.clock.advance("PT1H");
      const two = await post(sandbox, "/v1/payments", { ...paymentRequest(), merchantReference: "other" });
      await sandbox.clock.advance("PT1H");
      const three = await createPayment(sandbox, { account });
      return { one: one.id, two: two.body.id as string, three: three.id };
    }
    test.each([
      ["", ["three", "two", "one"]],
      ["status=captured", ["one"]],
      ["status=aborted", ["two"]],
      ["status=pending", ["three"]],
      ["status=approved", []],
      ["merchantReference=order-1001", ["three", "one"]],
      ["merchantReference=other", ["two"]],
      ["merchantReference=nobody", []],
      ["merchantReference=order-1001&status=captured", ["one"]],
      ["merchantReference=other&status=captured", []],
      [`processingAccountId=${account}`, ["three"]],
      ["processingAccountId=2HdN2jq6XWmlkhqRC2gDTNYCvNH", ["two", "one"]],
      ["processingAccountId=2HdN2jq6XWmlkhqRC2gDTNYCvNH&status=captured", ["one"]],
      [`processingAccountId=${account}&merchantReference=order-1001`, ["three"]],
      ["fromTime=2026-01-05T10:00:00Z", ["two"]],
      ["fromTime=2026-01-05T10:00:00.001Z", []],
      ["toTime=2026-01-05T10:00:00Z", ["three", "one"]],
      ["fromTime=2026-01-05T17:00:00%2B08:00&toTime=2026-01-05T18:00:00%2B08:00", ["three", "one"]],
      ["colour=teal&limit=2", ["three", "two"]],
      ["status=captured&status=aborted", ["two"]],
    ])("?%s", async (query, names) => {
      await using sandbox = await frozenSandbox();
      const ids = await day(sandbox);
      const { body } = await get(sandbox, `/v1/payments?${query}`);
      expect(body.data.map(({ id }: { id: string }) => id)).toEqual(names.map((name) => ids[name as keyof typeof ids]));
    });
  });

  test("pages are full although the filter excludes many payments", async () => {
    await using sandbox = await frozenSandbox();
    const paid: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      paid.unshift((await createPaidPayment(sandbox)).id);
      await createMany(sandbox, 30);
    }
    const pages = await pagesOf(sandbox, "/v1/payments?limit=3&fromTime=2026-01-01T00:00:00Z&status=captured");
    expect(pages.map((page) => page.length)).toEqual([3, 2]);
    expect(idsOf(pages)).toEqual(paid);
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=ten", "limit"],
    ["limit=", "limit"],
    ["limit=1e1", "limit"],
    ["fromTime=yesterday", "fromTime"],
    ["fromTime=2026-01-05", "fromTime"],
    ["toTime=2026-01-05T10:00:00+08:00", "toTime"],
    ["status=paid", "status"],
    ["status=", "status"],
    ["cursor=x", "cursor"],
    ["cursor=", "cursor"],
    ["cursor=MQ==", "cursor"],
    ["cursor=LTE", "cursor"],
    ["cursor=dHJhbnNhY3Rpb25zIDE", "cursor"],
    ["processingAccountId=x", "processingAccountId"],
  ])("?%s has an error at %s", async (query, path) => {
    await using sandbox = await frozenSandbox();
    const { status, body } = await get(sandbox, `/v1/payments?${query}`);
    expect([status, body.reason.code]).toEqual([400, "invalid_request"]);
    expect(body.errors).toEqual([{ path, code: "invalid_request", description: expect.any(String) }]);
  });

  test("refuses an unknown account by its code", async () => {
    await using sandbox = await frozenSandbox();
    for (const target of ["/v1/payments?", "/v1/transactions?", "/v1/requests/payments?idempotencyKey=12345678&"]) {
      const { status, body } = await get(sandbox, `${target}processingAccountId=${account}`);
      expect([status, body.reason.code, body.errors[0].path]).toEqual([
        400,
        "unknown_processing_account",
        "processingAccountId",
      ]);
    }
  });
});

test("refuses a cursor of another list", async () => {
  await using sandbox = await frozenSandbox();
  for (let count = 0; count < 2; count += 1) await createPaidPayment(sandbox);
  for (const [list, other] of [
    ["payments", "transactions"],
    ["transactions", "payments"],
  ]) {
    const { nextCursor } = (await get(sandbox, `/v1/${list}?limit=1`)).body;
    expect((await get(sandbox, `/v1/${list}?limit=1&cursor=${nextCursor}`)).body.data).toHaveLength(1);
    const refused = await get(sandbox, `/v1/${other}?limit=1&cursor=${nextCursor}`);
    expect([refused.status, refused.body.errors?.[0].path]).toEqual([400, "cursor"]);
  }
});

describe("GET /v1/transactions", () => {
  test("has one entry for each movement of money, and none for a hold", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await createPayment(sandbox);
    const refunded = await post(sandbox, `/v1/payments/${id}/refunds`, {
      merchantReference: "return-7",
      amount: { value: 50, currency: "hkd" },
    });
    const payment = {
      id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
      type: "payment",
      merchantReference: "order-1001",
      status: "captured",
      paymentId: id,
      amount: { value: 200, currency: "hkd" },
      createTime: "2026-01-05T09:00:00.000Z",
    };
    expect((await get(sandbox, "/v1/transactions")).body).toEqual({ data: [payment] });
    await sandbox.clock.advance("PT2S");
    const refund = {
      ...payment,
      type: "refund",
      merchantReference: "return-7",
      status: "refunded",
      refundId: refunded.body.id,
      amount: { value: 50, currency: "hkd" },
      createTime: "2026-01-05T09:00:02.000Z",
    };
    const { body } = await get(sandbox, "/v1/transactions");
    expect(body).toEqual({ data: [refund, payment] });
    for (const transaction of body.data) {
      expect((await get(sandbox, `/v1/transactions/${transaction.id}`)).body).toEqual(transaction);
    }
  });

  test("can be reconciled with the notifications: each is about one movement", async () => {
    const received: { payload: Record<string, unknown> }[] = [];
    const webhook = async (request: Request) => {
      received.unshift((await request.json()) as (typeof received)[number]);
      return new Response();
    };
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPaidPayment(sandbox);
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "return-7" });
    await sandbox.clock.advance("PT2S");
    const { data } = (await get(sandbox, "/v1/transactions")).body;
    expect(received).toHaveLength(2);
    expect(
      received.map(({ payload }) => [payload.paymentId ?? payload.id, payload.status, payload.merchantReference]),
    ).toEqual(data.map((each: Record<string, unknown>) => [each.paymentId, each.status, each.merchantReference]));
    expect(data.map(({ refundId }: { refundId?: string }) => refundId)).toEqual([received[0]?.payload.id, undefined]);
  });

  test("keeps the status of the movement when the payment changes later", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const [paid] = (await get(sandbox, "/v1/transactions")).body.data;
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "return-7" });
    await sandbox.clock.advance("PT2S");
    expect((await get(sandbox, `/v1/payments/${id}`)).body.status).toBe("refunded");
    expect((await get(sandbox, `/v1/transactions/${paid.id}`)).body).toEqual(paid);
  });

  test("has the pages and filters of GET /v1/payments", async () => {
    await using sandbox = await frozenSandbox();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift((await createPaidPayment(sandbox)).id);
    const pages = await pagesOf(sandbox, "/v1/transactions?limit=2", () => createPaidPayment(sandbox));
    expect(pages.flat().map((entry) => (entry as unknown as { paymentId: string }).paymentId)).toEqual(ids);
    expect((await get(sandbox, "/v1/transactions?toTime=2026-01-05T09:00:00Z")).body.data).toEqual([]);
    expect((await get(sandbox, "/v1/transactions?limit=x")).body.errors[0].path).toBe("limit");
  });

  test("does not find unknown ids and ids of payments", async () => {
    await using sandbox = await frozenSandbox({ seed: "teal" });
    const { id } = await createPaidPayment(sandbox);
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "r" });
    expect((await get(sandbox, "/v1/transactions/x")).status).toBe(404);
    expect((await get(sandbox, `/v1/transactions/${id}`)).status).toBe(404);
  });
});
