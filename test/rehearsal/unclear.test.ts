import { expect, test } from "vitest";
import { type PlanInput, SetupError } from "../../src/rehearsal/plan.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";
import type { Mutant } from "./mutants/mutant.ts";

/** Plays some cases against the exemplary merchant, after a change of its plan or of one line. */
async function play(
  only: readonly string[],
  changes: (plan: PlanInput) => Partial<PlanInput>,
  mutant?: Pick<Mutant, "find" | "replace">,
) {
  using merchant = await openMerchant("exemplary", mutant);
  const plan = { ...merchant.plan, ...changes(merchant.plan) };
  return await rehearse(plan, { directory: merchant.directory, only });
}

const orderOf = ({ order }: PlanInput) => order as NonNullable<PlanInput["order"]>;

test("goods that go out twice are one finding, whatever the case is about", async () => {
  const wrong = { find: "order.effects += 1;", replace: "order.effects += 2;" };
  const only = ["paid_by_qr", "notification_twice", "forged_alg_none"];
  const { cases, findings } = await play(only, () => ({}), wrong);
  expect(cases.map(({ verdict }) => verdict)).toEqual(["fail", "fail", "fail"]);
  expect(findings.map(({ cause, cases: found, advice }) => [cause, found, advice])).toEqual([
    ["fulfils_twice", only, expect.stringMatching(/^Change the state of the order and fulfil it in one step/)],
  ]);
});

test("a text of a paid page cannot tell a refund, so no refund is judged by it", async () => {
  const { cases } = await play(["refund_whole"], () => ({ order: { url: "/orders/{reference}", paidText: '"paid"' } }));
  expect(cases).toMatchObject([
    { verdict: "not_judged", reason: "unclear", sentence: expect.stringContaining("order.paidText cannot tell") },
  ]);
});

test("a value that one action lacks ends its case, not the run", async () => {
  const steps = [{ request: "POST /orders/{number}/payments" }];
  const { cases } = await play(["paid_by_qr", "second_attempt"], () => ({ payAgain: { steps } }));
  expect(cases).toMatchObject([
    { id: "paid_by_qr", verdict: "pass" },
    { id: "second_attempt", verdict: "not_judged", sentence: expect.stringContaining("{number}") },
  ]);
});

test("a word that is not mapped ends the run, and its case is named", async () => {
  const playing = play(["refund_whole"], (plan) => {
    const { refunded: _, ...words } = orderOf(plan).words ?? {};
    return { order: { ...orderOf(plan), words } };
  });
  await expect(playing).rejects.toThrow(SetupError);
  await expect(playing).rejects.toThrow(/^In the case refund_whole: The order says "refunded", which order\.words/);
});
