import { describe, expect, test } from "vitest";
import type { SandboxOptions } from "../../src/index.ts";
import { createElsewhere, type DemoShop, withDemoShop } from "../support/demo-shop.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

/** The other values of each rule. */
const others: { readonly [R in keyof Contract]-?: readonly NonNullable<Contract[R]>[] } = {
  createStatus: [200],
  createMembers: [["amount", "createTime", "updateTime", "paymentMethod"]],
  paidStatus: ["approved"],
  cancelledStatus: ["cancelled", "declined"],
  expiredStatus: ["declined", "failed"],
  failedStatus: ["rejected", "declined"],
  // Without a reason the states are others: see below.
  reasonWhenFinal: [],
  amountUnit: ["minor"],
  amountMin: [1],
  errorStatus: [422],
  unsupportedStatus: [404, 405],
  refundedStatus: ["refunded"],
  partialRefunds: ["one_then_rest"],
  refundMode: ["final_at_once"],
  refundReference: ["optional"],
  refundNotifications: ["refund_and_payment"],
  pendingNotification: ["on"],
  retrySchedule: [[1000]],
  notificationQueue: ["endpoint_blocks"],
  returnMethod: ["post"],
  returnParameters: [[{ name: "status", value: "{status}" }]],
  returnSchemes: ["custom"],
};
const single = Object.entries(others).flatMap(([rule, values]) => values.map((value) => ({ [rule]: value })));
const together: Contract = Object.assign({}, ...single);
const profiles = [...single, together].map((contract) => [JSON.stringify(contract), contract] as const);

const under = (contract: Contract, run: (shop: DemoShop) => Promise<void>) =>
  withDemoShop({ settings: { contract } }, run);

/** Number of a new order that a payer's action ended. */
async function orderAfter({ buy, act }: DemoShop, action: string): Promise<string> {
  const { number } = await buy("beans");
  await act(number, action);
  return number;
}

async function refund({ visit, advance }: DemoShop, number: string, form: Record<string, string>, attempt = "1") {
  await visit(`/demo/orders/${number}/refunds`, { attempt, ...form });
  await advance("PT2S");
}

/** What the list of orders, which reads nothing from the provider, and the order's page say. */
async function shown({ state, order }: DemoShop, number: string) {
  const { notice, refunds, ...page } = await order(number);
  return { states: [await state(number), page.state], notice, refunds: refunds.map((one) => one.replace(/ .*/, "")) };
}

const is = (state: string, refunds: string[] = []) => ({ states: [state, state], notice: undefined, refunds });

test.each(profiles)("under %s the shop asks for its price, and knows what becomes of its payments", (_, contract) =>
  under(contract, async (shop) => {
    const { number, page } = await shop.buy("beans");
    expect((await shop.visit(page)).text).toContain("HK$128.50");
    await shop.act(number, "pay");
    expect(await shown(shop, number)).toEqual(is("paid"));
    await refund(shop, number, { what: "part", amount: "28.5" });
    expect(await shown(shop, number)).toEqual(is("partly_refunded", ["HK$28.50"]));
    const all = await orderAfter(shop, "pay");
    await refund(shop, all, { what: "all" });
    expect(await shown(shop, all)).toEqual(is("refunded", ["HK$128.50"]));
    for (const [action, state] of [
      ["decline", "declined"],
      ["cancel", "cancelled"],
      ["expire", "expired"],
      ["fail", "failed"],
    ] as const) {
      expect(await shop.state(await orderAfter(shop, action)), action).toBe(state);
    }
  }),
);

describe("a payment that ended without a reason", () => {
  test.each([
    [{}, ["declined", "failed", "failed", "failed"]],
    [{ cancelledStatus: "cancelled" }, ["declined", "cancelled", "failed", "failed"]],
    [{ expiredStatus: "declined" }, ["declined", "failed", "declined", "failed"]],
    [{ failedStatus: "rejected" }, ["declined", "failed", "failed", "failed"]],
  ] as const)("has the state that its status alone says: %j", (rules, states) =>
    under({ ...rules, reasonWhenFinal: "hidden" }, async (shop) => {
      const seen: unknown[] = [];
      for (const action of ["decline", "cancel", "expire", "fail"]) {
        seen.push((await shop.order(await orderAfter(shop, action))).state);
      }
      expect(seen).toEqual(states);
    }),
  );
});

