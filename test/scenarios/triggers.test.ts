import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const queue = (sandbox: Sandbox, body: object) => post(sandbox, "/_sandbox/scenarios/next", body);
const waiting = async (sandbox: Sandbox) => (await get(sandbox, "/_sandbox/scenarios/next")).body.data;
const byHeader = (name: string) => ({ "X-Sandbox-Scenario": name });
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

/** Creates a payment and returns its reason or status after its scenario. */
async function outcome(sandbox: Sandbox, amount = 200, headers: Record<string, string> = {}, reference = "order-1001") {
  const { body } = await post(
    sandbox,
    "/v1/payments",
    { ...paymentRequest({ amount }), merchantReference: reference },
    headers,
  );
  await sandbox.clock.advance("PT2S");
  const { status, reason } = (await get(sandbox, `/v1/payments/${body.id}`)).body;
  return reason?.code ?? status;
}

describe("precedence", () => {
  test("the header has precedence over the queue, and the queue over the amount", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { scenario: "declined_risk" });
    expect(await outcome(sandbox, 8888.9, byHeader("failed"))).toBe("processing_error");
    expect(await waiting(sandbox)).toEqual([{ scenario: "declined_risk", times: 1 }]);
    expect(await outcome(sandbox, 8888.9)).toBe("risk_rejected");
    expect(await waiting(sandbox)).toEqual([]);
    expect(await outcome(sandbox, 8888.9)).toBe("captured");
  });

  test("without a scenario the payer decides", async () => {
    await using sandbox = await frozenSandbox();
    expect(await outcome(sandbox)).toBe("required_next_step");
    expect(await outcome(sandbox, 8888.09)).toBe("required_next_step");
  });

  test("amounts select no scenario if the setting is off", async () => {
    await using sandbox = await frozenSandbox({ settings: { magicAmounts: false } });
    expect(await outcome(sandbox, 8888.9)).toBe("required_next_step");
    expect(await outcome(sandbox, 8888.41)).toBe("required_next_step");
    expect(await outcome(sandbox, 8888.41, byHeader("declined"))).toBe("payment_declined");
  });
});

describe("the queue", () => {
  test("applies its scenarios in order, then the payer decides", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { scenario: "declined" });
    await queue(sandbox, { scenario: "paid" });
    expect(await outcome(sandbox)).toBe("payment_declined");
    expect(await outcome(sandbox)).toBe("captured");
    expect(await outcome(sandbox)).toBe("required_next_step");
  });

  test("applies a scenario the given number of times", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { scenario: "failed", times: 2 });
    expect(await outcome(sandbox)).toBe("processing_error");
    expect(await waiting(sandbox)).toEqual([{ scenario: "failed", times: 1 }]);
    expect(await outcome(sandbox)).toBe("processing_error");
    expect(await outcome(sandbox)).toBe("required_next_step");
  });

  test("can be cleared by request and by a reset", async () => {
    await using sandbox = await frozenSandbox();
    for (const empty of [
      () => sandbox.fetch("/_sandbox/scenarios/next", { method: "DELETE" }),
      () => sandbox.reset(),
    ]) {
      await queue(sandbox, { scenario: "failed", times: 9 });
      await empty();
      expect(await waiting(sandbox)).toEqual([]);
      expect(await outcome(sandbox)).toBe("required_next_step");
    }
  });

  test("belongs to one world", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: account });
    await queue(sandbox, { scenario: "declined", processingAccountId: account });
    expect(await outcome(sandbox)).toBe("required_next_step");
    expect((await get(sandbox, `/_sandbox/scenarios/next?processingAccountId=${account}`)).body.data).toHaveLength(1);
  });

  test("is not used by refused requests and replays", async () => {
    await using sandbox = await frozenSandbox();
    const target = "/v1/payments?idempotencyKey=order-1001";
    const first = await post(sandbox, target, paymentRequest());
    await queue(sandbox, { scenario: "server_error_after" });
    expect((await post(sandbox, "/v1/payments", paymentRequest({ amount: 0.01 }))).status).toBe(400);
    const replayed = await post(sandbox, target, paymentRequest(), byHeader("response_lost"));
    expect([replayed.status, replayed.text]).toEqual([201, first.text]);
    expect((await post(sandbox, target, paymentRequest({ amount: 300 }))).status).toBe(409);
    expect(await waiting(sandbox)).toHaveLength(1);
  });

  test("takes a thousand scenarios and refuses another one", async () => {
    await using sandbox = await frozenSandbox();
    for (let count = 0; count < 1000; count += 1) await queue(sandbox, { scenario: "paid" });
    const { status, body } = await queue(sandbox, { scenario: "paid" });
    expect([status, body.reason.code]).toEqual([409, "action_not_allowed"]);
    expect(body.reason.description).toContain("1000 scenarios wait in it");
  });
});

