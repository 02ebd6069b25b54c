import { expect, test } from "vitest";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";

const line = "const order = { reference, amount, ";

/** What a new order does to an earlier one that is paid. */
const rows = [
  [
    "fulfils it again",
    "old.effects += 1",
    "fulfils_twice",
    /was right, and changed later: .*2 fulfilments, expected 1/,
  ],
  ["cancels it", "old.isCancelled = true", undefined, /was right, and changed later: .*\(attention\), expected paid/],
  ["loses it", "orders.set(old.reference, undefined)", "order_gone", /is gone: the server answers 404/],
] as const;

test.for(rows)(
  "an order that was right is read again at the end: a later order %s",
  async ([, change, cause, words]) => {
    const replace = `for (const old of orders.values()) if (old?.effects === 1) ${change}; ${line}`;
    using merchant = await openMerchant("exemplary", { find: line, replace });
    const { notFound: _, ...order } = merchant.plan.order ?? {};
    const plan = { ...merchant.plan, order };
    const only = ["paid_by_qr", "paid_on_phone"];
    const { cases, outcome } = await rehearse(plan, { directory: merchant.directory, only });
    const [failed] = cases.filter(({ verdict }) => verdict === "fail");
    expect(failed).toMatchObject({ cause: cause ?? failed?.id, sentence: expect.stringMatching(words) });
    expect(cases.filter(({ verdict }) => verdict === "pass")).toHaveLength(1);
    expect(outcome).toBe("fail");
  },
);
