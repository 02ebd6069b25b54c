import { describe, expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { paymentPage } from "../inspector/reading.ts";
import { createPaidPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";
import { levels, type StagedWorld } from "./levels.ts";

const part = { merchantReference: "refund-1", amount: { value: 50, currency: "hkd" } };

type Open = (typeof levels)[number]["open"];

/** A world under a profile, with an endpoint and a payment of HKD 200. */
interface Stage {
  readonly world: StagedWorld;
  readonly receiver: Receiver;
  readonly payment: { readonly id: string; readonly trackingUrl: string };
}

async function stage(open: Open, contract: Parameters<Open>[0], settings: Parameters<Open>[1] = {}): Promise<Stage> {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const world = await open(contract, { webhookUrl: receiver.url, ...settings });
  const { body } = await post(world, "/v1/payments", world.order());
  return { world, receiver, payment: body };
}

async function stagePaid(...given: Parameters<typeof stage>): Promise<Stage> {
  const staged = await stage(...given);
  await staged.world.payments.act(staged.payment.id, "pay");
  await staged.world.settle();
  return staged;
}

/** Requests a refund. Without an amount: of all that is left. */
function refund({ world, payment }: Pick<Stage, "world" | "payment">, value?: number, headers = {}) {
  const amount = value === undefined ? {} : { amount: { value, currency: "hkd" } };
  return post(world, `/v1/payments/${payment.id}/refunds`, { merchantReference: "refund-1", ...amount }, headers);
}

/** Type and status of every webhook, in the order of their creation. */
async function sent({ world, receiver }: Stage): Promise<string[]> {
  await world.settle();
  const bodies = receiver.received.map(({ body }) => JSON.parse(body));
  const order = bodies.toSorted((a, b) => a.createTime.localeCompare(b.createTime));
  return order.map(({ type, payload }) => `${type} ${payload.status}`);
}

const statusAt = async ({ world }: { world: Pick<Sandbox, "fetch"> }, target: string) =>
  (await get(world, target)).body.status;

describe.each(levels)("set $level", ({ open }) => {
  test.each([
    ["by_amount", 50, "partially_refunded"],
    ["by_amount", 200, "refunded"],
    ["by_amount", undefined, "refunded"],
    ["refunded", 50, "refunded"],
    ["refunded", undefined, "refunded"],
  ] as const)("with refundedStatus %s, a refund of %s of 200 ends as %s", async (refundedStatus, value, status) => {
    const staged = await stagePaid(open, { refundedStatus });
    const { world, payment } = staged;
    const created = await refund(staged, value);
    expect(created.body.status).toBe("pending");
    await world.clock.advance("PT2S");
    expect(await statusAt(staged, created.body.trackingUrl)).toBe(status);
    expect((await sent(staged)).at(-1)).toBe(`refund ${status}`);
    const whole = await world.payments.get(payment.id);
    expect(whole.refunds[0]?.status, "the handle keeps the sandbox's word").toBe("refunded");
    expect(whole.status).toBe(value === 50 ? "partially_refunded" : "refunded");
    for (const word of [status, "refunded"] as const) {
      await world.notifications.waitFor({ refundId: created.body.id, status: word });
    }
  });

  test.each([
    ["one_then_none", "is pending", undefined, "partial_refund_limit_reached"],
    ["one_then_none", "is done", 150, "partial_refund_limit_reached"],
    ["one_then_rest", "is pending", undefined, "processing"],
    ["one_then_rest", "is pending", 150, "processing"],
    ["one_then_rest", "is pending", 149.99, "partial_refund_limit_reached"],
    ["one_then_rest", "is pending", 150.01, "refund_amount_exceeded"],
    ["one_then_rest", "is done", undefined, "processing"],
    ["one_then_rest", "is done", 150, "processing"],
    ["one_then_rest", "is done", 0.01, "partial_refund_limit_reached"],
    ["one_then_rest", "is done", 200, "refund_amount_exceeded"],
  ] as const)(
    "with partialRefunds %s, after a refund of 50 of 200 that %s, one of %s gets %s",
    async (partialRefunds, when, value, code) => {
      const staged = await stagePaid(open, { partialRefunds });
      const { world, payment } = staged;
      expect((await refund(staged, 50)).status).toBe(201);
      if (when === "is done") await world.clock.advance("PT2S");
      expect((await refund(staged, value)).body.reason.code).toBe(code);
      await world.clock.advance("PT2S");
      const { status, amounts } = await world.payments.get(payment.id);
      const isAll = code === "processing";
      expect(status).toBe(isAll ? "refunded" : "partially_refunded");
      expect(amounts).toEqual({ captured: 200, refunded: isAll ? 200 : 50, reserved: 0, left: isAll ? 0 : 150 });
    },
  );

  test.each([
    ["pending_first", "pending", ["payment captured"]],
    ["final_at_once", "partially_refunded", ["payment captured", "refund partially_refunded"]],
  ] as const)("with refundMode %s, a refund is %s in its own answer", async (refundMode, status, webhooks) => {
    const staged = await stagePaid(open, { refundMode }, { refundDelayMs: 60_000 });
    const { world, payment } = staged;
    const { status: code, body } = await refund(staged, 50);
    expect([code, body.status]).toEqual([201, status]);
    expect("reason" in body).toBe(status === "pending");
    expect(await statusAt(staged, body.trackingUrl)).toBe(status);
    expect(await sent(staged)).toEqual(webhooks);
    await world.clock.advance("PT1M");
    const { ledger, timeline, amounts } = await world.payments.get(payment.id);
    expect(ledger.map(({ kind }) => kind)).toEqual(["payment_captured", "refund_reserved", "refund_settled"]);
    const events = timeline.flatMap((line) => (line.kind === "refund" ? [line.status] : []));
    expect(events).toEqual(["pending", "refunded"]);
    expect(amounts).toEqual({ captured: 200, refunded: 50, reserved: 0, left: 150 });
    expect(await sent(staged)).toEqual(["payment captured", "refund partially_refunded"]);
  });

  test.each([
    ["required", 400, undefined],
    ["optional", 201, "order-1001"],
  ] as const)("with refundReference %s, a refund without a reference gets %i", async (rule, status, reference) => {
    const staged = await stagePaid(open, { refundReference: rule });
    const { world, payment } = staged;
    const target = `/v1/payments/${payment.id}/refunds`;
    const created = await post(world, target, {});
    expect([created.status, created.body.merchantReference]).toEqual([status, reference]);
    const error = { path: "merchantReference", code: "invalid_request", description: expect.any(String) };
    if (rule === "required") expect(created.body.errors).toEqual([error]);
    for (const merchantReference of ["", null, 1]) {
      const refused = await post(world, target, { merchantReference });
      expect([refused.status, refused.body.errors]).toEqual([400, [error]]);
    }
    await world.clock.advance("PT2S");
    expect(await sent(staged)).toHaveLength(rule === "required" ? 1 : 2);
  });
});

describe("a refund that is final at once", () => {
  const settings = { contract: { refundMode: "final_at_once" } } as const;

  test.each<[plan: string | number | object, status: string, later: string]>([
    ["refund_fails", "failed", "failed"],
    ["refund_slow", "pending", "refunded"],
    [8888.3, "failed", "failed"],
    [8888.31, "pending", "refunded"],
    [{ on: "refund", outcome: "fail" }, "failed", "failed"],
    [{ on: "refund", outcome: "fail", after: "PT1M" }, "pending", "failed"],
    [{ on: "refund", after: "PT0S" }, "refunded", "refunded"],
  ])("ends as its scenario plans: %j is %s", async (plan, status, later) => {
    await using sandbox = await frozenSandbox({ settings });
    const { id } = await createPaidPayment(sandbox, typeof plan === "number" ? { amount: plan } : {});
    if (typeof plan === "object") await post(sandbox, "/_sandbox/scenarios/next", { scenario: plan });
    const headers: Record<string, string> = typeof plan === "string" ? { "X-Sandbox-Scenario": plan } : {};
    const { body } = await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" }, headers);
    expect(body.status).toBe(status);
    expect((await sandbox.payments.get(id)).status).toBe(status === "refunded" ? "refunded" : "captured");
    await expectSameAfterRestore(sandbox);
    await sandbox.clock.advance("PT5M");
    expect((await get(sandbox, body.trackingUrl)).body.status).toBe(later);
  });

  test("is answered again as it was, and found by its key", async () => {
    await using sandbox = await frozenSandbox({ settings });
    const { id } = await createPaidPayment(sandbox);
    const target = `/v1/payments/${id}/refunds?idempotencyKey=refund-1001`;
    const first = await post(sandbox, target, part);
    expect(first.body.status).toBe("partially_refunded");
    expect((await post(sandbox, target, part)).text).toBe(first.text);
    expect((await get(sandbox, "/v1/requests/refunds?idempotencyKey=refund-1001")).text).toBe(first.text);
    expect((await sandbox.payments.get(id)).refunds).toHaveLength(1);
  });

  test("can also be started at the provider", async () => {
    await using sandbox = await frozenSandbox({ settings });
    const { id } = await createPaidPayment(sandbox);
    expect((await post(sandbox, `/_sandbox/payments/${id}/refunds`, "")).body.status).toBe("refunded");
    expect((await sandbox.payments.get(id)).status).toBe("refunded");
  });
});

describe("a refund of the rest, with partialRefunds one_then_rest,", () => {
  /** A payment with a pending refund of 50, and one of the 150 that are left. */
  async function stageBoth(options: { payment?: { amount: number } } = {}) {
    const sandbox = await frozenSandbox({ settings: { contract: { partialRefunds: "one_then_rest" } } });
    onTestFinished(() => sandbox.close());
    const { id, trackingUrl } = await createPaidPayment(sandbox, options.payment);
    const first = (await post(sandbox, `/v1/payments/${id}/refunds`, part)).body;
    const second = (await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "rest" })).body;
    const statuses = async () =>
      Promise.all([trackingUrl, first.trackingUrl, second.trackingUrl].map((url) => statusAt({ world: sandbox }, url)));
    return { sandbox, id, first, second, statuses };
  }

  test("that is done first leaves the other: the payment is refunded with the last one", async () => {
    const { sandbox, id, first, second, statuses } = await stageBoth();
    expect(await statuses()).toEqual(["captured", "pending", "pending"]);
    await sandbox.refunds.act(second.id, "succeed");
    expect(await statuses()).toEqual(["partially_refunded", "pending", "partially_refunded"]);
    await expectSameAfterRestore(sandbox);
    await sandbox.refunds.act(first.id, "succeed");
    expect(await statuses()).toEqual(["refunded", "refunded", "partially_refunded"]);
    await expectSameAfterRestore(sandbox);
    expect((await post(sandbox, `/v1/payments/${id}/refunds`, part)).body.reason.code).toBe("payment_not_refundable");
  });

  test("whose other one fails leaves what that released, and only that can be refunded", async () => {
    const { sandbox, id, first, second, statuses } = await stageBoth();
    await sandbox.refunds.act(first.id, "fail");
    await expectSameAfterRestore(sandbox);
    await sandbox.refunds.act(second.id, "succeed");
    expect(await statuses()).toEqual(["partially_refunded", "failed", "partially_refunded"]);
    const again = (value: number) =>
      post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "r", amount: { value, currency: "hkd" } });
    expect((await again(49)).body.reason.code).toBe("partial_refund_limit_reached");
    const last = await again(50);
    await sandbox.clock.advance("PT2S");
    expect((await get(sandbox, last.body.trackingUrl)).body.status).toBe("refunded");
    expect((await statuses())[0]).toBe("refunded");
    await expectSameAfterRestore(sandbox);
  });

  test("that fails leaves the payment as it was, and can be tried again", async () => {
    const { sandbox, id, first, second, statuses } = await stageBoth();
    await sandbox.refunds.act(first.id, "succeed");
    await sandbox.refunds.act(second.id, "fail");
    expect(await statuses()).toEqual(["partially_refunded", "partially_refunded", "failed"]);
    expect((await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "rest" })).status).toBe(201);
    await sandbox.clock.advance("PT2S");
    expect((await statuses())[0]).toBe("refunded");
  });

  test("can be waited for, and each refund is in the timeline with the status of the payment then", async () => {
    const { sandbox, id, second } = await stageBoth();
    await sandbox.refunds.act(second.id, "succeed");
    const waiting = sandbox.payments.waitFor(id, "refunded", { timeoutMs: 10_000 });
    await sandbox.clock.advance("PT2S");
    expect((await waiting).status).toBe("refunded");
    const page = (await paymentPage(sandbox, id)).replaceAll(/<[^>]*>/g, " ");
    expect(page).toMatch(/captured → partially refunded/);
    expect(page).toMatch(/partially refunded → refunded/);
  });
});

