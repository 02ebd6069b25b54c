import { describe, expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, post } from "../support/merchant.ts";
import { gate, startReceiver } from "../support/receiver.ts";
import { levels } from "./levels.ts";
import { blocks, endpoint, idsOf, minute, paid, stage, storyOf } from "./queue-stage.ts";

describe.each(levels)("set $level", ({ open }) => {
  test.each([
    ["independent", ["a", "b", "c", "a"], ["delivered 0 2", "delivered 0", "delivered 0"]],
    ["endpoint_blocks", ["a", "a", "b", "c"], ["delivered 0 2", "delivered 2", "delivered 2"]],
  ] as const)("notificationQueue %s: the order and the times of the attempts", async (rule, order, story) => {
    const { url, log, refused } = await endpoint();
    const world = await open({ notificationQueue: rule }, { webhookUrl: url });
    const names = new Map<string, string>();
    for (const name of ["a", "b", "c"]) {
      const { body } = await post(world, "/v1/payments", world.order());
      names.set(body.id, name);
      if (name === "a") refused.add(body.id);
      await world.payments.act(body.id, "pay");
      await world.settle();
    }
    refused.clear();
    await world.clock.advance("PT1H");
    expect(log.map((id) => names.get(id))).toEqual(order);
    expect(await storyOf(world)).toEqual(story);
  });
});