describe("refunds and reads", () => {
  const refundOf = (sandbox: Sandbox, id: string, headers = {}) =>
    post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" }, headers);
  const refundStatus = async (sandbox: Sandbox, id: string) =>
    (await get(sandbox, `/_sandbox/payments/${id}`)).body.refunds.map(({ status }: { status: string }) => status);

  test("a queued refund scenario applies to the next refund, not to payments", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { scenario: { on: "refund", outcome: "fail", after: "PT1H" } });
    const { id } = await createPaidPayment(sandbox);
    await refundOf(sandbox, id);
    await sandbox.clock.advance("PT59M59S");
    expect(await refundStatus(sandbox, id)).toEqual(["pending"]);
    await sandbox.clock.advance("PT1S");
    expect(await refundStatus(sandbox, id)).toEqual(["failed"]);
    await refundOf(sandbox, id);
    await sandbox.clock.advance("PT2S");
    expect(await refundStatus(sandbox, id)).toEqual(["failed", "refunded"]);
  });

  test("the header of a refund can name faults and refund scenarios", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    expect((await refundOf(sandbox, id, byHeader("server_error_before"))).status).toBe(500);
    expect(await refundStatus(sandbox, id)).toEqual([]);
    await refundOf(sandbox, id, byHeader("refund_fails"));
    await sandbox.clock.advance("PT2S");
    expect(await refundStatus(sandbox, id)).toEqual(["failed"]);
    expect((await refundOf(sandbox, id, byHeader("server_error_after"))).status).toBe(500);
    expect(await refundStatus(sandbox, id)).toEqual(["failed", "pending"]);
  });

  test("a retry with the same key after a lost answer returns the one refund", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await queue(sandbox, { scenario: { on: "refund", fault: "response_lost" } });
    const ask = () =>
      post(sandbox, `/v1/payments/${id}/refunds?idempotencyKey=refund-1001`, { merchantReference: "refund-1" });
    await expect(ask()).rejects.toThrow(TypeError);
    expect((await ask()).status).toBe(201);
    expect(await refundStatus(sandbox, id)).toEqual(["pending"]);
  });

  test("a fault applies to a refund that would be refused, and an outcome waits for a created refund", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await queue(sandbox, { scenario: { on: "refund", outcome: "fail" } });
    expect((await refundOf(sandbox, id)).body.reason.code).toBe("payment_not_refundable");
    expect(await waiting(sandbox)).toHaveLength(1);
    expect((await refundOf(sandbox, id, byHeader("rate_limited"))).status).toBe(429);
    expect((await refundOf(sandbox, account, byHeader("rate_limited"))).status).toBe(404);
  });

  test("reads by id and by track fail the given number of times", async () => {
    await using sandbox = await frozenSandbox();
    const { id, trackingUrl } = await createPaidPayment(sandbox);
    const refund = (await refundOf(sandbox, id)).body;
    await queue(sandbox, { scenario: { on: "read", fault: "server_error_before" }, times: 2 });
    await queue(sandbox, { scenario: { on: "read", fault: "rate_limited" } });
    const statuses: number[] = [];
    for (const target of [`/v1/payments/${id}`, trackingUrl, refund.trackingUrl, trackingUrl]) {
      statuses.push((await get(sandbox, target)).status);
    }
    expect(statuses).toEqual([500, 500, 429, 200]);
  });

  test.each([
    "/v1/payments",
    "/v1/payments/{id}",
    "/v1/transactions",
    "/v1/requests/payments?idempotencyKey=order-1001",
  ])("a header can make GET %s fail", async (target) => {
    await using sandbox = await frozenSandbox();
    const { id } = (await post(sandbox, "/v1/payments?idempotencyKey=order-1001", paymentRequest())).body;
    const ask = (name: string) => get(sandbox, target.replace("{id}", id), byHeader(name));
    expect((await ask("server_error_before")).status).toBe(500);
    expect((await ask("server_error_after")).status).toBe(500);
    expect((await ask("rate_limited")).headers.get("Retry-After")).toBe("1");
    await expect(ask("response_lost")).rejects.toThrow(TypeError);
  });
});