/** Expects that a snapshot of the world is accepted, and restores it. */
async function expectSameAfterRestore(sandbox: Sandbox): Promise<void> {
  const { body } = await snapshotOf(sandbox);
  expect((await putBack(sandbox, body)).status).toBe(200);
  expect((await snapshotOf(sandbox)).body.records).toEqual(body.records);
}

describe("refundedStatus", () => {
  test("does not change a refund that failed", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox, { amount: 8888.3 });
    const created = await post(sandbox, `/v1/payments/${id}/refunds`, part);
    await sandbox.clock.advance("PT2S");
    expect((await get(sandbox, created.body.trackingUrl)).body.status).toBe("failed");
  });

  test.each([
    [part, "partially_refunded"],
    [{ merchantReference: "refund-1" }, "refunded"],
  ])("of an older record, which does not have what was left, follows the request: %j is %s", async (body, status) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const { trackingUrl } = (await post(sandbox, `/v1/payments/${id}/refunds`, body)).body;
    await sandbox.clock.advance("PT2S");
    const snapshot = (await snapshotOf(sandbox)).body;
    for (const record of snapshot.records.refund) delete record.left;
    expect((await putBack(sandbox, snapshot)).status).toBe(200);
    expect((await get(sandbox, trackingUrl)).body.status).toBe(status);
  });
});
