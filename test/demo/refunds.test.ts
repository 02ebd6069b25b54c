import { describe, expect, test } from "vitest";
import { type DemoShop, withDemoShop } from "../support/demo-shop.ts";

/** Number of a paid order, by default of House beans for HK$128.50. */
async function paidOrder({ buy, act }: DemoShop, item = "beans"): Promise<string> {
  const { number } = await buy(item);
  await act(number, "pay");
  return number;
}

function refund({ visit }: DemoShop, number: string, form: Record<string, string>, attempt = 1) {
  return visit(`/demo/orders/${number}/refunds`, { attempt: String(attempt), ...form });
}

describe("a refund", () => {
  test("of the whole amount is pending, then done, known from the webhook alone", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      expect((await refund(shop, number, { what: "all" })).status).toBe(303);
      expect(await shop.state(number)).toBe("refund_pending");
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("refunded");
      const { refunds, text } = await shop.order(number);
      expect(refunds).toEqual(["HK$128.50 refunded"]);
      expect(text).not.toContain("refund-all");
    }));

  test.each([
    ["28.5", "HK$28.50"],
    ["28.50", "HK$28.50"],
    ["HK$ 28", "HK$28.00"],
    ["$0.01", "HK$0.01"],
    ["0,100.10", "HK$100.10"],
  ])("of a part, entered as %s", (typed, amount) =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      await refund(shop, number, { what: "part", amount: typed });
      await shop.advance("PT2S");
      const { refunds, state } = await shop.order(number);
      expect([refunds, state]).toEqual([[`${amount} partially_refunded`], "partly_refunded"]);
    }),
  );

  test("that fails after it was done is known from the webhook alone", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      const scenario = { on: "refund", failsLate: "PT10M" };
      await shop.control("POST", "/scenarios/next", { processingAccountId: await shop.account(), scenario });
      await refund(shop, number, { what: "all" });
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("refunded");
      await shop.advance("PT10M");
      expect(await shop.state(number)).toBe("paid");
      expect((await shop.order(number)).refunds).toEqual(["HK$128.50 failed"]);
    }));

  test("of a part that equals the rest is a refund of the whole amount", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      await refund(shop, number, { what: "part", amount: "128.50" });
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("refunded");
    }));

  test.each(["", "abc", "-1", "1e3", "12.345", "1.2.3", "NaN", "٣", "<b>"])(
    "of %j, which is not an amount, gets a request for another one",
    (typed) =>
      withDemoShop({}, async (shop) => {
        const number = await paidOrder(shop);
        await refund(shop, number, { what: "part", amount: typed });
        const { notice, refunds, state } = await shop.order(number);
        expect([notice, refunds, state]).toEqual(["Please enter an amount like 12.50.", [], "paid"]);
      }),
  );

  test.each([
    ["0", "The amount is below the minimum."],
    ["500", "The refund is more than what is left: HKD 128.50."],
  ])("of %s is refused in the provider's words", (typed, sentence) =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      await refund(shop, number, { what: "part", amount: typed });
      const { notice, refunds, state } = await shop.order(number);
      expect([notice, refunds, state]).toEqual([sentence, [], "paid"]);
    }),
  );

  test("after a partial refund is refused", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      await refund(shop, number, { what: "part", amount: "28.50" });
      await shop.advance("PT2S");
      for (const form of [{ what: "part", amount: "1" }, { what: "all" }]) {
        await refund(shop, number, form, 2);
        const { notice, refunds } = await shop.order(number);
        expect([notice, refunds]).toEqual([
          "Only one partial refund is allowed, and this payment has had it.",
          ["HK$28.50 partially_refunded"],
        ]);
      }
    }));

  test("is not offered after a partial refund, pending or done: the page says why", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      const offered = async () =>
        /data-testid="(no-more-refunds|refund-part)"/.exec((await shop.order(number)).text)?.[1];
      expect(await offered()).toBe("refund-part");
      await refund(shop, number, { what: "part", amount: "28.50" });
      expect(await offered()).toBe("no-more-refunds");
      await shop.advance("PT2S");
      const { text } = await shop.order(number);
      expect(text).toMatch(/data-testid="no-more-refunds">Alipay HK allows one partial\s+refund\.</);
      for (const form of ["refund-part", "refund-all"]) expect(text).not.toContain(form);
    }));

  test("is offered again after a partial refund that failed, and is possible", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("refund-fails");
      await shop.advance("PT2S");
      await refund(shop, number, { what: "part", amount: "1" });
      expect((await shop.order(number)).text).toContain("no-more-refunds");
      await shop.advance("PT2S");
      const { text, refunds } = await shop.order(number);
      expect([refunds, text.includes("no-more-refunds")]).toEqual([["HK$1.00 failed"], false]);
      await refund(shop, number, { what: "part", amount: "2" }, 2);
      expect((await shop.order(number)).refunds).toEqual(["HK$1.00 failed", "HK$2.00 pending"]);
    }));

  test("of the rest by a whole refund is not a partial one: nothing more is said", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      await refund(shop, number, { what: "all" });
      await shop.advance("PT2S");
      expect((await shop.order(number)).text).not.toContain("no-more-refunds");
    }));

  test("that succeeds removes the error message", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      await refund(shop, number, { what: "part", amount: "x" });
      await refund(shop, number, { what: "part", amount: "5" });
      const { notice, refunds } = await shop.order(number);
      expect([notice, refunds]).toEqual([undefined, ["HK$5.00 pending"]]);
    }));

  test("whose form is sent twice is made once", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      const form = { what: "part", amount: "5" };
      await Promise.all([refund(shop, number, form), refund(shop, number, form)]);
      await shop.advance("PT2S");
      const { refunds, notice } = await shop.order(number);
      expect([refunds, notice]).toEqual([["HK$5.00 partially_refunded"], undefined]);
      await refund(shop, number, { what: "part", amount: "6" });
      expect((await shop.order(number)).notice).toBe("The idempotency key was used for another request.");
    }));

  test.each(["0", "-1", "1.5", "x", "", "100"])("with the attempt number %j is refused as outdated", (attempt) =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      await shop.visit(`/demo/orders/${number}/refunds`, { what: "all", attempt });
      const { notice, refunds } = await shop.order(number);
      expect([notice, refunds]).toEqual(["This form is outdated. Please try again.", []]);
    }),
  );

  test("that fails leaves the order paid, and can be tried again", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("refund-fails");
      await shop.advance("PT2S");
      await refund(shop, number, { what: "all" });
      await shop.advance("PT2S");
      const { refunds, state, text } = await shop.order(number);
      expect([refunds, state]).toEqual([["HK$8,888.30 failed"], "paid"]);
      expect(text).toContain('<span class="wrong">failed: you did not receive the money. Please try');
      expect(text).toContain('name="attempt" value="2"');
      expect(text).toContain("Refund all: HK$8,888.30");
    }));

  test("that is started at the provider is shown", () =>
    withDemoShop({}, async (shop) => {
      const number = await paidOrder(shop);
      const { paymentId } = await shop.order(number);
      await shop.control("POST", `/payments/${paymentId}/refunds`, { amount: { value: 8.5, currency: "hkd" } });
      await shop.advance("PT2S");
      expect(await shop.state(number)).toBe("partly_refunded");
      expect((await shop.order(number)).refunds).toEqual(["HK$8.50 partially_refunded"]);
    }));

  test("of an order that is not paid is refused", () =>
    withDemoShop({}, async (shop) => {
      const { number } = await shop.buy("beans");
      expect((await shop.order(number)).text).not.toContain("refund-all");
      await refund(shop, number, { what: "all" });
      expect((await shop.order(number)).notice).toBe("A payment that is pending cannot be refunded.");
    }));
});

