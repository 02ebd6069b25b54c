import { describe, expect, test } from "vitest";
import { frozenSandbox, get } from "../support/merchant.ts";
import { blocks, endpoint, idsOf, paid, stage, storyOf } from "./queue-stage.ts";

describe("a change of the world while notifications wait", () => {
  test("of the rule to independent: all that wait start at once, in order", async () => {
    const { sandbox, log, refused, a, b, c } = await stage();
    await sandbox.change({ contract: { notificationQueue: "independent" } });
    await sandbox.settle();
    expect(log[0]).toBe(a);
    expect(new Set(log.slice(1))).toEqual(new Set([b, c]));
    refused.clear();
    await sandbox.clock.advance("PT2M");
    expect(await storyOf(sandbox)).toEqual(["delivered 0 2", "delivered 0", "delivered 0"]);
  });

  test("of the rule to endpoint_blocks: one that is retrying joins with its next attempt", async () => {
    const { sandbox, log, a, b, c } = await stage({ settings: {} });
    expect(log).toContain(c);
    await sandbox.change({ contract: blocks });
    const merchant = await endpoint();
    await sandbox.change({ webhookUrl: merchant.url });
    const d = await paid(sandbox, merchant);
    await sandbox.clock.advance("PT2M");
    expect(merchant.log, `${a} waits behind the one that was tried first`).toEqual([d, d]);
    const [waiting] = (await sandbox.notifications.list()).data.filter(({ paymentId }) => paymentId === a);
    expect(waiting).toMatchObject({ state: "retrying", waitsFor: expect.any(String) });
    expect(waiting?.nextAttemptTime, "the time that has passed").toBeUndefined();
    merchant.refused.clear();
    await sandbox.clock.advance("PT5M");
    expect(merchant.log).toEqual([d, d, d, a]);
    expect(merchant.log).not.toContain(b);
  });

  test("of the endpoint: the next one starts there, and the head enters the queue with its next attempt", async () => {
    const { sandbox, log, a, b, c } = await stage();
    const moved = await endpoint();
    moved.refused.add(b);
    await sandbox.change({ webhookUrl: moved.url });
    await sandbox.settle();
    expect([log, moved.log]).toEqual([[a], [b]]);
    await sandbox.clock.advance("PT2M");
    moved.refused.clear();
    await sandbox.clock.advance("PT1H");
    expect(moved.log).toEqual([b, b, b, a, c]);
  });

  test("without an endpoint, none of them is sent", async () => {
    const { sandbox, log, a } = await stage();
    await sandbox.change({ webhookUrl: null });
    await sandbox.clock.advance("PT2M");
    expect(log).toEqual([a]);
    expect(await storyOf(sandbox)).toEqual(["no_endpoint 0", "no_endpoint", "no_endpoint"]);
  });

  test("a reset removes the queue", async () => {
    const { sandbox, log } = await stage();
    await sandbox.reset();
    const d = await paid(sandbox);
    await sandbox.settle();
    expect(log.at(-1)).toBe(d);
  });
});

describe("a snapshot of a queue", () => {
  test("goes on where it was, also at another endpoint", async () => {
    const { sandbox, log, refused, a, b, c } = await stage();
    const snapshot = await sandbox.snapshot();
    await sandbox.restore(snapshot);
    await sandbox.settle();
    expect(await storyOf(sandbox)).toEqual(["retrying 0", "due", "due"]);
    const moved = await endpoint();
    await sandbox.restore(snapshot, { webhookUrl: moved.url });
    await sandbox.settle();
    expect(moved.log).toEqual([b, c]);
    await sandbox.restore(snapshot, { webhookUrl: "restore" });
    refused.clear();
    await sandbox.clock.advance("PT2M");
    expect(log).toEqual([a, a, b, c]);
  });
});

test("the OpenAPI document says whether notifications wait", async () => {
  const described = async (settings: Parameters<typeof frozenSandbox>[0]) => {
    await using sandbox = await frozenSandbox(settings);
    return (await get(sandbox, "/openapi.json")).body.webhooks.refund.post.description as string;
  };
  const waits = "Later notifications of the endpoint wait until it is acknowledged or dropped.";
  expect(await described({})).toContain("Notifications may arrive in any order.");
  expect(await described({ settings: { contract: blocks } })).toContain(waits);
});

test("the inspector says which notification another one waits for", async () => {
  const { sandbox, b } = await stage();
  const [head, second] = await idsOf(sandbox);
  const sentence = `It waits until the notification ${head} is acknowledged or dropped.`;
  const page = (await get(sandbox, `/inspector/payments/${b}`)).text;
  expect(page).toContain(sentence);
  expect(page).toContain("The next attempt for that one is at");
  expect(page).toContain("waits for another notification of the endpoint");
  const { text } = await get(sandbox, `/inspector/webhooks?notification=${second}`);
  expect(text).toContain(sentence);
  expect((await get(sandbox, "/inspector/webhooks")).text).toContain("waits for another webhook");
});
