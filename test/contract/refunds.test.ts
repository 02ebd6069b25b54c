import { describe, expect, onTestFinished, test } from "vitest";
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

const statusAt = async ({ world }: Stage, target: string) => (await get(world, target)).body.status;

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
});

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
