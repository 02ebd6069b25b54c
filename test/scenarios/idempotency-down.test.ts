import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const byHeader = { "X-Sandbox-Scenario": "idempotency_down" };
const target = (key?: string) => `/v1/payments${key === undefined ? "" : `?idempotencyKey=${key}`}`;
const queue = (sandbox: Sandbox, scenario: unknown, times = 1) =>
  post(sandbox, "/_sandbox/scenarios/next", { scenario, times });
const payments = async (sandbox: Sandbox) => (await get(sandbox, "/v1/payments")).body.data;
const waiting = async (sandbox: Sandbox) => (await get(sandbox, "/_sandbox/scenarios/next")).body.data;

/** How a test selects the scenario for the next requests. */
const selections: Record<string, (sandbox: Sandbox) => Promise<{ amount: number; headers: Record<string, string> }>> = {
  header: async () => ({ amount: 200, headers: byHeader }),
  queue: async (sandbox) => {
    await queue(sandbox, "idempotency_down", 2);
    return { amount: 200, headers: {} };
  },
  amount: async () => ({ amount: 8888.48, headers: {} }),
};

describe("while the idempotency system is down", () => {
  test.each(Object.keys(selections))("a request with a key is refused, as selected by %s", async (trigger) => {
    await using sandbox = await frozenSandbox();
    const { amount, headers } = (await selections[trigger]?.(sandbox)) ?? { amount: 0, headers: {} };
    for (const key of ["order-1001", "order-1002"]) {
      const refused = await post(sandbox, target(key), paymentRequest({ amount }), headers);
      expect([refused.status, refused.body]).toEqual([
        500,
        {
          reason: {
            code: "idempotency_unavailable",
            description: "The idempotency system is not available: try again without idempotencyKey.",
          },
        },
      ]);
    }
    expect(await payments(sandbox)).toEqual([]);
    const { status, body } = await post(sandbox, target(), paymentRequest({ amount }), headers);
    expect([status, body.status]).toEqual([201, "pending"]);
    await sandbox.clock.advance("PT10S");
    expect((await payments(sandbox)).map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual([
      [body.id, "pending"],
    ]);
  });

  test("a request with a key is refused, and the same request without a key succeeds", async () => {
    await using sandbox = await frozenSandbox();
    expect((await post(sandbox, target("order-1001"), paymentRequest(), byHeader)).status).toBe(500);
    expect((await post(sandbox, target(), paymentRequest(), byHeader)).status).toBe(201);
    expect(await payments(sandbox)).toHaveLength(1);
    expect((await get(sandbox, "/v1/requests/payments?idempotencyKey=order-1001")).status).toBe(404);
  });

  test("a request without a key leaves the scenario in the queue, and gets the next one", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, "idempotency_down");
    await queue(sandbox, "declined_risk");
    const { body } = await post(sandbox, target(), paymentRequest());
    await sandbox.clock.advance("PT2S");
    expect((await get(sandbox, `/v1/payments/${body.id}`)).body.reason.code).toBe("risk_rejected");
    expect(await waiting(sandbox)).toEqual([{ scenario: "idempotency_down", times: 1 }]);
    expect((await post(sandbox, target("order-1001"), paymentRequest())).status).toBe(500);
    expect(await waiting(sandbox)).toEqual([]);
  });

  test("a key that was used before still has its answer", async () => {
    await using sandbox = await frozenSandbox();
    const first = await post(sandbox, target("order-1001"), paymentRequest());
    const again = await post(sandbox, target("order-1001"), paymentRequest(), byHeader);
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  test("a refund with a key is refused, and one without a key succeeds", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await queue(sandbox, { on: "refund", fault: "idempotency_down" });
    const refund = (key: string) =>
      post(sandbox, `/v1/payments/${id}/refunds${key}`, { merchantReference: "refund-1" });
    const refused = await refund("?idempotencyKey=refund-1001");
    expect([refused.status, refused.body.reason.code]).toEqual([500, "idempotency_unavailable"]);
    expect((await refund("")).status).toBe(201);
    expect((await get(sandbox, `/_sandbox/payments/${id}`)).body.refunds).toMatchObject([{ status: "pending" }]);
  });

  test("a refund at the provider is not affected", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await queue(sandbox, { on: "refund", fault: "idempotency_down" });
    expect((await post(sandbox, `/_sandbox/payments/${id}/refunds`, "")).status).toBe(201);
    expect(await waiting(sandbox)).toHaveLength(1);
  });

  test("a read cannot be asked for it", async () => {
    await using sandbox = await frozenSandbox();
    const refused = await get(sandbox, "/v1/payments", byHeader);
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, "X-Sandbox-Scenario"]);
    const queued = await queue(sandbox, { on: "read", fault: "idempotency_down" });
    expect([queued.status, queued.body.errors[0].path]).toEqual([400, "scenario.fault"]);
  });
});
