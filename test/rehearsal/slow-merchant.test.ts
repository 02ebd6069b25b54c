import { expect, test } from "vitest";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";
import { readPayment } from "./mutants/order.ts";

// Webhook and return race for the order, but the first of them needs longer than a fast merchant's whole answer.
const race = `
  if (!order.isSeen) await new Promise((resolve) => setTimeout(resolve, (order.isSeen = true) && 400));
  if (attempt.captured > 0) return; ${readPayment} attempt.captured = 0;`;

test("a race of a slow merchant is found: the first request waits for the second in proportion", async () => {
  using merchant = await openMerchant("exemplary", { find: readPayment, replace: race });
  const only = ["webhook_and_return_together"];
  const { cases } = await rehearse(merchant.plan, { directory: merchant.directory, only });
  expect(cases).toMatchObject([{ verdict: "fail", cause: "fulfils_twice" }]);
});
