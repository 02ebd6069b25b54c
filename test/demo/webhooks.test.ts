import { describe, expect, test } from "vitest";
import { type DemoShop, hmacSignature, withDemoShop } from "../support/demo-shop.ts";

interface Notification {
  id: string;
  state: string;
  attempts: { requestBody: string; requestHeaders: Record<string, string>; answer?: { status: number } }[];
}

/** Notifications of the shop's world, newest first. */
async function notifications({ control, account }: DemoShop): Promise<Notification[]> {
  const query = `processingAccountId=${await account()}`;
  return (await control<{ data: Notification[] }>("GET", `/notifications?${query}`)).data;
}

/** Posts to the shop's endpoint without its keys. @returns the status. */
async function post({ url }: DemoShop, body: string, signature?: string): Promise<number> {
  const headers = signature === undefined ? {} : { "X-Signature": signature };
  return (await fetch(`${url}/demo/webhooks`, { method: "POST", body, headers })).status;
}

/** Body of the provider's notification that a payment was captured. */
function paidBody(paymentId: string, changes: object = {}): string {
  const payload = {
    id: paymentId,
    merchantReference: "order-1001",
    status: "captured",
    trackingUrl: "/v1/tracks/payments/x",
    amount: { value: 38, currency: "hkd" },
    ...changes,
  };
  return JSON.stringify({ id: "3MUHvmApF11FdXqIQGiIAoEbjni", type: "payment", live: false, payload });
}

const soon = () => Math.floor(Date.now() / 1000) + 300;

describe("a webhook that the provider did not sign is refused and changes nothing", () => {
  type Forge = (keys: { own: string; demo: string; endpoint: string }, body: string) => string | undefined;
  const forgeries: [string, Forge][] = [
    ["without a signature", () => undefined],
    ["with an empty one", () => ""],
    ["with nonsense", () => "nonsense"],
    ["with dots alone", () => ".."],
    [
      "with another merchant's key",
      ({ demo, endpoint }, body) => hmacSignature(demo, body, { aud: endpoint, exp: soon() }),
    ],
    ["over another body", ({ own, endpoint }) => hmacSignature(own, "{}", { aud: endpoint, exp: soon() })],
    [
      "for another endpoint",
      ({ own, endpoint }, body) => hmacSignature(own, body, { aud: `${endpoint}x`, exp: soon() }),
    ],
    ["for no endpoint, like the signature of a response", ({ own }, body) => hmacSignature(own, body, { exp: soon() })],
    ["expired", ({ own, endpoint }, body) => hmacSignature(own, body, { aud: endpoint, exp: soon() - 301 })],
    ["without an expiry", ({ own, endpoint }, body) => hmacSignature(own, body, { aud: endpoint })],
    [
      "with another algorithm in its header",
      ({ own, endpoint }, body) => hmacSignature(own, body, { alg: "none", aud: endpoint, exp: soon() }),
    ],
  ];
  test.each(forgeries)("%s", (_, forge) =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      const { paymentId, entries } = await shop.order(number);
      const query = `processingAccountId=${await shop.account()}`;
      const { hmacKey: own } = await shop.control<{ hmacKey: string }>("GET", `/credentials?${query}`);
      const body = paidBody(paymentId);
      const keys = { own, demo: shop.sandbox.credentials.hmacKey, endpoint: `${shop.url}/demo/webhooks` };
      expect(await post(shop, body, forge(keys, body))).toBe(401);
      expect(await shop.state(number)).toBe("waiting");
      const after = (await shop.order(number)).entries;
      expect(after.slice(entries.length, entries.length + 1)).toEqual([
        "POST /demo/webhooks → 401: Not signed by the provider: refused.",
      ]);
    }),
  );

  test.each(["", "{", "null", "[]", '"x"', "{}", '{"id":1,"type":[],"payload":null}', paidBody("x", { amount: null })])(
    "the body %j is refused and stops nothing",
    (body) =>
      withDemoShop({}, async (shop) => {
        await shop.visit("/demo");
        expect(await post(shop, body)).toBe(401);
        expect((await shop.visit("/demo")).status).toBe(200);
      }),
  );

  test("before the first request to the shop every webhook is refused", () =>
    withDemoShop({}, async (shop) => expect(await post(shop, paidBody("x"))).toBe(401)));

  test("a thousand unsigned webhooks do not fill the order's page", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      const { paymentId } = await shop.order(number);
      for (let count = 0; count < 1000; count += 50) {
        await Promise.all(Array.from({ length: 50 }, () => post(shop, paidBody(paymentId))));
      }
      const { entries } = await shop.order(number);
      expect(entries[0]).toContain("POST /v1/payments?idempotencyKey=order-1001 → 201");
      expect(entries.length).toBeLessThan(30);
    }));
});

