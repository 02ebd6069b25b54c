import { describe, expect, test } from "vitest";
import { createElsewhere, type DemoShop, hmacSignature, withDemoShop } from "../support/demo-shop.ts";

/** Queues a scenario for the next payment of the shop. */
async function next(shop: DemoShop, scenario: string | object): Promise<void> {
  await shop.visit("/demo");
  await shop.control("POST", "/scenarios/next", { processingAccountId: await shop.account(), scenario });
}

async function act(shop: DemoShop, paymentId: string, action = "pay"): Promise<void> {
  await shop.control("POST", `/payments/${paymentId}/actions`, { action });
  await shop.settle();
}

/** Sends a notification with a right signature of the provider. @returns the status of the shop's response. */
async function notify(shop: DemoShop, changes: object, type = "payment", id = "3MUHvmApF11FdXqIQGiIAoEbjni") {
  const query = `processingAccountId=${await shop.account()}`;
  const { hmacKey } = await shop.control<{ hmacKey: string }>("GET", `/credentials?${query}`);
  const payload = {
    id: "2gdPdLMTxLi6KTwJPWhbLHZXAZF",
    merchantReference: "order-1001",
    status: "captured",
    trackingUrl: "/v1/tracks/payments/unknown",
    amount: { value: 38, currency: "hkd" },
    ...changes,
  };
  const body = JSON.stringify({ id, type, live: false, payload });
  const exp = Math.floor(Date.now() / 1000) + 60;
  const headers = { "X-Signature": hmacSignature(hmacKey, body, { aud: `${shop.url}/demo/webhooks`, exp }) };
  return (await fetch(`${shop.url}/demo/webhooks`, { method: "POST", body, headers })).status;
}

/** The payments in the list of an order that needs attention: state and id. */
async function listed({ order }: DemoShop, number: string): Promise<[state: string, id: string][]> {
  const { text } = await order(number);
  return [...text.matchAll(/data-testid="payment" data-state="(\w+)".*?data-testid="payment-link">(\w+)/gs)].map(
    ([, state = "", id = ""]) => [state, id],
  );
}

const refund = ({ visit }: DemoShop, number: string, payment: string) =>
  visit(`/demo/orders/${number}/refunds`, { what: "all", attempt: "1", payment });

describe("a payment under the order's reference that the shop did not start", () => {
  test.each([
    ["after a refused request", "rate_limited", 1],
    ["after a response with a wrong signature", "response_wrong_signature", 1],
    ["beside the order's payment", "paid_never_returns", 1],
    ["of the order's amount after a refused request", "rate_limited", 38],
    ["of the order's amount after a response with a wrong signature", "response_wrong_signature", 38],
    ["of the order's amount beside the order's payment", "paid_never_returns", 38],
  ])("%s never pays the order, and needs attention", (_, scenario, value) =>
    withDemoShop({}, async (shop) => {
      await next(shop, scenario);
      const { number } = await shop.buy("flat-white");
      const strange = await createElsewhere(shop, value);
      expect(["not_started", "waiting"]).toContain(await shop.state(number));
      await act(shop, strange);
      expect(await shop.state(number)).toBe("attention");
      const { text, entries, state } = await shop.order(number);
      expect(state).toBe("attention");
      expect(text).toContain("Do not send the goods: compare the payments");
      expect(entries.join()).toContain("the shop did not start this payment: it does not pay the order.");
      expect(await listed(shop, number)).toContainEqual(["paid", strange]);
      // A refused request made no payment, so the shop asks for none.
      if (scenario === "rate_limited") expect(await listed(shop, number)).toHaveLength(1);
    }),
  );

  test("is refunded by the shopkeeper, and then the order can be paid", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      const { paymentId } = await shop.order(number);
      const strange = await createElsewhere(shop, 1);
      await act(shop, strange);
      expect((await shop.visit(`/demo/orders/${number}/payment`, {})).location).toBe(`/demo/orders/${number}`);
      expect((await shop.order(number)).text).toContain("Refund HK$1.00");
      await refund(shop, number, strange);
      await shop.advance("PT2S");
      expect([await shop.state(number), (await shop.order(number)).refunds]).toEqual(["waiting", ["HK$1.00 refunded"]]);
      await act(shop, paymentId);
      expect(await shop.state(number)).toBe("paid");
      expect((await shop.order(number)).text).toContain("Refund all: HK$38.00");
    }));

  test("and that is not paid, changes nothing", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      await act(shop, await createElsewhere(shop, 1), "decline");
      expect(await shop.state(number)).toBe("waiting");
    }));

  test("does not make a paid order a question of trust: it is paid, and needs attention", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      await shop.act(number, "pay");
      const strange = await createElsewhere(shop, 5);
      await act(shop, strange);
      expect(await shop.state(number)).toBe("attention");
      expect((await listed(shop, number)).map(([state]) => state)).toEqual(["paid", "paid"]);
      await refund(shop, number, strange);
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("paid");
    }));
});

