import { describe, expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { paymentPage } from "../inspector/reading.ts";
import { createPaidPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
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
async function sent({
  world,
  receiver,
}: Pick<Stage, "receiver"> & { world: Pick<Sandbox, "settle"> }): Promise<string[]> {
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

  test.each([
    ["refund_only", "succeeds", ["refund partially_refunded"]],
    ["refund_only", "fails", ["refund failed"]],
    ["refund_and_payment", "succeeds", ["refund partially_refunded", "payment partially_refunded"]],
    ["refund_and_payment", "fails", ["refund failed"]],
  ] as const)("with refundNotifications %s, a refund that %s sends %j", async (rule, end, expected) => {
    const staged = await stagePaid(open, { refundNotifications: rule, paidStatus: "approved" });
    const { world, payment } = staged;
    const { id } = (await refund(staged, 50)).body;
    await world.refunds.act(id, end === "succeeds" ? "succeed" : "fail");
    const [first, ...others] = await sent(staged);
    expect([first, others.toSorted()]).toEqual(["payment approved", expected.toSorted()]);
    const last = staged.receiver.received.find(({ body }) => JSON.parse(body).payload.status === "partially_refunded");
    expect(last === undefined).toBe(end === "fails");
    const { data } = await world.notifications.list({ paymentId: payment.id });
    expect(
      data.toReversed().map(({ type }) => type),
      "in the order of their creation",
    ).toEqual(["payment", ...expected.map((line) => line.split(" ")[0])]);
  });

  test.each([
    ["off", ["payment captured", "refund refunded"]],
    ["on", ["payment pending", "payment captured", "refund refunded"]],
  ] as const)("with pendingNotification %s, a payment and its refund send %j", async (rule, expected) => {
    const staged = await stage(open, { pendingNotification: rule });
    const { world, payment } = staged;
    expect(await sent(staged)).toEqual(rule === "on" ? expected.slice(0, 1) : []);
    await world.clock.advance("PT1M");
    await world.payments.act(payment.id, "pay");
    await refund(staged);
    await world.clock.advance("PT2S");
    expect(await sent(staged)).toEqual(expected);
    if (rule === "on") {
      const { payload } = JSON.parse(staged.receiver.received[0]?.body ?? "");
      const { amount, createTime, updateTime, ...tracked } = payload;
      expect(tracked, "it has the members and the URL of the answer").toEqual(payment);
      expect([amount.value, createTime, updateTime]).toEqual([200, ...Array(2).fill("2026-01-05T09:00:00.000Z")]);
    }
  });
});

describe("the notification of a pending payment", () => {
  const settings = { contract: { pendingNotification: "on" } } as const;

  test.each([
    ["webhook_twice", ["payment captured", "payment captured", "payment pending"]],
    ["webhook_never", ["payment pending"]],
    ["webhook_before_response", ["payment captured", "payment pending"]],
    ["webhook_bad_signature", ["payment captured", "payment pending"]],
    ["webhook_amount_mismatch", ["payment captured", "payment pending"]],
    ["webhook_late", ["payment pending"]],
  ] as const)("leaves the plan %s to that of the outcome: %j", async (scenario, expected) => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    await using sandbox = await frozenSandbox({ settings: { ...settings, webhookUrl: receiver.url } });
    const headers = { "X-Sandbox-Scenario": scenario };
    const { body } = await post(sandbox, "/v1/payments", paymentRequest(), headers);
    const early = receiver.received.map((webhook) => JSON.parse(webhook.body).payload.status);
    if (scenario === "webhook_before_response") expect(early).toContain("captured");
    else await sandbox.settle();
    await sandbox.payments.act(body.id, "pay").catch(() => undefined);
    await sandbox.settle();
    expect((await sent({ world: sandbox, receiver })).toSorted()).toEqual(expected);
    const pending = receiver.received.map((webhook) => JSON.parse(webhook.body)).find(isPending);
    expect(pending.payload.amount.value).toBe(200);
    expect(pending.payload.nextStep).toEqual(body.nextStep);
  });

  test("is sent once for a key, and not for a refused request", async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    await using sandbox = await frozenSandbox({ settings: { ...settings, webhookUrl: receiver.url } });
    const target = "/v1/payments?idempotencyKey=order-1001";
    for (let count = 0; count < 3; count += 1) await post(sandbox, target, paymentRequest());
    expect((await post(sandbox, "/v1/payments", paymentRequest({ amount: 0.01 }))).status).toBe(400);
    expect(await sent({ world: sandbox, receiver })).toEqual(["payment pending"]);
    await expectSameAfterRestore(sandbox);
  });
});

