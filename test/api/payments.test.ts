import { describe, expect, test } from "vitest";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

describe("the track of a payment", () => {
  const outcomes = [
    ["pay", undefined, "captured", undefined],
    ["decline", undefined, "declined", "payment_declined"],
    ["decline", "insufficient_funds", "declined", "insufficient_funds"],
    ["decline", "limit_exceeded", "declined", "limit_exceeded"],
    ["decline", "risk_rejected", "declined", "risk_rejected"],
    ["cancel", undefined, "aborted", "cancelled_by_consumer"],
    ["expire", undefined, "aborted", "expired"],
    ["fail", undefined, "failed", "processing_error"],
  ] as const;
  test.each(outcomes)("after %s (%s) has the status %s", async (action, declineReason, status, reason) => {
    await using sandbox = await frozenSandbox();
    const { id, trackingUrl } = await createPayment(sandbox);
    await sandbox.payments.act(id, action, declineReason);
    const { body } = await get(sandbox, trackingUrl);
    expect(body).toEqual({
      id,
      merchantReference: "order-1001",
      status,
      trackingUrl,
      ...(reason === undefined ? {} : { reason: { code: reason, description: expect.any(String) } }),
    });
  });
});

test("the track of a pending payment is the answer to its creation", async () => {
  await using sandbox = await frozenSandbox();
  const created = await createPayment(sandbox);
  expect((await get(sandbox, created.trackingUrl)).body).toEqual(created);
});

test("GET by id also returns the amount and times", async () => {
  await using sandbox = await frozenSandbox();
  const created = await createPayment(sandbox, { amount: 128.5 });
  const read = await get(sandbox, `/v1/payments/${created.id}`);
  expect(read.status).toBe(200);
  expect(read.body).toEqual({
    ...created,
    amount: { value: 128.5, currency: "hkd" },
    createTime: "2026-01-05T09:00:00.000Z",
    updateTime: "2026-01-05T09:00:00.000Z",
  });
  await sandbox.clock.advance("PT5M");
  await sandbox.payments.act(created.id, "pay");
  expect((await get(sandbox, `/v1/payments/${created.id}`)).body).toMatchObject({
    createTime: "2026-01-05T09:00:00.000Z",
    updateTime: "2026-01-05T09:05:00.000Z",
  });
});

describe("expiry", () => {
  test("a pending payment is aborted exactly thirty minutes after its creation", async () => {
    await using sandbox = await frozenSandbox();
    const { id, trackingUrl } = await createPayment(sandbox);
    await sandbox.clock.advance("PT29M59.999S");
    expect((await get(sandbox, trackingUrl)).body.status).toBe("pending");
    await sandbox.clock.advance("PT0.001S");
    expect((await get(sandbox, `/v1/payments/${id}`)).body).toMatchObject({
      status: "aborted",
      reason: { code: "expired" },
      updateTime: "2026-01-05T09:30:00.000Z",
    });
  });

  test("the expiry has its own time, although the clock is advanced further", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("P1D");
    expect((await get(sandbox, `/v1/payments/${id}`)).body.updateTime).toBe("2026-01-05T09:30:00.000Z");
  });

  test("a payment that was paid does not expire", async () => {
    await using sandbox = await frozenSandbox();
    const { trackingUrl } = await createPaidPayment(sandbox);
    expect((await sandbox.clock.advance("P1D")).ran).toBe(0);
    expect((await get(sandbox, trackingUrl)).body.status).toBe("captured");
  });

  test("the expiry delay is a setting", async () => {
    await using sandbox = await frozenSandbox({ settings: { expiryMs: 60_000 } });
    const { trackingUrl } = await createPayment(sandbox);
    await sandbox.clock.advance("PT1M");
    expect((await get(sandbox, trackingUrl)).body.status).toBe("aborted");
  });
});

test.each([
  "/v1/payments/0ujtsYcgvSTl8PAuAdqWYSMnLOv",
  "/v1/payments/x",
  "/v1/tracks/payments/x",
  "/v1/tracks/refunds/x",
  "/v1/x",
])("%s is not found", async (target) => {
  await using sandbox = await frozenSandbox();
  const { status, body } = await get(sandbox, target);
  expect(status).toBe(404);
  expect(body).toEqual({ reason: { code: "not_found", description: expect.any(String) } });
});

test.each([
  ["PUT", "/v1/payments", "POST, GET, HEAD"],
  ["DELETE", "/v1/payments/x", "GET, HEAD"],
  ["PUT", "/v1/payments/x/refunds", "POST"],
  ["POST", "/v1/tracks/payments/x", "GET, HEAD"],
  ["PATCH", "/v1/tracks/refunds/x", "GET, HEAD"],
])("%s %s is not allowed, but %s is", async (method, target, allow) => {
  await using sandbox = await frozenSandbox();
  const response = await sandbox.fetch(target, { method });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe(allow);
  expect(await response.json()).toMatchObject({ reason: { code: "method_not_allowed" } });
});

test("HEAD has the status and the content type of GET, without a body", async () => {
  await using sandbox = await frozenSandbox();
  const { id, trackingUrl } = await createPayment(sandbox);
  const paths = [
    "/v1/payments",
    `/v1/payments/${id}`,
    trackingUrl,
    "/v1/transactions",
    "/v1/payments/x",
    "/v1/credits/x",
  ];
  for (const path of paths) {
    const read = await sandbox.fetch(path);
    const head = await sandbox.fetch(path, { method: "HEAD" });
    expect([path, head.status, head.headers.get("content-type")]).toEqual([
      path,
      read.status,
      read.headers.get("content-type"),
    ]);
    expect([(await read.text()).length > 0, await head.text()]).toEqual([true, ""]);
  }
});

test("one of twenty concurrent actions succeeds and nineteen are conflicts", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  const acts = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "pay" : "cancel"));
  const answers = await Promise.all(
    acts.map((action) => post(sandbox, `/_sandbox/payments/${id}/actions`, { action })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, ...Array(19).fill(409)]);
});
