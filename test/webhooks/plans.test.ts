import { describe, expect, test } from "vitest";
import { type Sandbox, type SandboxOptions, verifyWebhook } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { notificationsOf, resend, startAnswering } from "../support/notifications.ts";
import { gate, type Receiver, startReceiver } from "../support/receiver.ts";

const amounts = { twice: 8888.2, late: 8888.21, never: 8888.22, bad: 8888.24, expired: 8888.25, twin: 8888.29 };

/** A sandbox with a payment of that amount, captured at 09:00:02. */
async function captured(receiver: Receiver, amount: number, options: SandboxOptions = {}) {
  const sandbox = await frozenSandbox({ webhook: receiver.url, ...options });
  const { id } = await createPayment(sandbox, { amount });
  await sandbox.clock.advance("PT2S");
  return { sandbox, id };
}

/** Whether each received signature is valid now, by the real clock. */
function verdicts(sandbox: Sandbox, { received, url }: Receiver): boolean[] {
  const { hmacKey } = sandbox.credentials;
  return received.map(({ signatures, body }) => verifyWebhook({ signature: signatures, body, hmacKey, url }));
}

const headerOf = (signature = "") => JSON.parse(Buffer.from(signature.split(".")[0] ?? "", "base64url").toString());

describe("twice", () => {
  test("the same notification is sent again when its first attempt has ended", async () => {
    const receiver = await startAnswering(204);
    const { sandbox } = await captured(receiver, amounts.twice);
    const at = { startedAt: "2026-01-05T09:00:02.000Z", answer: { status: 204 } };
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "delivered", attempts: [at, at] }]);
    const [{ attempts }] = await notificationsOf(sandbox);
    expect(attempts.map(({ manual, repeated }) => [manual, repeated])).toEqual([
      [undefined, undefined],
      [undefined, true],
    ]);
    const [one, two] = receiver.received;
    expect(two?.body).toBe(one?.body);
    expect(verdicts(sandbox, receiver)).toEqual([true, true]);
    expect((await sandbox.clock.advance("P10D")).ran).toBe(0);
    await sandbox.close();
    await receiver.close();
  });

  test("the repeated attempt waits for the end of the first", async () => {
    const held = gate();
    const receiver = await startReceiver(async (response) => {
      await held.opened;
      response.writeHead(204).end();
    });
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    await createPayment(sandbox, { amount: amounts.twice });
    const advanced = sandbox.clock.advance("PT2S");
    await receiver.arrived(1);
    await get(sandbox, "/_sandbox/health");
    expect(receiver.received).toHaveLength(1);
    held.open();
    await advanced;
    expect(receiver.received).toHaveLength(2);
    await receiver.close();
  });

  test("the notification is also repeated if it is resent during the first attempt", async () => {
    const held = gate();
    const receiver = await startReceiver(async (response) => {
      if (receiver.received.length === 1) await held.opened;
      response.writeHead(500).end();
    });
    await using sandbox = await frozenSandbox({ webhook: receiver.url, limits: { deliveriesPerEndpointMax: 2 } });
    await createPayment(sandbox, { amount: amounts.twice });
    const advanced = sandbox.clock.advance("PT2S");
    await receiver.arrived(1);
    const [{ id }] = await notificationsOf(sandbox);
    // The second resend gets a slot after the first resend was recorded.
    await resend(sandbox, id);
    await resend(sandbox, id);
    await receiver.arrived(3);
    held.open();
    await advanced;
    const [{ attempts }] = await notificationsOf(sandbox);
    expect(attempts[0]?.manual).toBe(true);
    expect([attempts.length, attempts.filter(({ repeated }) => repeated).length]).toEqual([4, 1]);
    await receiver.close();
  });

  test("the acknowledged second attempt ends the schedule after a failed first one", async () => {
    const receiver = await startAnswering(500, 204);
    const { sandbox } = await captured(receiver, amounts.twice);
    const [{ state, nextAttemptTime }] = await notificationsOf(sandbox);
    expect([state, nextAttemptTime]).toEqual(["delivered", undefined]);
    expect((await sandbox.clock.advance("P10D")).ran).toBe(0);
    await sandbox.close();
    await receiver.close();
  });

  test("if both fail, the schedule continues and no other attempt is repeated", async () => {
    const receiver = await startAnswering(500);
    const { sandbox } = await captured(receiver, amounts.twice);
    expect(await notificationsOf(sandbox)).toMatchObject([
      { state: "retrying", nextAttemptTime: "2026-01-05T09:02:02.000Z", attempts: [{}, { repeated: true }] },
    ]);
    await sandbox.clock.advance("P10D");
    const [{ id, state, attempts }] = await notificationsOf(sandbox);
    expect([state, attempts.length, attempts.filter(({ repeated }) => repeated).length]).toEqual(["exhausted", 23, 1]);
    await resend(sandbox, id);
    await sandbox.settle();
    expect(receiver.received).toHaveLength(24);
    await sandbox.close();
    await receiver.close();
  });
});