describe("in cents", () => {
  const inCents = { amountUnit: "minor" } as const;

  test("the shelf selects its scenarios, and a webhook with another amount changes nothing", () =>
    under(inCents, async (shop) => {
      const { number } = await shop.buy("wrong-amount");
      await shop.advance("PT2S");
      expect((await shop.order(number)).text).toContain("its amount, currency or account is not the order");
      const declined = await shop.buy("declined");
      await shop.advance("PT2S");
      expect(await shop.state(declined.number)).toBe("declined");
    }));

  test("a refund that is started at the provider, and money from elsewhere, have their amounts", () =>
    under(inCents, async (shop) => {
      const number = await orderAfter(shop, "pay");
      const { paymentId } = await shop.order(number);
      await shop.control("POST", `/payments/${paymentId}/refunds`, { amount: { value: 8.5, currency: "hkd" } });
      await shop.advance("PT2S");
      expect(await shown(shop, number)).toEqual(is("partly_refunded", ["HK$8.50"]));
      const stranger = await createElsewhere(shop, 50_00);
      await shop.control("POST", `/payments/${stranger}/actions`, { action: "pay" });
      await shop.settle();
      const { state, text } = await shop.order(number);
      expect([state, /HK\$50\.00/.test(text), text.includes("Refund HK$50.00")]).toEqual(["attention", true, true]);
    }));

  test("or in dollars: each payment keeps the unit that it was created with", () =>
    under({}, async (shop) => {
      const before = await orderAfter(shop, "pay");
      const refused = await shop.buy("too-many");
      const settings = { contract: inCents };
      await shop.control("PATCH", `/worlds/${await shop.account()}`, { settings });
      await refund(shop, before, { what: "part", amount: "28.5" });
      expect(await shown(shop, before)).toEqual(is("partly_refunded", ["HK$28.50"]));
      const after = await orderAfter(shop, "pay");
      await refund(shop, after, { what: "part", amount: "28.5" });
      expect(await shown(shop, after)).toEqual(is("partly_refunded", ["HK$28.50"]));
      const { location } = await shop.visit(`/demo/orders/${refused.number}/payment`, {});
      expect((await shop.visit(new URL(location).pathname)).text).toContain("HK$8,888.43");
    }));
});

describe("after a partial refund", () => {
  const buttons = (text: string) =>
    [...text.matchAll(/data-testid="(refund-\w+|no-more-refunds)"/g)].map(([, id]) => id);

  test("one of the rest is offered where the contract allows it", () =>
    under({ partialRefunds: "one_then_rest" }, async (shop) => {
      const number = await orderAfter(shop, "pay");
      await refund(shop, number, { what: "part", amount: "28.5" });
      const { text } = await shop.order(number);
      expect([buttons(text), text.includes("Refund all: HK$100.00")]).toEqual([["refund-all"], true]);
      await refund(shop, number, { what: "all" }, "2");
      expect(await shown(shop, number)).toEqual(is("refunded", ["HK$28.50", "HK$100.00"]));
    }));

  test.each([
    ["one_then_none", 0],
    ["one_then_rest", 1],
  ] as const)("beside another payment, where the contract has %s, %i of that payment is offered", (rule, offered) =>
    under({ partialRefunds: rule }, async (shop) => {
      const number = await orderAfter(shop, "pay");
      await refund(shop, number, { what: "part", amount: "28.5" });
      const stranger = await createElsewhere(shop, 50);
      await shop.control("POST", `/payments/${stranger}/actions`, { action: "pay" });
      await shop.settle();
      const { text } = await shop.order(number);
      expect([text.match(/Refund HK\$\d+/g)?.length, text.includes("Refund HK$100.00")]).toEqual([
        1 + offered,
        offered === 1,
      ]);
    }),
  );
});

test("a refund that is final at once changes the order without a webhook", () =>
  under({ refundMode: "final_at_once" }, async (shop) => {
    const number = await orderAfter(shop, "pay");
    const scenario = { on: "refund", webhook: "never" };
    await shop.control("POST", "/scenarios/next", { processingAccountId: await shop.account(), scenario });
    await shop.visit(`/demo/orders/${number}/refunds`, { what: "all", attempt: "1" });
    expect(await shown(shop, number)).toEqual(is("refunded", ["HK$128.50"]));
  }));
