import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";

const queue = (sandbox: Sandbox, scenario: unknown, times?: unknown) =>
  post(sandbox, "/_sandbox/scenarios/next", { scenario, ...(times === undefined ? {} : { times }) });
const read = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/v1/payments/${id}`)).body;

describe("a scenario object", () => {
  test("decides after its delay", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { outcome: "fail", after: "PT10M" });
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT9M59.999S");
    expect((await read(sandbox, id)).status).toBe("pending");
    await sandbox.clock.advance("PT0.001S");
    expect((await read(sandbox, id)).status).toBe("failed");
  });

  test("without a delay decides after the world's outcomeDelay", async () => {
    await using sandbox = await frozenSandbox({ settings: { outcomeDelayMs: 60_000 } });
    await queue(sandbox, { outcome: "cancel" });
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT59S");
    expect((await read(sandbox, id)).status).toBe("pending");
    await sandbox.clock.advance("PT1S");
    expect((await read(sandbox, id)).reason.code).toBe("cancelled_by_consumer");
  });

  test("with the payer: declines when the payer pays, and not earlier", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { outcome: "decline", reason: "limit_exceeded", after: "payer" });
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT20M");
    expect((await read(sandbox, id)).status).toBe("pending");
    await sandbox.payments.act(id, "pay");
    expect((await read(sandbox, id)).reason.code).toBe("limit_exceeded");
  });

  test("with the payer: a cancellation has its usual result", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { outcome: "decline", after: "payer" });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, "cancel");
    expect((await read(sandbox, id)).reason.code).toBe("cancelled_by_consumer");
  });

  test("has no effect after an earlier action of the payer", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { outcome: "decline", after: "PT10M" });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, "pay");
    await sandbox.clock.advance("PT1H");
    expect((await read(sandbox, id)).status).toBe("captured");
  });

  test("has no effect after the expiry", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { outcome: "pay", after: "PT1H" });
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT2H");
    expect((await read(sandbox, id)).reason.code).toBe("expired");
  });

  test("can combine a decline with a webhook before the response", async () => {
    const got: string[] = [];
    await using sandbox = await frozenSandbox({
      webhook: async (request) => {
        got.push(((await request.json()) as { payload: { status: string } }).payload.status);
        return new Response(null, { status: 204 });
      },
    });
    await queue(sandbox, { outcome: "decline", webhook: "before_response" });
    await createPayment(sandbox);
    expect(got).toEqual(["declined"]);
  });

  test.each([
    ["payment", "", { on: "payment" }],
    ["a word", "scenario", "payed"],
    ["nothing", "scenario", undefined],
    ["null", "scenario", null],
    ["a number", "scenario", 8888.9],
    ["a list", "scenario", ["paid"]],
    ["an empty object", "scenario", {}],
    ["for an unknown target", "scenario.on", { on: "wallet", outcome: "pay" }],
    ["an unknown outcome", "scenario.outcome", { outcome: "paid" }],
    ["a refund's outcome", "scenario.outcome", { outcome: "succeed" }],
    ["an unknown member", "scenario.amount", { outcome: "pay", amount: 1 }],
    ["an unknown reason", "scenario.reason", { outcome: "decline", reason: "no" }],
    ["a reason to pay", "scenario.reason", { outcome: "pay", reason: "risk_rejected" }],
    ["a delay in months", "scenario.after", { outcome: "pay", after: "P1M" }],
    ["a delay without an outcome", "scenario.after", { webhook: "twice", after: "PT1S" }],
    [
      "a delay with a webhook before the response",
      "scenario.after",
      { outcome: "pay", webhook: "before_response", after: "PT1S" },
    ],
    ["an unknown webhook", "scenario.webhook", { webhook: "thrice" }],
    ["an unknown return", "scenario.return", { return: "by_fax" }],
    ["an unknown fault", "scenario.fault", { fault: "fire" }],
    ["a refund plan with an unknown outcome", "scenario.refunds.outcome", { refunds: { outcome: "pay" } }],
    ["a refund with a return", "scenario.return", { on: "refund", outcome: "fail", return: "never" }],
    ["a refund with a webhook out of order", "scenario.webhook", { on: "refund", webhook: "out_of_order" }],
    ["a refund that waits for the payer", "scenario.after", { on: "refund", outcome: "fail", after: "payer" }],
    ["a read with an outcome", "scenario.outcome", { on: "read", fault: "slow_response", outcome: "pay" }],
    ["a read without a fault", "scenario.fault", { on: "read" }],
  ])("cannot be %s", async (_, path, scenario) => {
    await using sandbox = await frozenSandbox();
    const { status, body } = await queue(sandbox, scenario);
    expect([status, body.reason.code]).toEqual([400, "invalid_request"]);
    if (path !== "") expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
    expect((await get(sandbox, "/_sandbox/scenarios/next")).body.data).toEqual([]);
  });

  test.each([0, -1, 1.5, 1001, "2", null])("cannot apply %j times", async (times) => {
    await using sandbox = await frozenSandbox();
    const { status, body } = await queue(sandbox, "paid", times);
    expect([status, body.errors[0].path]).toEqual([400, "times"]);
  });

  test("is refused for an unknown world, and creates no world", async () => {
    await using sandbox = await frozenSandbox();
    const processingAccountId = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
    const { status } = await post(sandbox, "/_sandbox/scenarios/next", { scenario: "paid", processingAccountId });
    expect(status).toBe(404);
    expect((await get(sandbox, `/_sandbox/worlds/${processingAccountId}`)).status).toBe(404);
  });
});

describe("refunds at the provider", () => {
  test("are the same as refunds of the API, and can be ended by an action", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, "paid");
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT2S");
    const started = await post(sandbox, `/_sandbox/payments/${id}/refunds`, { amount: { value: 50, currency: "hkd" } });
    expect([started.status, started.body.status, started.body.amount.value]).toEqual([201, "pending", 50]);
    const act = (action: string) => post(sandbox, `/_sandbox/refunds/${started.body.id}/actions`, { action });
    expect((await act("fail")).body.status).toBe("failed");
    const late = await act("succeed");
    expect([late.status, late.body.reason.code]).toEqual([409, "action_not_allowed"]);
    const whole = await post(sandbox, `/_sandbox/payments/${id}/refunds`, "");
    expect(whole.body.amount.value).toBe(200);
    await sandbox.clock.advance("PT2S");
    expect((await read(sandbox, id)).status).toBe("refunded");
    const { timeline, refunds } = (await get(sandbox, `/_sandbox/payments/${id}`)).body;
    expect(refunds.map(({ status }: { status: string }) => status)).toEqual(["failed", "refunded"]);
    expect(timeline.filter(({ kind }: { kind: string }) => kind === "refund")).toMatchObject([
      { status: "pending", by: "provider" },
      { status: "failed" },
      { status: "pending", by: "provider" },
      { status: "refunded" },
    ]);
  });

  test("are refused by the rules of the API", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const refused = await post(sandbox, `/_sandbox/payments/${id}/refunds`, "");
    expect([refused.status, refused.body.reason.code]).toEqual([400, "payment_not_refundable"]);
    expect((await post(sandbox, "/_sandbox/payments/none/refunds", "")).status).toBe(404);
    expect((await post(sandbox, "/_sandbox/refunds/none/actions", { action: "fail" })).status).toBe(404);
  });
});
