import { describe, expect, test } from "vitest";
import { withDemoShop } from "../support/demo-shop.ts";

const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";

/** A request in the sandbox's log. */
interface Logged {
  method: string;
  target: string;
  status: number;
  signature: string;
  body: string;
}

describe("an order", () => {
  test.each([
    [{}, "qr_link"],
    [{ "User-Agent": iphone }, "mobile_redirect"],
    [{ "Sec-CH-UA-Mobile": "?1" }, "mobile_redirect"],
    [{ "Sec-CH-UA-Mobile": "?0", "User-Agent": iphone }, "qr_link"],
  ])("with the headers %j, the menu proposes %s", (headers, flow) =>
    withDemoShop({}, async ({ visit }) => {
      const { status, text } = await visit("/demo", undefined, headers as Record<string, string>);
      expect(status).toBe(200);
      const checked = [...text.matchAll(/name="flow" value="(\w+)"[^>]* checked/g)].map(([, value]) => value);
      expect(checked).toEqual([flow]);
    }),
  );

  test.each(["qr_link", "mobile_redirect"])(
    "by %s creates a signed payment with a key, and sends the payer to nextStep",
    (flow) =>
      withDemoShop({ auth: "require" }, async ({ visit, url, account, control }) => {
        const { status, location } = await visit("/demo/orders", { item: "beans", flow });
        expect([status, location]).toEqual([303, expect.stringMatching(new RegExp(`^${url}/pay/`))]);
        const query = `processingAccountId=${await account()}`;
        const { data } = await control<{ data: Logged[] }>("GET", `/requests?${query}`);
        const request = data.find(({ method }) => method === "POST");
        expect(request).toMatchObject({
          method: "POST",
          target: "/v1/payments?idempotencyKey=order-1001",
          status: 201,
          signature: "signed",
        });
        expect(JSON.parse(request?.body ?? "")).toMatchObject({
          merchantReference: "order-1001",
          amount: { value: 128.5, currency: "hkd" },
          paymentMethod: { alipayHk: { returnUrl: `${url}/demo/orders/1001/return`, flowType: flow } },
        });
        expect((await visit(new URL(location).pathname)).text).toContain("Harbour Coffee");
      }),
  );

  test("ignores the price in the form", () =>
    withDemoShop({}, async ({ visit, order }) => {
      await visit("/demo/orders", { item: "beans", flow: "qr_link", price: "1", amount: "0.1" });
      expect((await order("1001")).text).toContain("HK$128.50");
    }));
});

describe("the state of an order", () => {
  test.each([
    ["pay", undefined, "paid", undefined],
    ["decline", "insufficient_funds", "declined", "The wallet has too little money."],
    ["decline", "limit_exceeded", "declined", "The payment is above a limit of the wallet."],
    ["cancel", undefined, "cancelled", "The payer cancelled the payment."],
    ["expire", undefined, "expired", "The payer did not pay in time."],
    ["fail", undefined, "failed", "The payment could not be processed."],
  ])("%s %s: the webhook alone changes it to %s", (action, reason, state, sentence) =>
    withDemoShop({}, async ({ buy, act, state: stateOf, order }) => {
      const { number } = await buy("flat-white");
      expect(await stateOf(number)).toBe("waiting");
      await act(number, action, reason);
      expect(await stateOf(number)).toBe(state);
      const { text } = await order(number);
      if (sentence !== undefined) expect(text).toContain(`Alipay HK: ${sentence}`);
    }),
  );

  test("is expired if nobody pays", () =>
    withDemoShop({}, async ({ buy, advance, state }) => {
      const { number } = await buy("flat-white");
      await advance("PT30M");
      expect(await state(number)).toBe("expired");
    }));

  test("is read when the payer returns, if no webhook arrived", () =>
    withDemoShop({}, async ({ buy, advance, state, visit }) => {
      const { number } = await buy("webhook-never");
      await advance("PT2S");
      expect(await state(number)).toBe("waiting");
      const { status, location } = await visit(`/demo/orders/${number}/return`);
      expect([status, location]).toEqual([303, `/demo/orders/${number}`]);
      expect(await state(number)).toBe("paid");
    }));

  test("is read when the order's page opens, if neither a webhook nor a return arrived", () =>
    withDemoShop({}, async ({ buy, advance, order }) => {
      const { number } = await buy("webhook-never");
      await advance("PT2S");
      expect((await order(number)).state).toBe("paid");
    }));

  test("is polled by the page with a version and whether it is final", () =>
    withDemoShop({}, async ({ buy, act, visit, order }) => {
      const { number } = await buy("flat-white");
      const { text } = await order(number);
      const before = JSON.parse((await visit(`/demo/orders/${number}/state`)).text);
      expect(before).toMatchObject({ version: Number(/data-version="(\d+)"/.exec(text)?.[1]), settled: false });
      await act(number, "pay");
      const after = await visit(`/demo/orders/${number}/state`);
      expect(JSON.parse(after.text)).toMatchObject({
        version: expect.any(Number),
        settled: true,
        state: "paid",
        paid: 38,
      });
      expect(JSON.parse(after.text).version).toBeGreaterThan(before.version);
      expect(after.headers.get("cache-control")).toBe("no-store");
    }));
});

describe("the return of the payer proves nothing", () => {
  test.each(["GET", "POST"])("%s: a return that says paid leaves the order waiting", (method) =>
    withDemoShop({}, async ({ buy, visit, state, order }) => {
      const { number } = await buy("flat-white");
      const path = `/demo/orders/${number}/return?status=captured&amount=38`;
      const { status } = await visit(path, method === "POST" ? { status: "captured" } : undefined);
      expect(status).toBe(303);
      expect(await state(number)).toBe("waiting");
      expect((await order(number)).entries).toContainEqual(
        `${method} ${path}: The payer's browser returned. The shop ignores the URL's content and tracks the payment.`,
      );
    }),
  );

  test("a false return after a decline: the order is declined", () =>
    withDemoShop({}, async ({ buy, advance, order, visit }) => {
      const { number, page } = await buy("lying-return", "mobile_redirect");
      await advance("PT2S");
      const [, back = ""] = /http-equiv="refresh" content="\d+;url=([^"]*)"/.exec((await visit(page)).text) ?? [];
      const { pathname, search } = new URL(back.replaceAll("&amp;", "&"));
      expect(search).toContain("status=captured");
      await visit(pathname + search);
      expect((await order(number)).state).toBe("declined");
    }));
});