describe("when the provider does not answer as it should", () => {
  test("after a lost response the shop repeats the key, and there is one payment", () =>
    withDemoShop({}, async (shop) => {
      const { number, page } = await shop.buy("answer-lost");
      expect(page).toMatch(/^\/pay\//);
      const { entries } = await shop.order(number);
      expect(entries.slice(0, 2)).toEqual([
        "POST /v1/payments?idempotencyKey=order-1001 → no response: The connection failed.",
        "POST /v1/payments?idempotencyKey=order-1001 → 201: Signed by the provider.",
      ]);
      const query = `processingAccountId=${await shop.account()}`;
      expect((await shop.control<{ data: [] }>("GET", `/payments?${query}`)).data).toHaveLength(1);
    }));

  test("after rate limiting the order can be tried again, and starts one payment", () =>
    withDemoShop({}, async (shop) => {
      const { number, page } = await shop.buy("too-many");
      expect(page).toBe(`/demo/orders/${number}`);
      const { notice, state, text } = await shop.order(number);
      expect([notice, state]).toEqual(["Too many requests: try again after one second.", "not_started"]);
      expect(text).toContain('data-testid="try-again"');
      const again = await shop.visit(`/demo/orders/${number}/payment`, {});
      expect([again.status, new URL(again.location).pathname]).toEqual([303, expect.stringMatching(/^\/pay\//)]);
      const twice = await shop.visit(`/demo/orders/${number}/payment`, {});
      expect(twice.location).toBe(again.location);
      expect((await shop.order(number)).notice).toBeUndefined();
    }));
});
