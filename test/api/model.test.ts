import { randomInt } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { isFull } from "../support/scope.ts";

/** Expected state of a payment. `waiting` has the seconds until each pending refund is done, and its amount. */
interface Model {
  id: string;
  status: string;
  cents: number;
  left: number;
  refunded: number;
  age: number;
  waiting: { seconds: number; cents: number }[];
  partial: boolean;
}

const ends = { pay: "captured", decline: "declined", cancel: "aborted", expire: "aborted" } as const;
const legal = [
  "pending captured",
  "pending declined",
  "pending aborted",
  "captured refunded",
  "captured partially_refunded",
  "partially_refunded refunded",
];

const usual = { refundReference: "required", refundNotifications: "refund_only", pendingNotification: "off" } as const;
const other = {
  refundReference: "optional",
  refundNotifications: "refund_and_payment",
  pendingNotification: "on",
} as const;

/** The rules that change no amount come together: each profile has a document of its own, which checks its answers. */
const profile = fc
  .tuple(
    fc.record({
      refundedStatus: fc.constantFrom("by_amount", "refunded"),
      partialRefunds: fc.constantFrom("one_then_none", "one_then_rest"),
      refundMode: fc.constantFrom("pending_first", "final_at_once"),
    }),
    fc.constantFrom(usual, other),
  )
  .map(([first, second]) => ({ ...first, ...second }));
type Profile = typeof profile extends fc.Arbitrary<infer P> ? P : never;

/** Expected code of a refused refund. */
function expectedRefusal({ status, left, partial }: Model, value: number, rules: Profile): string | undefined {
  if (status !== "captured" && status !== "partially_refunded") return "payment_not_refundable";
  const isForbidden = rules.partialRefunds === "one_then_none" || value < left;
  if (partial && isForbidden) return "partial_refund_limit_reached";
  return value > left || left === 0 ? "refund_amount_exceeded" : undefined;
}

function settle(model: Model, cents: number): void {
  model.refunded += cents;
  model.status = model.refunded === model.cents ? "refunded" : "partially_refunded";
}

/** Updates the model for an accepted refund. @returns the expected status of the answer. */
function acceptRefund(model: Model, cents: number, rules: Profile): string {
  model.partial ||= cents < model.left;
  model.left -= cents;
  if (rules.refundMode === "pending_first") {
    model.waiting.push({ seconds: 2, cents });
    return "pending";
  }
  settle(model, cents);
  return rules.refundedStatus === "refunded" ? "refunded" : model.status;
}

/** Advances the model: a payment expires after 1,800 seconds, a refund is done after 2. */
function pass(model: Model, seconds: number) {
  model.age += seconds;
  if (model.status === "pending" && model.age >= 1800) model.status = "aborted";
  const waiting = model.waiting.map((one) => ({ ...one, seconds: one.seconds - seconds }));
  for (const one of waiting) if (one.seconds <= 0) settle(model, one.cents);
  model.waiting = waiting.filter((one) => one.seconds > 0);
}

