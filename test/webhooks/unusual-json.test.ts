import { describe, expect, test } from "vitest";
import { type Sandbox, verifyWebhook } from "../../src/index.ts";
import { frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { notificationsOf, resend, startAnswering } from "../support/notifications.ts";
import type { Receiver } from "../support/receiver.ts";

/** Whether each received signature fits the bytes that came with it. */
function verdicts(sandbox: Sandbox, { received, url }: Receiver): boolean[] {
  const { hmacKey } = sandbox.credentials;
  return received.map(({ signatures, body }) => verifyWebhook({ signature: signatures, body, hmacKey, url }));
}

describe("a notification of webhook_unusual_json", () => {
  const unusual = async (merchantReference = "order-1001") => {
    const receiver = await startAnswering(204);
    const sandbox = await frozenSandbox({ webhook: receiver.url });
    const request = { ...paymentRequest({ amount: 8.2 }), merchantReference };
    const { body } = await post(sandbox, "/v1/payments", request, { "X-Sandbox-Scenario": "webhook_unusual_json" });
    await sandbox.clock.advance("PT2S");
    const close = async () => {
      await sandbox.close();
      await receiver.close();
    };
    return { sandbox, receiver, payment: body as { id: string }, body: receiver.received[0]?.body ?? "", close };
  };

  test.each([
    ["white space", /\{\n\t"[^"]+" : /],
    ["a line feed at its end", /\}\n$/],
    ["an amount with two decimals", /"value" : 8\.20\b/],
    ["an escaped solidus", /"trackingUrl" : "\\\/v1\\\/tracks\\\/payments\\\//],
    ["an escaped letter", /caf\\u00e9/],
    ["an unknown member", /"unknownMember" : "/],
  ])("has %s", async (_, pattern) => {
    const { body, close } = await unusual();
    expect(body).toMatch(pattern);
    await close();
  });

  test.each(["order-1001", 'caf\u00e9 \u5496\u5561 \u{1f375} "quoted" \\ /'])(
    "has the reference %j",
    async (reference) => {
      const { sandbox, payment, body, close } = await unusual(reference);
      expect(body).toMatch(/^[\n\t -~]+$/);
      const { unknownMember: _, ...known } = JSON.parse(body);
      const { body: read } = await get(sandbox, `/v1/payments/${payment.id}`);
      expect(read.merchantReference).toBe(reference);
      expect(known).toMatchObject({ type: "payment", live: false, payload: read });
      await close();
    },
  );

  test("has its members in another order", async () => {
    const { body, close } = await unusual();
    const { payload, ...members } = JSON.parse(body);
    expect(Object.keys(members)).toEqual(["unknownMember", "createTime", "live", "type", "id"]);
    expect(Object.keys(payload.amount)).toEqual(["currency", "value"]);
    await close();
  });

  test("has a signature over its bytes, which does not fit JSON that is written again", async () => {
    const { sandbox, receiver, body, close } = await unusual();
    expect(verdicts(sandbox, receiver)).toEqual([true]);
    const signature = receiver.received[0]?.signatures;
    const again = JSON.stringify(JSON.parse(body));
    const { hmacKey } = sandbox.credentials;
    expect(verifyWebhook({ signature, body: again, hmacKey, url: receiver.url })).toBe(false);
    await close();
  });

  test("is the same in every attempt, and the inspector shows it as it was sent", async () => {
    const { sandbox, receiver, payment, body, close } = await unusual();
    const [{ id }] = await notificationsOf(sandbox);
    await resend(sandbox, id);
    await sandbox.settle();
    expect(receiver.received.map((webhook) => webhook.body)).toEqual([body, body]);
    expect((await get(sandbox, `/inspector/payments/${payment.id}`)).text).toContain("caf\\u00e9");
    await close();
  });

  test("reports a refund too", async () => {
    const { sandbox, receiver, payment, close } = await unusual();
    await post(sandbox, "/_sandbox/scenarios/next", { scenario: { on: "refund", webhook: "unusual_json" } });
    await post(sandbox, `/v1/payments/${payment.id}/refunds`, { merchantReference: "refund-1" });
    await sandbox.clock.advance("PT2S");
    const refund = receiver.received[1]?.body ?? "";
    expect(refund).toContain("caf\\u00e9");
    expect(JSON.parse(refund)).toMatchObject({ type: "refund", payload: { status: "refunded" } });
    expect(verdicts(sandbox, receiver)).toEqual([true, true]);
    await close();
  });
});
