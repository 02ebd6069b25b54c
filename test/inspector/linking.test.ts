import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { signWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const nine = "2026-01-05T09:00:00.000Z";

async function logged(sandbox: Sandbox) {
  return (await get(sandbox, "/_sandbox/requests")).body.data;
}

async function timelineOf(sandbox: Sandbox, id: string) {
  return (await get(sandbox, `/_sandbox/payments/${id}`)).body.timeline;
}

/** Short form of the timeline, one string per line. */
async function storyOf(sandbox: Sandbox, id: string): Promise<string[]> {
  const lines = await timelineOf(sandbox, id);
  return lines.map(({ kind, method, status, action }: Record<string, string>) =>
    kind === "call" ? `${method} ${status}` : `${kind}${status === undefined ? "" : ` ${action ?? status}`}`,
  );
}

describe("the request log", () => {
  test("has the payment that a request creates, reads, tracks or refunds, and the response", async () => {
    await using sandbox = await frozenSandbox();
    const { id, trackingUrl } = await createPaidPayment(sandbox);
    const refund = await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" });
    const targets = [`/v1/payments/${id}`, trackingUrl, refund.body.trackingUrl];
    for (const target of targets) await get(sandbox, target);
    const log = (await logged(sandbox)).reverse();
    expect(log.map(({ paymentId }: { paymentId: string }) => paymentId)).toEqual([id, id, id, id, id]);
    expect(log[1]).toMatchObject({ at: nine, answer: refund.text, status: 201 });
    expect(log[0]).not.toHaveProperty("place");
  });

  test("has the payment of a refused request, and of a request whose response is lost", async () => {
    await using sandbox = await frozenSandbox({ auth: "require" });
    const { kid, privateKey } = sandbox.credentials;
    const body = JSON.stringify(paymentRequest({ amount: 8888.42 }));
    const signature = await signWithJose({ method: "POST", target: "/v1/payments", body, kid, privateKey });
    expect((await post(sandbox, "/v1/payments", body, { "X-Signature": signature })).status).toBe(500);
    const [{ id }] = (await get(sandbox, "/_sandbox/payments")).body.data;
    expect((await get(sandbox, `/v1/payments/${id}?x=1`)).status).toBe(401);
    const log = await logged(sandbox);
    expect(log).toMatchObject([
      { status: 401, paymentId: id, signature: "wrong" },
      { status: 500, paymentId: id },
    ]);
  });

  test("has no payment for a request without one", async () => {
    await using sandbox = await frozenSandbox();
    await get(sandbox, "/v1/payments/37dGamyEv5WKH3Iy91Gj6dncbXt");
    await get(sandbox, "/v1/payments");
    await post(sandbox, "/v1/payments", {});
    for (const request of await logged(sandbox)) expect(request).not.toHaveProperty("paymentId");
  });

  test("keeps the first 4 KiB of a response", async () => {
    await using sandbox = await frozenSandbox();
    for (let made = 0; made < 20; made += 1) await createPayment(sandbox);
    const { text } = await get(sandbox, "/v1/payments?limit=20");
    const [list] = await logged(sandbox);
    expect(text.length).toBeGreaterThan(5000);
    expect(list.answer).toBe(text.slice(0, 4096));
  });

  test("has the world's time of a request, also on a running clock", async () => {
    await using sandbox = await frozenSandbox({ clock: "running" });
    await sandbox.clock.advance("P100D");
    const before = Date.parse(await sandbox.clock.now());
    await createPayment(sandbox);
    const [{ at }] = await logged(sandbox);
    expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(at)).toBeLessThanOrEqual(Date.parse(await sandbox.clock.now()));
  });
});

describe("a payment's timeline", () => {
  test("has its calls in order, also if all have the same time", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 204 }) });
    const { id } = await createPayment(sandbox);
    await get(sandbox, `/v1/payments/${id}`);
    await sandbox.payments.act(id, "pay");
    await sandbox.settle();
    await get(sandbox, `/v1/payments/${id}`);
    await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1" });
    await get(sandbox, `/v1/payments/${id}`);
    await sandbox.clock.advance("PT2S");
    expect(await storyOf(sandbox, id)).toEqual([
      "POST 201",
      "created",
      "GET 200",
      "status pay",
      "notification",
      "attempt 204",
      "GET 200",
      "POST 201",
      "refund pending",
      "GET 200",
      "clock",
      "refund refunded",
      "notification",
      "attempt 204",
    ]);
  });

  test("has calls without values of the real clock", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await get(sandbox, `/v1/payments/${id}`, { "X-Signature": "a.b" });
    await get(sandbox, `/v1/payments/${id}`, { "X-Sandbox-Scenario": "rate_limited" });
    const calls = (await timelineOf(sandbox, id)).filter(({ kind }: { kind: string }) => kind === "call");
    const read = { time: nine, kind: "call", method: "GET", target: `/v1/payments/${id}` };
    const unsigned = "unsigned: the provider would answer 401";
    expect(calls).toEqual([
      { ...read, method: "POST", target: "/v1/payments", status: 201, signature: "unsigned", diagnosis: unsigned },
      { ...read, status: 401, signature: "wrong", diagnosis: expect.any(String) },
      { ...read, status: 429, signature: "unsigned", diagnosis: unsigned, scenario: "rate_limited" },
    ]);
  });

  test("has attempts without their duration, which is in the notification", async () => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response(null, { status: 500 }) });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    const { data } = (await get(sandbox, "/_sandbox/notifications")).body;
    expect(data[0].attempts[0]).toHaveProperty("durationMs");
    expect((await timelineOf(sandbox, id)).at(-1)).toEqual({
      time: nine,
      kind: "attempt",
      notificationId: data[0].id,
      status: 500,
    });
  });

  test("has the advances of the clock since the payment was created, and none before", async () => {
    await using sandbox = await frozenSandbox();
    await sandbox.clock.advance("PT1H");
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT1M");
    const advances = (await timelineOf(sandbox, id)).filter(({ kind }: { kind: string }) => kind === "clock");
    expect(advances).toMatchObject([{ from: "2026-01-05T10:00:00.000Z", to: "2026-01-05T10:01:00.000Z" }]);
  });

  test("keeps its calls in a snapshot", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    await get(sandbox, `/v1/payments/${id}`);
    const before = await timelineOf(sandbox, id);
    const { text } = await get(sandbox, "/_sandbox/snapshot");
    await sandbox.reset();
    await sandbox.fetch("/_sandbox/snapshot", { method: "PUT", body: text });
    expect(await timelineOf(sandbox, id)).toEqual(before);
  });
});