const which = fc.nat(3);
const step = fc.oneof(
  fc.record({ do: fc.constant("create" as const), cents: fc.integer({ min: 10, max: 500 }) }),
  fc.record({ do: fc.constantFrom("pay", "decline", "cancel", "expire"), which }),
  fc.record({ do: fc.constant("pay" as const), which }),
  fc.record({
    do: fc.constant("refund" as const),
    which,
    cents: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant("replay" as const), which: fc.nat(9) }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 2, 900, 1800) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function newModel(id: string, cents: number): Model {
  return { id, status: "pending", cents, left: cents, refunded: 0, age: 0, waiting: [], partial: false };
}

/** Checks the invariants of a payment after each step. */
async function checkBooks(
  sandbox: Sandbox,
  { id, status, left, refunded: paidBack }: Model,
  before: string,
  refundsMax: number,
) {
  const { body } = await get(sandbox, `/_sandbox/payments/${id}`);
  expect(body.status).toBe(status);
  if (status !== before) expect(legal).toContain(`${before} ${status}`);
  const cents = (value: number) => Math.round(value * 100);
  const { captured, refunded, reserved } = body.amounts;
  expect(cents(refunded) + cents(reserved)).toBeLessThanOrEqual(cents(captured));
  expect(cents(body.amounts.left)).toBe(captured === 0 ? 0 : left);
  expect(cents(refunded)).toBe(paidBack);
  for (const { postings } of body.ledger) {
    expect(postings.reduce((sum: number, { amount }: { amount: number }) => sum + cents(amount), 0)).toBe(0);
  }
  expect(body.refunds.length).toBeLessThanOrEqual(refundsMax);
}

async function play(steps: readonly Step[], rules: Profile) {
  await using sandbox = await frozenSandbox({ settings: { contract: rules } });
  const refundsMax = rules.partialRefunds === "one_then_rest" ? 2 : 1;
  const models: Model[] = [];
  const keyed: { target: string; body: object; text: string }[] = [];
  const postOnce = async (path: string, body: object) => {
    const target = `${path}?idempotencyKey=key-number-${keyed.length}`;
    const answer = await post(sandbox, target, body);
    if (answer.status === 201) keyed.push({ target, body, text: answer.text });
    return answer;
  };
  for (const next of steps) {
    const before = new Map(models.map((model) => [model, model.status]));
    if (next.do === "create") {
      const answer = await postOnce("/v1/payments", paymentRequest({ amount: next.cents / 100 }));
      expect(answer.status).toBe(201);
      models.push(newModel(answer.body.id, next.cents));
    } else if (next.do === "wait") {
      await sandbox.clock.advance(`PT${next.seconds}S`);
      for (const model of models) pass(model, next.seconds);
    } else if (next.do === "replay") {
      const first = keyed[next.which % Math.max(keyed.length, 1)];
      if (first !== undefined) expect((await post(sandbox, first.target, first.body)).text).toBe(first.text);
    } else {
      const model = models[next.which % Math.max(models.length, 1)];
      if (model === undefined) continue;
      if (next.do === "refund") {
        const { cents = model.left } = next;
        const refusal = expectedRefusal(model, cents, rules);
        const amount = next.cents === undefined ? {} : { amount: { value: cents / 100, currency: "hkd" } };
        const reference = rules.refundReference === "optional" ? {} : { merchantReference: "r" };
        const answer = await postOnce(`/v1/payments/${model.id}/refunds`, { ...reference, ...amount });
        if (refusal === undefined) expect(answer.body.status).toBe(acceptRefund(model, cents, rules));
        else expect(answer.body.reason.code).toBe(refusal);
      } else {
        const { status } = await post(sandbox, `/_sandbox/payments/${model.id}/actions`, { action: next.do });
        expect(status).toBe(model.status === "pending" ? 200 : 409);
        if (model.status === "pending") model.status = ends[next.do];
      }
    }
    for (const model of models) await checkBooks(sandbox, model, before.get(model) ?? "pending", refundsMax);
  }
}

/** Number of random histories, and the seed that repeats an earlier run. */
const { SANDBOX_TEST_RUNS = isFull ? "2000" : "200", SANDBOX_TEST_SEED } = process.env;

test("random histories have the results of a small model", {
  timeout: 600_000,
}, async () => {
  const seed = SANDBOX_TEST_SEED === undefined ? randomInt(2 ** 31) : Number(SANDBOX_TEST_SEED);
  console.log(`${SANDBOX_TEST_RUNS} random histories; to repeat them: SANDBOX_TEST_SEED=${seed}`);
  const options = { numRuns: Number(SANDBOX_TEST_RUNS), seed };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), profile, play), options);
});

test("the check fails if the model differs from the payment", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  const wrong: Model = { ...newModel(id, 20_000), status: "captured" };
  await expect(checkBooks(sandbox, wrong, "pending", 1)).rejects.toThrow();
});
