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
  design = "exemplary",
) {
  using merchant = await openMerchant(design, mutant);
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

test("an order that is paid and never fulfilled is a lost payment, not goods that go out twice", async () => {
  const wrong = { find: "order.effects += 1;", replace: "" };
  const { cases } = await play(["notification_twice", "return_twice"], () => ({}), wrong);
  expect(cases.map(({ verdict, cause }) => [verdict, cause])).toEqual([
    ["fail", "loses_payment"],
    ["fail", "loses_payment"],
  ]);
});

test("without a number of fulfilments, goods that go out twice are a warning, and the run passes", async () => {
  const only = ["notification_twice", "webhook_and_return_together", "webhook_late", "return_twice"];
  const all = [...only, "no_goods_before_money", "restarted_between_duplicates"];
  const { cases, findings, outcome } = await play(all, (plan) => {
    const { effects: _, ...order } = orderOf(plan);
    return { order };
  });
  expect(cases.filter(({ verdict }) => verdict !== "warn").map(({ id, verdict }) => [id, verdict])).toEqual([
    ["webhook_late", "pass"],
  ]);
  expect(findings.map(({ cause, sentence }) => [cause, sentence])).toEqual([
    ["not_counted", "The order is paid, but fulfilments were not counted: add order.effects."],
  ]);
  expect(outcome).toBe("pass");
});

test("a plan that cannot pay an order again lacks payAgain, and the run passes", async () => {
  const { cases, outcome } = await play(["paid_by_qr", "two_tabs", "paid_twice"], () => ({ payAgain: undefined }));
  expect(cases).toMatchObject([
    { id: "paid_by_qr", verdict: "pass" },
    { id: "two_tabs", verdict: "not_judged", reason: "missing_hook", missing: ["payAgain"] },
    { id: "paid_twice", verdict: "not_judged", reason: "missing_hook", missing: ["payAgain"] },
  ]);
  expect(outcome).toBe("pass");
});

const forgetful = {
  find: "await receive(JSON.parse(text));",
  replace: "await receive(JSON.parse(text)).catch((error) => console.error(error));",
};

test("a payment that was lost after a 2xx comes back with the jobs, or stays lost in the books", async () => {
  const only = ["read_lost", "books_agree"];
  const withJobs = await play(only, () => ({}), forgetful);
  expect(withJobs.cases.map(({ verdict, cause }) => [verdict, cause])).toEqual([
    ["warn", "waits_for_jobs"],
    ["pass", "books_agree"],
  ]);
  const without = await play(only, () => ({ jobs: undefined }), forgetful);
  expect(without.cases.map(({ verdict, cause }) => [verdict, cause])).toEqual([
    ["fail", "loses_payment"],
    ["fail", "loses_payment"],
  ]);
});

test.each([
  ["exemplary", "both wait at the API, and go on together"],
  ["trusting", "no request reaches the API, so nothing could be held: both only started at the same time"],
])("the timeline says what the merchant %s let the sandbox hold", async (design, text) => {
  const { cases } = await play(["notifications_at_once"], () => ({}), undefined, design);
  expect(cases).toMatchObject([
    { verdict: "pass", timeline: expect.arrayContaining([expect.objectContaining({ text })]) },
  ]);
});

test("a text of a paid page cannot tell a refund, so no refund is judged by it", async () => {
  const { cases } = await play(["refund_whole"], () => ({ order: { url: "/orders/{reference}", paidText: '"paid"' } }));
  expect(cases).toMatchObject([
    { verdict: "not_judged", reason: "unclear", sentence: expect.stringContaining("order.paidText cannot tell") },
  ]);
});

test("a shop that uses the QR code on a phone too has no flow for phones", async () => {
  const { cases, outcome } = await play(["paid_on_phone"], ({ checkout }) => ({ checkoutOnPhone: checkout }));
  const sentence = expect.stringMatching(/^The shop uses the QR code on a phone too\./);
  expect(cases).toMatchObject([{ verdict: "not_judged", reason: "does_not_apply", sentence }]);
  expect(outcome).toBe("pass");
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

test("a shop that shows an error and sends nothing until Retry-After is over obeys a 429", async () => {
  const find = "const answer = await send(method, target, body).catch((error) => ({ status: 0, error }));";
  const replace = `
    if (Date.now() < (globalThis.lockedUntil ?? 0)) throw new Error("The provider asked for a pause.");
    ${find}
    if (answer.status === 429) {
      globalThis.lockedUntil = Date.now() + Number(answer.retryAfter) * 1000;
      throw new Error("Try again.");
    }`;
  const { cases } = await play(["paid_by_qr", "answer_429"], () => ({}), { find, replace });
  expect(cases.map(({ id, verdict, sentence }) => [id, verdict, sentence])).toEqual([
    ["paid_by_qr", "pass", undefined],
    ["answer_429", "pass", undefined],
  ]);
});

const withoutNotFound = (plan: PlanInput): Partial<PlanInput> => {
  const { notFound: _, ...order } = orderOf(plan);
  return { order };
};

/** A shop that answers 404 for some orders. */
const showsOnly = (orders: string) => ({
  find: "openShop({ receive });",
  replace: `openShop({ receive, showsOrder: (order) => ${orders} });`,
});

test("an order that was there or was paid, and is not found any more, fails", async () => {
  // The order of the preflight stays.
  const shop = showsOnly('order.reference === "order-1001" || order.attempts.every(({ captured }) => captured === 0)');
  const gone = [["order_gone", expect.stringMatching(/^The order order-\d+ is gone: the server answers 404\.$/)]];
  for (const id of ["paid_by_qr", "back_without_paying"]) {
    const { findings } = await play([id], withoutNotFound, shop);
    expect(findings.map(({ cause, sentence }) => [cause, sentence])).toEqual(gone);
  }
});

test("an order that was never seen and has no money is not judged", async () => {
  const shop = showsOnly("order.attempts.some(({ captured, isOver }) => captured > 0 || !isOver)");
  const { cases } = await play(["declined_limit_exceeded"], withoutNotFound, shop);
  expect(cases).toMatchObject([{ verdict: "not_judged", reason: "unclear" }]);
});