describe("the header", () => {
  test.each([
    ["POST", "/v1/payments", "payed", "is unknown: the catalogue has paid, "],
    ["POST", "/v1/payments", "PAID", "is unknown"],
    ["POST", "/v1/payments", "", "is unknown"],
    ["GET", "/v1/payments", "payed", "is unknown"],
    ["GET", "/v1/payments/{id}", "paid", "is paid, which does not apply to a request that reads"],
    ["POST", "/v1/payments/{id}/refunds", "declined", "is declined, which does not apply to a new refund"],
  ])("of %s %s cannot be %j", async (method, target, name, complaint) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const path = target.replace("{id}", id);
    const body = target.endsWith("refunds") ? { merchantReference: "refund-1" } : paymentRequest();
    const answer = await (method === "GET"
      ? get(sandbox, path, byHeader(name))
      : post(sandbox, path, body, byHeader(name)));
    expect([answer.status, answer.body.reason.code]).toEqual([400, "invalid_request"]);
    expect(answer.body.errors).toMatchObject([{ path: "X-Sandbox-Scenario" }]);
    expect(answer.body.errors[0].description).toContain(complaint);
    expect((await get(sandbox, "/v1/payments")).body.data).toHaveLength(1);
  });
});

describe("amounts", () => {
  test("a fault before the commit applies to the first request with a reference in its world", async () => {
    await using sandbox = await frozenSandbox();
    const ask = async (reference: string, world?: string) => {
      const request = {
        ...paymentRequest({ amount: 8888.43, ...(world ? { account: world } : {}) }),
        merchantReference: reference,
      };
      return (await post(sandbox, "/v1/payments", request)).status;
    };
    expect([await ask("a"), await ask("a"), await ask("b"), await ask("b"), await ask("a")]).toEqual([
      429, 201, 429, 201, 201,
    ]);
    expect([await ask("a", account), await ask("a", account)]).toEqual([429, 201]);
  });

  test("a fault after the commit applies to every new payment", async () => {
    await using sandbox = await frozenSandbox();
    const ask = () => post(sandbox, "/v1/payments", paymentRequest({ amount: 8888.42 }));
    expect([(await ask()).status, (await ask()).status]).toEqual([500, 500]);
    expect((await get(sandbox, "/v1/payments")).body.data).toHaveLength(2);
  });
});

test("the timeline of a payment has the applied scenario and its trigger", async () => {
  await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 204 }) });
  await queue(sandbox, { scenario: { outcome: "decline", reason: "risk_rejected", after: "PT1M" } });
  const { id } = await createPayment(sandbox);
  await sandbox.clock.advance("PT1M");
  const { timeline } = (await get(sandbox, `/_sandbox/payments/${id}`)).body;
  const scenario = { on: "payment", outcome: "decline", reason: "risk_rejected", after: "PT1M" };
  expect(timeline).toMatchObject([
    { time: "2026-01-05T09:00:00.000Z", kind: "call", method: "POST", status: 201, scenario },
    { kind: "created" },
    { kind: "scenario", scenario, trigger: "queue" },
    { kind: "clock", from: "2026-01-05T09:00:00.000Z", to: "2026-01-05T09:01:00.000Z" },
    { time: "2026-01-05T09:01:00.000Z", kind: "status", status: "declined", by: "scenario", action: "decline" },
    { kind: "notification", type: "payment", state: "delivered" },
    { kind: "attempt", status: 204 },
  ]);
});