test("late: the first scheduled attempt is ten minutes later", async () => {
  const receiver = await startAnswering(500);
  const { sandbox } = await captured(receiver, amounts.late);
  await sandbox.clock.advance("PT9M59.999S");
  expect(receiver.received).toEqual([]);
  expect(await notificationsOf(sandbox)).toMatchObject([{ state: "due", attempts: [] }]);
  await sandbox.clock.advance("PT0.001S");
  expect(await notificationsOf(sandbox)).toMatchObject([
    { nextAttemptTime: "2026-01-05T09:12:02.000Z", attempts: [{ startedAt: "2026-01-05T09:10:02.000Z" }] },
  ]);
  await sandbox.close();
  await receiver.close();
});

describe("never", () => {
  test.each([
    ["an acknowledged resend delivers it", 204, "delivered"],
    ["a resend that fails leaves it suppressed", 500, "suppressed"],
  ])("nothing is sent automatically; %s", async (_, status, after) => {
    const receiver = await startAnswering(status);
    const { sandbox } = await captured(receiver, amounts.never);
    await sandbox.clock.advance("P10D");
    expect(receiver.received).toEqual([]);
    const [{ id, state, attempts }] = await notificationsOf(sandbox);
    expect([state, attempts]).toEqual(["suppressed", []]);
    await resend(sandbox, id);
    await sandbox.clock.advance("P10D");
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: after, attempts: [{ manual: true }] }]);
    expect(verdicts(sandbox, receiver)).toEqual([true]);
    await sandbox.close();
    await receiver.close();
  });

  test("the notification stays suppressed if the endpoint is removed before the resend", async () => {
    const held = gate();
    const receiver = await startReceiver(async (response) => {
      await held.opened;
      response.writeHead(204).end();
    });
    const { sandbox } = await captured(receiver, amounts.never, { limits: { deliveriesPerEndpointMax: 1 } });
    const [{ id }] = await notificationsOf(sandbox);
    await createPaidPayment(sandbox);
    await receiver.arrived(1);
    await resend(sandbox, id);
    const body = JSON.stringify({ settings: { webhookUrl: null } });
    await sandbox.fetch(`/_sandbox/worlds/${sandbox.processingAccountId}`, { method: "PATCH", body });
    held.open();
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([
      { state: "delivered" },
      { id, state: "suppressed", attempts: [] },
    ]);
    await sandbox.close();
    await receiver.close();
  });
});