describe("a payment of the shop whose response was lost", () => {
  test("is learned by the key when its notification arrives", () =>
    withDemoShop({}, async (shop) => {
      await next(shop, { fault: "response_wrong_signature", outcome: "pay" });
      const { number } = await shop.buy("flat-white");
      expect(await shop.state(number)).toBe("not_started");
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("paid");
      const created = (await shop.order(number)).entries.filter((entry) => entry.startsWith("POST /v1/payments"));
      expect(created).toEqual([
        "POST /v1/payments?idempotencyKey=order-1001 → 201: Not signed by the provider.",
        "POST /v1/payments?idempotencyKey=order-1001 → 201: Signed by the provider.",
      ]);
    }));
});

describe("two attempts", () => {
  /** An order whose first attempt expired and is paid ten minutes later, with a second attempt that is open. */
  async function withSecondAttempt(shop: DemoShop): Promise<{ number: string; first: string; second: string }> {
    await next(shop, { paidLate: "PT10M" });
    const { number } = await shop.buy("flat-white");
    const { paymentId: first } = await shop.order(number);
    await shop.advance("PT30M");
    await shop.visit(`/demo/orders/${number}/payment`, {});
    return { number, first, second: (await shop.order(number)).paymentId };
  }

  test("of which the first is paid late, while the second is open, need attention until the second ends", () =>
    withDemoShop({}, async (shop) => {
      const { number, first, second } = await withSecondAttempt(shop);
      await shop.advance("PT10M");
      expect(await shop.state(number)).toBe("attention");
      expect(await listed(shop, number)).toEqual([
        ["paid", first],
        ["waiting", second],
      ]);
      expect((await shop.order(number)).text).not.toContain('data-testid="go-on"');
      await act(shop, second, "cancel");
      expect(await shop.state(number)).toBe("paid");
      expect((await shop.order(number)).paymentId).toBe(first);
    }));

  test.each(["first", "second"] as const)("that are both paid need attention until the %s is refunded", (which) =>
    withDemoShop({}, async (shop) => {
      const attempts = await withSecondAttempt(shop);
      const { number, first, second } = attempts;
      await act(shop, second);
      expect(await shop.state(number)).toBe("paid");
      await shop.advance("PT10M");
      expect(await shop.state(number)).toBe("attention");
      expect(await listed(shop, number)).toEqual([
        ["paid", first],
        ["paid", second],
      ]);
      await refund(shop, number, attempts[which]);
      expect(await listed(shop, number)).toContainEqual(["refund_pending", attempts[which]]);
      await shop.advance("PT2S");
      const { state, paymentId } = await shop.order(number);
      expect([state, paymentId]).toEqual(["paid", which === "first" ? second : first]);
    }),
  );
});

describe("a notification with a right signature", () => {
  const swapCase = (text: string) =>
    text.replaceAll(/[a-z]/gi, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
  type Changes = (id: string) => object;
  test.each<[string, string, string, Changes]>([
    ["of another amount", "waiting", "payment", (id) => ({ id, amount: { value: 1, currency: "hkd" } })],
    ["of another currency", "waiting", "payment", (id) => ({ id, amount: { value: 38, currency: "usd" } })],
    ["of another account", "waiting", "payment", (id) => ({ id, processingAccountId: swapCase(id) })],
    ["of an unknown status of another payment", "waiting", "payment", () => ({ status: "paid_in_full" })],
    ["of an unknown type", "waiting", "dispute", (id) => ({ id })],
    ["of another payment", "attention", "payment", () => ({})],
    ["of an id in another case", "attention", "payment", (id) => ({ id: swapCase(id) })],
    ["of a refund of another payment", "waiting", "refund", () => ({ paymentId: "2gdPdLMTxLi6KTwJPWhbLHZXAZF" })],
  ])("%s is acknowledged, and the order is %s", (_, state, type, changes) =>
    withDemoShop({}, async (shop) => {
      await next(shop, { webhook: "never" });
      const { number } = await shop.buy("flat-white");
      const { paymentId } = await shop.order(number);
      // Paid without a notification: a read would find it.
      await act(shop, paymentId);
      expect(await notify(shop, changes(paymentId), type)).toBe(204);
      expect(await shop.state(number)).toBe(state);
    }),
  );

  test("of an unknown status is acknowledged, and the order keeps its state", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      const { paymentId: id } = await shop.order(number);
      expect(await notify(shop, { id, status: "paid_in_full" })).toBe(204);
      expect(await shop.state(number)).toBe("waiting");
      await shop.act(number, "pay");
      expect(await notify(shop, { id, status: "paid_in_full" }, "payment", "3MUHvmApF11FdXqIQGiIAoEbjnj")).toBe(204);
      expect(await shop.state(number)).toBe("paid");
    }));

  test("that the shop did not start is sent again if it cannot be read", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("flat-white");
      const strange = await createElsewhere(shop, 1);
      const processingAccountId = await shop.account();
      const scenario = { on: "read", fault: "server_error_before" };
      await shop.control("POST", "/scenarios/next", { processingAccountId, scenario, times: 2 });
      await act(shop, strange);
      expect(await shop.state(number)).toBe("waiting");
      await shop.advance("PT2M");
      expect(await shop.state(number)).toBe("attention");
    }));
});
