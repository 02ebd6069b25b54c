import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const amount = (value: unknown) => ({ value, currency: "hkd" });

async function refund(sandbox: Sandbox, paymentId: string, value?: number) {
  const body = { merchantReference: "refund-1", ...(value === undefined ? {} : { amount: amount(value) }) };
  return post(sandbox, `/v1/payments/${paymentId}/refunds`, body);
}

const statusOf = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/v1/payments/${id}`)).body.status;

test("a refund is pending, then done after the refund delay", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPaidPayment(sandbox);
  const created = await refund(sandbox, id, 50);
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
    merchantReference: "refund-1",
    status: "pending",
    trackingUrl: expect.stringMatching(/^\/v1\/tracks\/refunds\/[\w-]{24}$/),
    reason: { code: "processing", description: expect.any(String) },
  });
  await sandbox.clock.advance("PT1.999S");
  expect((await get(sandbox, created.body.trackingUrl)).body).toEqual(created.body);
  expect(await statusOf(sandbox, id)).toBe("captured");

  await sandbox.clock.advance("PT0.001S");
  const { reason: _pending, ...settled } = created.body;
  expect((await get(sandbox, created.body.trackingUrl)).body).toEqual({ ...settled, status: "partially_refunded" });
  expect(await statusOf(sandbox, id)).toBe("partially_refunded");
});

test.each([
  ["without an amount", undefined],
  ["with the full amount", 200],
])("a refund %s refunds the whole payment", async (_, value) => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPaidPayment(sandbox);
  expect((await refund(sandbox, id, value)).status).toBe(201);
  await sandbox.clock.advance("PT2S");
  expect(await statusOf(sandbox, id)).toBe("refunded");
});

describe("only one partial refund", () => {
  test.each([
    ["while the first is pending, a second part", "PT0S", 10],
    ["while the first is pending, the rest", "PT0S", undefined],
    ["when the first is done, a second part", "PT2S", 10],
    ["when the first is done, the rest", "PT2S", 150],
    ["when the first is done, more than the rest", "PT2S", 1000],
  ])("%s is refused", async (_, later, value) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await refund(sandbox, id, 50);
    await sandbox.clock.advance(later);
    const { status, body } = await refund(sandbox, id, value);
    expect([status, body.reason.code]).toEqual([400, "partial_refund_limit_reached"]);
  });
});

describe("refusals", () => {
  test.each(["pending", "declined", "aborted", "failed"])("a payment that is %s is not refundable", async (status) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const actions = { declined: "decline", aborted: "cancel", failed: "fail" } as const;
    if (status !== "pending") await sandbox.payments.act(id, actions[status as keyof typeof actions]);
    const answer = await refund(sandbox, id);
    expect([answer.status, answer.body.reason.code]).toEqual([400, "payment_not_refundable"]);
    expect(answer.body.errors).toBeUndefined();
  });

  test("a refunded payment is not refundable", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await refund(sandbox, id);
    await sandbox.clock.advance("PT2S");
    expect((await refund(sandbox, id, 1)).body.reason.code).toBe("payment_not_refundable");
  });

  test("refuses an amount above the remaining amount, which the description names", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const { body } = await refund(sandbox, id, 200.01);
    expect(body.reason.code).toBe("refund_amount_exceeded");
    expect(body.reason.description).toContain("HKD 200.00");
  });

  test("a pending refund reserves its amount", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await refund(sandbox, id);
    expect((await refund(sandbox, id, 1)).body.reason.code).toBe("refund_amount_exceeded");
    expect((await refund(sandbox, id)).body.reason.code).toBe("refund_amount_exceeded");
  });

  test("refuses a refund after exactly 365 days", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await sandbox.clock.advance("P365D");
    expect((await refund(sandbox, id, 1)).status).toBe(201);
    await sandbox.clock.advance("PT0.001S");
    expect((await refund(sandbox, id, 1)).body.reason.code).toBe("refund_window_closed");
  });

  test("an unknown payment is not found", async () => {
    await using sandbox = await frozenSandbox();
    expect((await refund(sandbox, "0ujtsYcgvSTl8PAuAdqWYSMnLOv")).status).toBe(404);
  });

  test.each([
    [{}, "merchantReference", "invalid_request"],
    [{ merchantReference: "" }, "merchantReference", "invalid_request"],
    [{ merchantReference: "r", amount: 5 }, "amount", "invalid_request"],
    [{ merchantReference: "r", amount: null }, "amount", "invalid_request"],
    [{ merchantReference: "r", amount: amount("5") }, "amount.value", "invalid_request"],
    [{ merchantReference: "r", amount: amount(0.001) }, "amount.value", "invalid_request"],
    [{ merchantReference: "r", amount: amount(0) }, "amount.value", "amount_below_minimum"],
    [{ merchantReference: "r", amount: { value: 5, currency: "usd" } }, "amount.currency", "unsupported_currency"],
    [{ merchantReference: "r", amount: { value: 5 } }, "amount.currency", "invalid_request"],
  ])("%j has an error at %s: %s", async (body, path, code) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const answer = await post(sandbox, `/v1/payments/${id}/refunds`, body);
    expect(answer.status).toBe(400);
    expect(answer.body.reason.code).toBe(code);
    expect(answer.body.errors).toEqual([{ path, code, description: expect.any(String) }]);
  });

  test("the minimum refund is one cent, below the minimum payment", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    expect((await refund(sandbox, id, 0.01)).status).toBe(201);
  });
});

test("one of twenty concurrent full refunds succeeds", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPaidPayment(sandbox);
  const answers = await Promise.all(Array.from({ length: 20 }, () => refund(sandbox, id)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.filter(({ status }) => status === 400).map(({ body }) => body.reason.code))).toEqual(
    new Set(["refund_amount_exceeded"]),
  );
});