describe("while a notification is not acknowledged, those after it wait", () => {
  test("settle returns, nothing of them is due, and the control API names the one that they wait for", async () => {
    const { sandbox, log, a } = await stage();
    expect(log).toEqual([a]);
    expect(await storyOf(sandbox)).toEqual(["retrying 0", "due", "due"]);
    const [head] = await idsOf(sandbox);
    const { data } = await sandbox.notifications.list();
    expect(data.map(({ waitsFor }) => waitsFor)).toEqual([head, head, undefined]);
    expect((await sandbox.notifications.get(data[0]?.id ?? "")).waitsFor).toBe(head);
    expect((await sandbox.clock.advance("PT1M59S")).ran).toBe(0);
  });

  test("also during its first attempt, and each one during that of another", async () => {
    const held = gate();
    let open = 0;
    let most = 0;
    const receiver = await startReceiver(async (response) => {
      open += 1;
      most = Math.max(most, open);
      if (receiver.received.length === 1) await held.opened;
      open -= 1;
      response.writeHead(204).end();
    });
    onTestFinished(receiver.close);
    await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { contract: blocks } });
    for (let count = 0; count < 20; count += 1) await createPaidPayment(sandbox);
    await receiver.arrived(1);
    held.open();
    await sandbox.settle();
    const ids = await idsOf(sandbox);
    expect(receiver.received.map(({ body }) => JSON.parse(body).id)).toEqual(ids);
    expect([receiver.received.length, most]).toEqual([20, 1]);
  });

  test("and start when it is dropped, each with a ladder of its own", async () => {
    const contract = { ...blocks, retrySchedule: [minute, minute] };
    const { sandbox, log, refused, a, b, c } = await stage({ settings: { contract } });
    refused.add(b);
    await sandbox.clock.advance("PT1H");
    expect(log).toEqual([a, a, a, b, b, b, c]);
    expect(await storyOf(sandbox)).toEqual(["exhausted 0 1 2", "exhausted 2 3 4", "delivered 4"]);
  });

  test("a new notification does not overtake those that wait", async () => {
    const { sandbox, log, refused, a, b, c } = await stage();
    const d = await paid(sandbox);
    refused.clear();
    await sandbox.clock.advance("PT2M");
    const e = await paid(sandbox);
    await sandbox.settle();
    expect(log).toEqual([a, a, b, c, d, e]);
  });

  test("those of another world and its endpoint do not wait", async () => {
    const { sandbox, url, log, a } = await stage();
    const other = await sandbox.world({ settings: { webhookUrl: url } });
    const { body } = await post(other, "/v1/payments", {
      processingAccountId: other.processingAccountId,
      merchantReference: "order-1",
      amount: { value: 1, currency: "hkd" },
      paymentMethod: {
        type: "alipay_hk",
        alipayHk: { returnUrl: "https://merchant.site/", flowType: "qr_link" },
      },
    });
    await other.payments.act(body.id, "pay");
    await other.settle();
    expect(log).toEqual([a, body.id]);
  });

  test("a response that waits for a webhook does not wait for the queue", async () => {
    const { sandbox } = await stage();
    const began = performance.now();
    await createPayment(sandbox, { amount: 8888.23 });
    expect((await storyOf(sandbox)).at(-1)).toBe("due");
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

describe("a resend is outside the queue", () => {
  test("an acknowledged one of the head starts the next one at once", async () => {
    const { sandbox, log, refused, a, b, c } = await stage();
    refused.clear();
    await sandbox.clock.advance("PT1M");
    const [head] = await idsOf(sandbox);
    await sandbox.notifications.resend(head);
    await sandbox.settle();
    expect(log).toEqual([a, a, b, c]);
    expect(await storyOf(sandbox)).toEqual(["delivered 0 1", "delivered 1", "delivered 1"]);
    expect((await sandbox.clock.advance("P10D")).ran).toBe(0);
  });

  test("one that fails changes nothing", async () => {
    const { sandbox, log, refused, a, b, c } = await stage();
    const [head] = await idsOf(sandbox);
    await sandbox.notifications.resend(head);
    await sandbox.settle();
    refused.clear();
    await sandbox.clock.advance("PT2M");
    expect(log).toEqual([a, a, a, b, c]);
  });

  test("one that waits can be sent before its turn, and leaves the queue if that is acknowledged", async () => {
    const { sandbox, log, refused, a, b, c } = await stage();
    refused.add(b);
    const [, second, third] = await idsOf(sandbox);
    for (const waiting of [second, third]) {
      await sandbox.notifications.resend(waiting);
      await sandbox.settle();
    }
    expect(await storyOf(sandbox)).toEqual(["retrying 0", "due 0", "delivered 0"]);
    refused.clear();
    await sandbox.clock.advance("P10D");
    expect(log).toEqual([a, b, c, a, b]);
  });
});

describe("a notification that a scenario delays blocks nobody", () => {
  const scenario = (sandbox: Sandbox, name: string) => post(sandbox, "/_sandbox/scenarios/next", { scenario: name });

  test("webhook_late: others are sent meanwhile, and it enters the queue when it is due", async () => {
    const merchant = await endpoint();
    await using sandbox = await frozenSandbox({ webhook: merchant.url, settings: { contract: blocks } });
    await scenario(sandbox, "webhook_late");
    const { id: late } = await createPayment(sandbox);
    await sandbox.clock.advance("PT2S");
    const other = await paid(sandbox, merchant);
    await sandbox.clock.advance("PT10M");
    expect(merchant.log).toEqual([other, other, other]);
    merchant.refused.clear();
    await sandbox.clock.advance("PT1H");
    expect(merchant.log).toEqual([other, other, other, other, late]);
  });

  test("webhook_out_of_order: held until the refund's first attempt, it then waits for that one", async () => {
    const merchant = await endpoint();
    await using sandbox = await frozenSandbox({ webhook: merchant.url, settings: { contract: blocks } });
    await scenario(sandbox, "webhook_out_of_order");
    const { id: held } = await createPayment(sandbox);
    await sandbox.clock.advance("PT2S");
    const other = await paid(sandbox);
    await sandbox.settle();
    const { body: refund } = await post(sandbox, `/v1/payments/${held}/refunds`, { merchantReference: "refund-1" });
    merchant.refused.add(refund.id);
    await sandbox.clock.advance("PT2S");
    expect(merchant.log).toEqual([other, refund.id]);
    merchant.refused.clear();
    await sandbox.clock.advance("PT2M");
    expect(merchant.log).toEqual([other, refund.id, refund.id, held]);
  });

  test("webhook_never and the second attempt of webhook_twice are outside the queue", async () => {
    const merchant = await endpoint();
    await using sandbox = await frozenSandbox({ webhook: merchant.url, settings: { contract: blocks } });
    for (const name of ["webhook_never", "webhook_twice"]) {
      await scenario(sandbox, name);
      await createPayment(sandbox);
    }
    await sandbox.clock.advance("PT2S");
    await paid(sandbox);
    await sandbox.settle();
    const states = (await storyOf(sandbox)).map((one) => one.split(" ")[0]);
    expect(states).toEqual(["suppressed", "delivered", "delivered"]);
    expect(merchant.log).toHaveLength(3);
  });
});
