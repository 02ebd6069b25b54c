import { describe, expect, test } from "vitest";
import type { SandboxOptions } from "../../src/index.ts";
import { createElsewhere, type DemoShop, withDemoShop } from "../support/demo-shop.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

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

/** What the payer and the shopkeeper do, with what the shop shows then. */
const plays = {
  pay: async (shop: DemoShop) => {
    const { number, page } = await shop.buy("beans");
    expect((await shop.visit(page)).text).toContain("HK$128.50");
    await shop.act(number, "pay");
    expect(await shown(shop, number)).toEqual(is("paid"));
  },
  decline: async (shop: DemoShop) => expect(await shop.state(await orderAfter(shop, "decline"))).toBe("declined"),
  cancel: async (shop: DemoShop) => expect(await shop.state(await orderAfter(shop, "cancel"))).toBe("cancelled"),
  expire: async (shop: DemoShop) => expect(await shop.state(await orderAfter(shop, "expire"))).toBe("expired"),
  fail: async (shop: DemoShop) => expect(await shop.state(await orderAfter(shop, "fail"))).toBe("failed"),
  refundPart: async (shop: DemoShop) => {
    const number = await orderAfter(shop, "pay");
    await refund(shop, number, { what: "part", amount: "28.5" });
    expect(await shown(shop, number)).toEqual(is("partly_refunded", ["HK$28.50"]));
  },
  refundAll: async (shop: DemoShop) => {
    const number = await orderAfter(shop, "pay");
    await refund(shop, number, { what: "all" });
    expect(await shown(shop, number)).toEqual(is("refunded", ["HK$128.50"]));
  },
};
type Play = keyof typeof plays;
const allPlays = Object.keys(plays) as Play[];
const refunds: readonly Play[] = ["refundPart", "refundAll"];

/** The other values of each rule, and the plays in which the shop meets it. */
const others: {
  readonly [R in keyof Contract]-?: { readonly values: readonly Contract[R][]; readonly in: readonly Play[] };
} = {
  createStatus: { values: [200], in: ["pay", ...refunds] },
  createMembers: { values: [["amount", "createTime", "updateTime", "paymentMethod"]], in: ["pay"] },
  paidStatus: { values: ["approved"], in: ["pay", ...refunds] },
  cancelledStatus: { values: ["cancelled", "declined"], in: ["cancel"] },
  expiredStatus: { values: ["declined", "failed"], in: ["expire"] },
  failedStatus: { values: ["rejected", "declined"], in: ["fail"] },
  // A payment without a reason has a test of its own.
  reasonWhenFinal: { values: ["hidden"], in: ["pay", "decline", "fail"] },
  amountUnit: { values: ["minor"], in: allPlays },
  amountMin: { values: [1], in: ["pay", ...refunds] },
  errorStatus: { values: [422], in: ["pay"] },
  unsupportedStatus: { values: [404, 405], in: ["pay"] },
  refundedStatus: { values: ["refunded"], in: refunds },
  partialRefunds: { values: ["one_then_rest"], in: refunds },
  refundMode: { values: ["final_at_once"], in: refunds },
  refundReference: { values: ["optional"], in: refunds },
  refundNotifications: { values: ["refund_and_payment"], in: refunds },
  pendingNotification: { values: ["on"], in: allPlays },
  retrySchedule: { values: [[1000]], in: ["pay"] },
  notificationQueue: { values: ["endpoint_blocks"], in: ["pay", ...refunds] },
  returnMethod: { values: ["post"], in: ["pay"] },
  returnParameters: { values: [[{ name: "status", value: "{status}" }]], in: ["pay"] },
  returnSchemes: { values: ["custom"], in: ["pay"] },
};
const rows = Object.entries(others).flatMap(([rule, { values, in: played }]) =>
  values.map((value): [string, Contract, readonly Play[]] => [
    `${rule} ${JSON.stringify(value)}`,
    { [rule]: value },
    played,
  ]),
);
const together: Contract = Object.assign({}, ...rows.map(([, contract]) => contract), { reasonWhenFinal: "shown" });

test.each([...rows, ["all of them together", together, allPlays] as const])(
  "under %s the shop asks for its price, and knows what becomes of a payment",
  (_, contract, played) =>
    under(contract, async (shop) => {
      for (const play of played) await plays[play](shop);
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