describe("a webhook that the provider signed", () => {
  test("is accepted as it was sent, and refused with a changed body", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      await shop.act(number, "pay");
      const [{ attempts } = { attempts: [] }] = await notifications(shop);
      expect(attempts.map(({ answer }) => answer?.status)).toEqual([204]);
      const [{ requestBody, requestHeaders } = { requestBody: "", requestHeaders: {} }] = attempts;
      const signature = Object.entries(requestHeaders).find(([name]) => name.toLowerCase() === "x-signature")?.[1];
      expect(await post(shop, requestBody.replace("captured", "declined"), String(signature))).toBe(401);
      expect(await shop.state(number)).toBe("paid");
    }));

  test("and sends twice counts once: the second one is answered without a tracking request", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("webhook-twice");
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("paid");
      const [first] = await notifications(shop);
      expect(first?.attempts.map(({ answer }) => answer?.status)).toEqual([204, 204]);
      await shop.control("POST", `/notifications/${first?.id}/resend`);
      const { entries } = await shop.order(number);
      const webhooks = entries.filter((entry) => entry.startsWith("POST /demo/webhooks"));
      expect(webhooks).toEqual([
        "POST /demo/webhooks → 204: Signed by the provider: the shop tracks the payment.",
        "POST /demo/webhooks → 204: Signed by the provider, but already processed.",
        "POST /demo/webhooks → 204: Signed by the provider, but already processed.",
      ]);
      expect(entries.indexOf(webhooks[1] ?? "")).toBe(entries.indexOf(webhooks[0] ?? "") + 2);
    }));

  test("can arrive before the response to the request: the order is paid all the same", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("webhook-first");
      expect(await shop.state(number)).toBe("paid");
      const { entries, state } = await shop.order(number);
      expect(state).toBe("paid");
      expect(entries[0]).toMatch(/^POST \/demo\/webhooks → 204/);
      // The shop learns its payment by its own key, not from the webhook.
      const created = entries.filter((entry) => entry.startsWith("POST /v1/payments?idempotencyKey=order-1001 → 201"));
      expect([created.length, entries.indexOf(created[0] ?? "")]).toEqual([2, 1]);
    }));

  test("can have a wrong amount: it pays nothing, and the shop reads its own payment when the page opens", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("wrong-amount");
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("waiting");
      const { entries, text, state } = await shop.order(number);
      expect(state).toBe("paid");
      expect(entries.join()).toContain("its amount, currency or account is not the order's: it changes nothing.");
      expect(text).toContain('data-testid="amount">HK$8,888.27');
    }));

  test("with a bad signature at first is refused, and accepted when it is retried", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      const { paymentId } = await shop.order(number);
      await shop.control("POST", "/scenarios/next", {
        processingAccountId: await shop.account(),
        scenario: "webhook_bad_signature",
      });
      const second = await shop.buy("milk-tea");
      await shop.act(second.number, "pay");
      await shop.advance("PT2M");
      const { entries } = await shop.order(second.number);
      const webhooks = entries.filter((entry) => entry.startsWith("POST /demo/webhooks"));
      expect(webhooks.map((entry) => entry.slice(0, 26))).toEqual([
        "POST /demo/webhooks → 401:",
        "POST /demo/webhooks → 204:",
      ]);
      expect([await shop.state(second.number), paymentId.length]).toEqual(["paid", 27]);
    }));

  test("is answered with 500 if the shop could not track the payment, and processed when it is retried", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      const { paymentId } = await shop.order(number);
      const processingAccountId = await shop.account();
      await shop.control("POST", "/scenarios/next", {
        processingAccountId,
        scenario: { on: "read", fault: "server_error_before" },
        times: 2,
      });
      await shop.control("POST", `/payments/${paymentId}/actions`, { action: "pay" });
      await shop.control("POST", "/settle", { processingAccountId });
      expect(await shop.state(number)).toBe("waiting");
      await shop.control("POST", "/clock/advance", { processingAccountId, by: "PT2M" });
      expect(await shop.state(number)).toBe("paid");
      const [only] = await notifications(shop);
      expect(only?.attempts.map(({ answer }) => answer?.status)).toEqual([500, 204]);
    }));

  test("about a payment that the shop did not start is answered and changes no order", () =>
    withDemoShop({}, async (shop) => {
      await shop.buy("flat-white");
      const processingAccountId = await shop.account();
      const body = {
        processingAccountId,
        merchantReference: "not-an-order",
        amount: { value: 5, currency: "hkd" },
        paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl: "https://x.test/", flowType: "qr_link" } },
      };
      const created = await shop.sandbox.fetch("/v1/payments", { method: "POST", body: JSON.stringify(body) });
      const { id } = (await created.json()) as { id: string };
      await shop.control("POST", `/payments/${id}/actions`, { action: "pay" });
      await shop.control("POST", "/settle", { processingAccountId });
      const [only] = await notifications(shop);
      expect(only?.attempts.map(({ answer }) => answer?.status)).toEqual([204]);
      expect(await shop.state("1001")).toBe("waiting");
    }));
});

test("after the old key was retired, the shop refuses webhooks and responses", () =>
  withDemoShop({}, async (shop) => {
    const { number } = await shop.buy("flat-white");
    const { paymentId } = await shop.order(number);
    const processingAccountId = await shop.account();
    const keys = await shop.control<{ hmacKid: string }>(
      "GET",
      `/credentials?processingAccountId=${processingAccountId}`,
    );
    await shop.control("POST", "/keys/rotate", { processingAccountId, overlap: "PT1H" });
    await shop.control("POST", "/keys/retire", { processingAccountId, hmacKid: keys.hmacKid });
    await shop.control("POST", `/payments/${paymentId}/actions`, { action: "pay" });
    await shop.control("POST", "/settle", { processingAccountId });
    const { state, entries, text } = await shop.order(number);
    expect(state).toBe("waiting");
    expect(text).toContain("The state of the order is unknown: The provider did not sign the response.");
    expect(entries.slice(-2)).toEqual([
      "POST /demo/webhooks → 401: Not signed by the provider: refused.",
      expect.stringMatching(/^GET \/v1\/tracks\/payments\/\S+ → 200: Not signed by the provider\.$/),
    ]);
  }));

test("during the overlap of a key rotation, the shop verifies with the old key", () =>
  withDemoShop({}, async (shop) => {
    const { number } = await shop.buy("flat-white");
    await shop.control("POST", "/keys/rotate", { processingAccountId: await shop.account(), overlap: "PT1H" });
    await shop.act(number, "pay");
    expect(await shop.state(number)).toBe("paid");
    const { text } = await shop.order(number);
    expect(text.match(/<dt>X-Signature<\/dt>/g)?.length).toBeGreaterThan(4);
  }));