describe.each([
  ["a bad signature", amounts.bad],
  ["an expired signature", amounts.expired],
])("%s", (_, amount) => {
  test("is only on the first attempt", async () => {
    const receiver = await startAnswering(401, 401, 204);
    const { sandbox } = await captured(receiver, amount);
    await sandbox.clock.advance("PT1H");
    expect(verdicts(sandbox, receiver)).toEqual([false, true, true]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    await sandbox.close();
    await receiver.close();
  });

  test("is not on a resend, and is still on the first attempt", async () => {
    const held = gate();
    const receiver = await startReceiver(async (response) => {
      if (receiver.received.length === 1) await held.opened;
      response.writeHead(500).end();
    });
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    await createPayment(sandbox, { amount });
    const advanced = sandbox.clock.advance("PT2S");
    await receiver.arrived(1);
    const [{ id }] = await notificationsOf(sandbox);
    await resend(sandbox, id);
    await receiver.arrived(2);
    held.open();
    await advanced;
    await sandbox.clock.advance("PT2M");
    expect(verdicts(sandbox, receiver)).toEqual([false, true, true]);
    await receiver.close();
  });
});

test("a bad signature is well-formed, and an expired one differs only in its time", async () => {
  const receiver = await startAnswering(204);
  const { sandbox } = await captured(receiver, amounts.bad);
  await createPayment(sandbox, { amount: amounts.expired });
  await sandbox.clock.advance("PT2S");
  const [bad, expired] = receiver.received;
  const now = Date.now() / 1000;
  expect(bad?.signatures[0]).toMatch(/^[\w-]+\.\.[\w-]{43}$/);
  expect(headerOf(bad?.signatures[0])).toMatchObject({ alg: "HS256", aud: receiver.url });
  expect(headerOf(bad?.signatures[0]).exp).toBeGreaterThan(now);
  expect(headerOf(expired?.signatures[0]).exp).toBeLessThan(now - 200);
  await sandbox.close();
  await receiver.close();
});

describe("twin", () => {
  const withoutId = ({ body }: { body: string }) => ({ ...JSON.parse(body), id: undefined });

  test("two notifications with different ids are under way at once", async () => {
    const held = gate();
    const receiver = await startReceiver(async (response) => {
      await held.opened;
      response.writeHead(204).end();
    });
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    await createPayment(sandbox, { amount: amounts.twin });
    const advanced = sandbox.clock.advance("PT2S");
    await receiver.arrived(2);
    held.open();
    await advanced;
    const ids = receiver.received.map(({ body }) => JSON.parse(body).id);
    const [one, two] = receiver.received.map(withoutId);
    expect([new Set(ids).size, two]).toEqual([2, one]);
    expect(verdicts(sandbox, receiver)).toEqual([true, true]);
    expect((await notificationsOf(sandbox)).map(({ id, state, attempts }) => [id, state, attempts.length])).toEqual(
      expect.arrayContaining(ids.map((id) => [id, "delivered", 1])),
    );
    await receiver.close();
  });

  test("each of the two has its own schedule", async () => {
    const receiver = await startAnswering(204, 500, 204);
    const { sandbox } = await captured(receiver, amounts.twin);
    expect((await notificationsOf(sandbox)).map(({ state }) => state).sort()).toEqual(["delivered", "retrying"]);
    await sandbox.clock.advance("PT2M");
    expect((await notificationsOf(sandbox)).map(({ state }) => state)).toEqual(["delivered", "delivered"]);
    const [first, second, third] = receiver.received.map(({ body }) => JSON.parse(body).id);
    expect(first).not.toBe(second);
    expect([first, second]).toContain(third);
    await sandbox.close();
    await receiver.close();
  });

  test("a refund has twins, and the payment is captured and refunded once", async () => {
    const receiver = await startAnswering(204);
    const { sandbox, id } = await captured(receiver, amounts.twin);
    await post(sandbox, "/_sandbox/scenarios/next", { scenario: { on: "refund", webhook: "twin" } });
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" });
    await sandbox.clock.advance("PT2S");
    expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual([
      "payment",
      "payment",
      "refund",
      "refund",
    ]);
    expect((await get(sandbox, "/v1/transactions")).body.data).toHaveLength(2);
    await sandbox.close();
    await receiver.close();
  });
});
