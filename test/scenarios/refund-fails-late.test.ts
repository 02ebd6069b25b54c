import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { paymentPage, textsOf } from "../inspector/reading.ts";
import { createPaidPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { startAnswering } from "../support/notifications.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";

const queue = (sandbox: Sandbox, scenario: unknown) => post(sandbox, "/_sandbox/scenarios/next", { scenario });
const whole = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/_sandbox/payments/${id}`)).body;
const refund = (sandbox: Sandbox, id: string, value?: number) =>
  post(sandbox, `/v1/payments/${id}/refunds`, {
    merchantReference: "refund-1",
    ...(value === undefined ? {} : { amount: { value, currency: "hkd" } }),
  });
const byName = { "X-Sandbox-Scenario": "refund_fails_late" };

/** A sandbox with a paid payment, and a refund that is done at 09:00:02 and will fail at 09:10:02. */
async function refunded(value?: number) {
  const receiver = await startAnswering(204);
  const sandbox = await frozenSandbox({ webhook: receiver.url });
  const { id } = await createPaidPayment(sandbox);
  await queue(sandbox, { on: "refund", failsLate: "PT10M" });
  const { body } = await refund(sandbox, id, value);
  await sandbox.clock.advance("PT2S");
  const close = async () => {
    await sandbox.close();
    await receiver.close();
  };
  return { sandbox, receiver, id, refundId: body.id as string, trackingUrl: body.trackingUrl as string, close };
}

describe("with the scenario refund_fails_late", () => {
  test("a refund that was done fails, with its ledger entry, transaction and notification", async () => {
    const { sandbox, receiver, id, refundId, trackingUrl, close } = await refunded();
    expect(await whole(sandbox, id)).toMatchObject({ status: "refunded", refunds: [{ status: "refunded" }] });
    await sandbox.clock.advance("PT10M");
    const after = await whole(sandbox, id);
    expect(after).toMatchObject({ status: "captured", updateTime: "2026-01-05T09:10:02.000Z" });
    expect(after.ledger.map(({ kind }: { kind: string }) => kind)).toEqual([
      "payment_captured",
      "refund_reserved",
      "refund_settled",
      "refund_reversed",
    ]);
    const { data } = (await get(sandbox, "/v1/transactions")).body;
    expect(data.map(({ type, amount }: { type: string; amount: object }) => [type, amount])).toEqual(
      ["refund_reversal", "refund", "payment"].map((type) => [type, { value: 200, currency: "hkd" }]),
    );
    const bodies = receiver.received.map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ type, payload }) => [type, payload.id, payload.status])).toEqual([
      ["payment", id, "captured"],
      ["refund", refundId, "refunded"],
      ["refund", refundId, "failed"],
    ]);
    expect(new Set(bodies.map((body) => body.id)).size).toBe(3);
    expect((await get(sandbox, trackingUrl)).body.status).toBe("failed");
    expect((await sandbox.clock.advance("P10D")).ran).toBe(0);
    await close();
  });

  test("another partial refund is possible, and still only one", async () => {
    const { sandbox, id, close } = await refunded(50);
    expect((await whole(sandbox, id)).status).toBe("partially_refunded");
    expect((await refund(sandbox, id, 20)).body.reason.code).toBe("partial_refund_limit_reached");
    await sandbox.clock.advance("PT10M");
    expect((await whole(sandbox, id)).status).toBe("captured");
    expect((await refund(sandbox, id, 20)).status).toBe(201);
    expect((await refund(sandbox, id, 20)).body.reason.code).toBe("partial_refund_limit_reached");
    await sandbox.clock.advance("PT2S");
    expect(await whole(sandbox, id)).toMatchObject({
      status: "partially_refunded",
      refunds: [{ status: "failed" }, { status: "refunded" }],
    });
    await close();
  });

  test("all of it can be refunded again", async () => {
    const { sandbox, id, close } = await refunded();
    expect((await refund(sandbox, id)).body.reason.code).toBe("payment_not_refundable");
    await sandbox.clock.advance("PT10M");
    expect((await refund(sandbox, id)).status).toBe(201);
    await sandbox.clock.advance("PT2S");
    expect((await whole(sandbox, id)).status).toBe("refunded");
    await close();
  });

  test("no action fails it", async () => {
    const { sandbox, id, refundId, close } = await refunded();
    for (const action of ["fail", "succeed"]) {
      const { status, body } = await post(sandbox, `/_sandbox/refunds/${refundId}/actions`, { action });
      expect([action, status, body.reason.code]).toEqual([action, 409, "action_not_allowed"]);
    }
    for (const action of ["reverse_all", "reverse_part"]) {
      expect((await post(sandbox, `/_sandbox/payments/${id}/actions`, { action })).status).toBe(400);
    }
    expect((await whole(sandbox, id)).status).toBe("refunded");
    await close();
  });

  test("a wait for captured goes on while it is refunded", async () => {
    const { sandbox, id, close } = await refunded();
    const waiting = sandbox.payments.waitFor(id, "captured");
    await sandbox.clock.advance("PT10M");
    expect((await waiting).status).toBe("captured");
    await expect(sandbox.payments.waitFor(id, "aborted")).rejects.toMatchObject({ code: "not_reached" });
    await close();
  });

  test("the timeline and the inspector say what happened, and what will", async () => {
    const { sandbox, id, close } = await refunded(50);
    expect(textsOf(await paymentPage(sandbox, id), "finding")[0]).toContain(
      "Is the refund of HK$50.00 final? No. A custom scenario lets it fail late.",
    );
    expect(textsOf(await paymentPage(sandbox, id), "line").join(" ")).toContain("captured → partially refunded");
    await sandbox.clock.advance("PT10M");
    const { timeline } = await whole(sandbox, id);
    expect(timeline.filter(({ kind }: { kind: string }) => kind === "refund")).toMatchObject([
      { status: "pending" },
      { status: "refunded" },
      { time: "2026-01-05T09:10:02.000Z", status: "failed" },
    ]);
    const page = await paymentPage(sandbox, id);
    const lines = textsOf(page, "line").join(" ");
    expect(lines).toMatch(/captured → partially refunded .*Refund of HK\$50.00 failed after it was done/);
    expect(lines).toContain("ledger: payer −HK$50.00, merchant +HK$50.00");
    expect(lines).toContain("partially refunded → captured");
    expect(textsOf(page, "finding")[0]).toContain(
      "A custom scenario made it fail. The payer's wallet gave the money back, and the merchant has it again.",
    );
    await close();
  });

  test("a restored snapshot goes on in the same way, before the failure and after it", async () => {
    const { sandbox, id, close } = await refunded();
    const { text } = await snapshotOf(sandbox);
    await using other = await frozenSandbox();
    expect((await putBack(other, text)).status).toBe(200);
    await other.clock.advance("PT10M");
    expect((await whole(other, id)).status).toBe("captured");
    expect((await putBack(sandbox, (await snapshotOf(other)).text)).status).toBe(200);
    expect((await whole(sandbox, id)).refunds).toMatchObject([{ status: "failed" }]);
    await close();
  });
});

describe("the member failsLate", () => {
  test("of a payment's refunds applies to each of them", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox, { amount: 8888.32 });
    for (let made = 0; made < 2; made += 1) {
      await refund(sandbox, id);
      await sandbox.clock.advance("PT10M2S");
    }
    expect(await whole(sandbox, id)).toMatchObject({
      status: "captured",
      refunds: [{ status: "failed" }, { status: "failed" }],
    });
    expect(textsOf(await paymentPage(sandbox, id), "finding")[0]).toContain(
      "to see one succeed, refund another payment",
    );
  });

  test("by the header of the refund, and at the provider", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" }, byName);
    await sandbox.clock.advance("PT10M2S");
    await queue(sandbox, { on: "refund", after: "PT1M", failsLate: "PT1M" });
    await post(sandbox, `/_sandbox/payments/${id}/refunds`, "");
    await sandbox.clock.advance("PT1M59.999S");
    expect((await whole(sandbox, id)).refunds).toMatchObject([{ status: "failed" }, { status: "refunded" }]);
    await sandbox.clock.advance("PT0.001S");
    expect((await whole(sandbox, id)).refunds).toMatchObject([{ status: "failed" }, { status: "failed" }]);
  });

  test("counts from a success by an action, and has no effect after a failure", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    for (const action of ["fail", "succeed"]) {
      await queue(sandbox, { on: "refund", failsLate: "PT1M" });
      const { body } = await refund(sandbox, id);
      await post(sandbox, `/_sandbox/refunds/${body.id}/actions`, { action });
      await sandbox.clock.advance("PT59.999S");
      expect((await whole(sandbox, id)).status).toBe(action === "fail" ? "captured" : "refunded");
      expect((await sandbox.clock.advance("PT0.001S")).ran).toBe(action === "fail" ? 0 : 1);
      expect((await whole(sandbox, id)).status).toBe("captured");
    }
    expect((await get(sandbox, "/_sandbox/notifications")).body.data).toHaveLength(4);
  });

  test.each([
    [{ on: "refund", failsLate: "soon" }, "scenario.failsLate"],
    [{ on: "refund", outcome: "fail", failsLate: "PT1M" }, "scenario.failsLate"],
    [{ refunds: { outcome: "fail", failsLate: "PT1M" } }, "scenario.refunds.failsLate"],
    [{ outcome: "pay", failsLate: "PT1M" }, "scenario.failsLate"],
  ])("is refused in %j", async (scenario, path) => {
    await using sandbox = await frozenSandbox();
    const { status, body } = await queue(sandbox, scenario);
    expect([status, body.errors[0].path]).toEqual([400, path]);
  });
});