const isPending = ({ payload }: { payload: { status: string } }) => payload.status === "pending";

describe("a refund that is announced with its payment", () => {
  const settings = { contract: { refundNotifications: "refund_and_payment", refundMode: "final_at_once" } } as const;

  test.each([
    ["twice", 2],
    ["never", 0],
    ["amount_mismatch", 1],
  ] as const)("keeps the plan %s of its scenario to its own notification", async (webhook, times) => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    await using sandbox = await frozenSandbox({ settings: { ...settings, webhookUrl: receiver.url } });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    await post(sandbox, "/_sandbox/scenarios/next", { scenario: { on: "refund", webhook } });
    await post(sandbox, `/v1/payments/${id}/refunds`, part);
    await sandbox.settle();
    const bodies = receiver.received.map(({ body }) => JSON.parse(body)).slice(1);
    expect(bodies.filter(({ type }) => type === "refund")).toHaveLength(times);
    const payments = bodies.filter(({ type }) => type === "payment");
    expect(payments.map(({ payload }) => [payload.status, payload.amount.value])).toEqual([
      ["partially_refunded", 200],
    ]);
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
  async function stageBoth(options: { first?: Record<string, string> } = {}) {
    const sandbox = await frozenSandbox({ settings: { contract: { partialRefunds: "one_then_rest" } } });
    onTestFinished(() => sandbox.close());
    const { id, trackingUrl } = await createPaidPayment(sandbox);
    const first = (await post(sandbox, `/v1/payments/${id}/refunds`, part, options.first)).body;
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

  test("whose other one fails late keeps the status in its transaction that its notification had", async () => {
    const { sandbox, first, second, statuses } = await stageBoth({
      first: { "X-Sandbox-Scenario": "refund_fails_late" },
    });
    await sandbox.refunds.act(second.id, "succeed");
    await sandbox.refunds.act(first.id, "succeed");
    expect(await statuses()).toEqual(["refunded", "refunded", "partially_refunded"]);
    const transactions = async () => {
      const { data } = (await get(sandbox, "/v1/transactions")).body as { data: { type: string; status: string }[] };
      return data.toReversed().map(({ type, status }) => `${type} ${status}`);
    };
    const done = ["payment captured", "refund partially_refunded", "refund refunded"];
    expect(await transactions()).toEqual(done);
    await sandbox.clock.advance("PT10M");
    expect(await statuses()).toEqual(["partially_refunded", "failed", "partially_refunded"]);
    expect(await transactions()).toEqual([...done, "refund_reversal failed"]);
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

test("the OpenAPI document follows the rules of refunds", async () => {
  const contract = {
    refundedStatus: "refunded",
    partialRefunds: "one_then_rest",
    refundMode: "final_at_once",
    refundReference: "optional",
    refundNotifications: "refund_and_payment",
    pendingNotification: "on",
  } as const;
  await using usual = await frozenSandbox();
  await using changed = await frozenSandbox({ settings: { contract } });
  const partsOf = async (sandbox: Sandbox) => {
    const { paths, components, webhooks } = (await get(sandbox, "/openapi.json")).body;
    const { description, responses } = paths["/v1/payments/{paymentId}/refunds"].post;
    const { "x-sandbox-values": values, enum: all } = components.schemas.Refund.properties.status;
    return {
      description: description.split("] ").at(-1),
      created: responses[201].description,
      statuses: values ?? all,
      required: components.schemas.CreateRefund.required,
      webhook: webhooks.payment.post.summary,
    };
  };
  expect(await partsOf(usual)).toEqual({
    description: "A refund of all that is left is not partial, and a failed refund does not count. [ours]",
    created: "The pending refund.",
    statuses: ["pending", "partially_refunded", "refunded", "failed"],
    required: ["merchantReference"],
    webhook: "A payment is no longer `pending`",
  });
  expect(await partsOf(changed)).toEqual({
    description: "After it, only all that is left can be refunded.",
    created: "The refund. It is final, unless a scenario delays it.",
    statuses: ["pending", "refunded", "failed"],
    required: undefined,
    webhook: "A payment was created, or is no longer `pending`, or was changed by a refund",
  });
});
