import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { paymentPage, submit, textsOf } from "../inspector/reading.ts";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { notificationsOf, startAnswering } from "../support/notifications.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";

const queue = (sandbox: Sandbox, scenario: unknown) => post(sandbox, "/_sandbox/scenarios/next", { scenario });
const whole = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/_sandbox/payments/${id}`)).body;
const statusOf = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/v1/payments/${id}`)).body.status;

/** A sandbox with a payment of the scenario `paid_late`, which expired at 09:00:02. */
async function expired() {
  const receiver = await startAnswering(204);
  const sandbox = await frozenSandbox({ webhook: receiver.url });
  await queue(sandbox, "paid_late");
  const { id, nextStep } = await createPayment(sandbox);
  await sandbox.clock.advance("PT2S");
  const close = async () => {
    await sandbox.close();
    await receiver.close();
  };
  return { sandbox, receiver, id, page: new URL(nextStep.redirect.url).pathname, close };
}

describe("with the scenario paid_late", () => {
  test("an expired payment is captured, with its ledger entry, transaction and notification", async () => {
    const { sandbox, receiver, id, close } = await expired();
    expect(await whole(sandbox, id)).toMatchObject({ status: "aborted", reason: { code: "expired" }, ledger: [] });
    expect((await get(sandbox, "/v1/transactions")).body.data).toEqual([]);
    await sandbox.clock.advance("PT10M");
    const { status, reason, updateTime, ledger } = await whole(sandbox, id);
    expect([status, reason, updateTime]).toEqual(["captured", undefined, "2026-01-05T09:10:02.000Z"]);
    expect(ledger).toMatchObject([{ kind: "payment_captured", time: "2026-01-05T09:10:02.000Z" }]);
    expect((await get(sandbox, "/v1/transactions")).body.data).toMatchObject([{ type: "payment", paymentId: id }]);
    const bodies = receiver.received.map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ type, payload }) => [type, payload.id, payload.status])).toEqual([
      ["payment", id, "aborted"],
      ["payment", id, "captured"],
    ]);
    expect(bodies[0].id).not.toBe(bodies[1].id);
    expect((await sandbox.clock.advance("P10D")).ran).toBe(0);
    await close();
  });

  test("no other action pays it", async () => {
    const { sandbox, id, page, close } = await expired();
    for (const action of ["pay", "decline", "cancel", "expire", "fail"]) {
      const { status, body } = await post(sandbox, `/_sandbox/payments/${id}/actions`, { action });
      expect([action, status, body.reason.code]).toEqual([action, 409, "action_not_allowed"]);
    }
    const unknown = await post(sandbox, `/_sandbox/payments/${id}/actions`, { action: "pay_late" });
    expect(unknown.status).toBe(400);
    await submit(sandbox, `${page.replace("/pay/", "/wallet/")}/actions`, { action: "pay" });
    expect(await statusOf(sandbox, id)).toBe("aborted");
    await close();
  });

  test("it can be refunded once it is captured, and not before", async () => {
    const { sandbox, id, close } = await expired();
    const refund = () => post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" });
    expect((await refund()).body.reason.code).toBe("payment_not_refundable");
    await sandbox.clock.advance("PT10M");
    expect((await refund()).status).toBe(201);
    await sandbox.clock.advance("PT2S");
    expect(await statusOf(sandbox, id)).toBe("refunded");
    await close();
  });

  test("a wait for captured goes on while it is aborted", async () => {
    const { sandbox, id, close } = await expired();
    const waiting = sandbox.payments.waitFor(id, "captured");
    await sandbox.clock.advance("PT10M");
    expect((await waiting).status).toBe("captured");
    await close();
  });

  test("the timeline and the inspector say what happened, and what will", async () => {
    const { sandbox, id, close } = await expired();
    expect(textsOf(await paymentPage(sandbox, id), "finding")[0]).toContain(
      "Is this payment final? No. The scenario paid_late lets its money arrive late.",
    );
    await sandbox.clock.advance("PT10M");
    const { timeline } = await whole(sandbox, id);
    expect(timeline.filter(({ kind }: { kind: string }) => kind === "status")).toMatchObject([
      { status: "aborted", by: "scenario", action: "expire" },
      { time: "2026-01-05T09:10:02.000Z", status: "captured", by: "scenario", action: "pay_late" },
    ]);
    const page = await paymentPage(sandbox, id);
    expect(textsOf(page, "line").join(" ")).toMatch(/aborted → captured .*the money arrived after the expiry/);
    expect(textsOf(page, "finding").join(" ")).not.toContain("late");
    await close();
  });

  test("a restored snapshot goes on in the same way", async () => {
    const { sandbox, id, close } = await expired();
    const { text } = await snapshotOf(sandbox);
    await using other = await frozenSandbox();
    expect((await putBack(other, text)).status).toBe(200);
    await other.clock.advance("PT10M");
    expect(await statusOf(other, id)).toBe("captured");
    await close();
  });
});

describe("the member paidLate", () => {
  test("counts from the expiry by the clock, if the payer does nothing", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { paidLate: "PT1H" });
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT1H29M59.999S");
    expect(await statusOf(sandbox, id)).toBe("aborted");
    await sandbox.clock.advance("PT0.001S");
    expect(await statusOf(sandbox, id)).toBe("captured");
  });

  test("counts from an expiry by an action", async () => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { paidLate: "PT1M" });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, "expire");
    await sandbox.clock.advance("PT1M");
    expect(await statusOf(sandbox, id)).toBe("captured");
  });

  test.each([
    ["pay", "captured"],
    ["cancel", "aborted"],
    ["decline", "declined"],
    ["fail", "failed"],
  ] as const)("has no effect after the action %s", async (action, status) => {
    await using sandbox = await frozenSandbox();
    await queue(sandbox, { paidLate: "PT1M" });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, action);
    const wait = sandbox.payments.waitFor(id, status === "captured" ? "aborted" : "captured");
    await expect(wait).rejects.toMatchObject({ code: "not_reached" });
    expect((await sandbox.clock.advance("P1D")).ran).toBe(0);
    expect(await statusOf(sandbox, id)).toBe(status);
    expect(await notificationsOf(sandbox)).toHaveLength(1);
  });

  test.each([
    [{ paidLate: "soon" }, "scenario.paidLate"],
    [{ outcome: "pay", paidLate: "PT1M" }, "scenario.paidLate"],
    [{ outcome: "cancel", paidLate: "PT1M" }, "scenario.paidLate"],
    [{ on: "refund", paidLate: "PT1M" }, "scenario.paidLate"],
  ])("is refused in %j", async (scenario, path) => {
    await using sandbox = await frozenSandbox();
    const { status, body } = await queue(sandbox, scenario);
    expect([status, body.errors[0].path]).toEqual([400, path]);
  });
});
