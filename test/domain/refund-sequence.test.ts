import { describe, expect, test } from "vitest";
import { balances } from "../../src/domain/ledger.ts";
import { addMoney } from "../../src/domain/money.ts";
import { createRefund, decideRefund, finishRefund, type Refund, type RefundCase } from "../../src/domain/refund.ts";
import type { PaymentStatus, RefundStatus } from "../../src/domain/statuses.ts";
import { captured, hkd, payment, start } from "../support/records.ts";

const asks = { "one cent": 0.01, part: 40.29, "the captured amount": 200, "all that is left": undefined } as const;
const outcomes = ["succeed", "fail"] as const;
type Ask = keyof typeof asks;
type Step = Ask | (typeof outcomes)[number];
const steps: readonly Step[] = [...(Object.keys(asks) as Ask[]), ...outcomes];

const paid: RefundCase = { payment: payment({ status: "captured" }), refunds: [], entries: [captured(hkd(200))] };

/** Asks for a refund, or ends the pending one. What is refused changes nothing. */
function take(given: RefundCase, step: Step, id: string): RefundCase {
  if (step === "succeed" || step === "fail") {
    const pending = given.refunds.find((one) => one.status === "pending");
    if (pending === undefined) return given;
    const done = finishRefund(given, pending, step, start);
    const refunds = given.refunds.map((one): Refund => (one === pending ? done.refund : one));
    return { payment: done.payment, refunds, entries: [...given.entries, ...done.movements] };
  }
  const asked = asks[step];
  const decided = decideRefund(given, asked === undefined ? undefined : hkd(asked), start, 1);
  if (!decided.ok) return given;
  const request = { merchantReference: id, ...decided.value };
  const made = createRefund(given.payment, request, { id, trackId: id }, start);
  return { ...given, refunds: [...given.refunds, made.refund], entries: [...given.entries, ...made.movements] };
}

/** The rules that a state of the books breaks. */
function broken({ payment: { status, amount }, refunds, entries }: RefundCase): string[] {
  const { captured: taken, refunded, reserved, left } = balances(entries);
  const sumOf = (of: RefundStatus) => addMoney(...refunds.filter((one) => one.status === of).map((one) => one.amount));
  const expected = refunded === 0 ? "captured" : refunded === amount ? "refunded" : "partially_refunded";
  const rules = {
    "every movement sums to zero": entries.every((one) => addMoney(...one.postings.map((part) => part.amount)) === 0),
    "captured is refunded, reserved and left": taken === amount && taken === refunded + reserved + left,
    "nothing is below zero": Math.min(refunded, reserved, left) >= 0,
    "refunded is what the refunds gave back": refunded === sumOf("refunded"),
    "reserved is what is pending": reserved === sumOf("pending"),
    "one refund at most is pending or done": refunds.filter((one) => one.status !== "failed").length <= 1,
    "the payment says what was refunded": status === expected,
  };
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

/** Walks every sequence of that length, and judges after each step. */
function walk(given: RefundCase, length: number, path: readonly Step[] = []): string[] {
  const here = broken(given).map((rule) => `${path.join(", ")}: ${rule}`);
  if (length === 0) return here;
  const further = steps.flatMap((step) =>
    walk(take(given, step, `refund-${path.length}`), length - 1, [...path, step]),
  );
  return [...here, ...further];
}

describe("a sequence of refunds", () => {
  test("keeps the books after each step, whatever the five steps are", () => {
    expect(walk(paid, 5)).toEqual([]);
  });

  test.each<[ends: PaymentStatus, sequence: Step[]]>([
    ["captured", ["part"]],
    ["partially_refunded", ["part", "succeed"]],
    ["refunded", ["all that is left", "succeed"]],
    ["captured", ["the captured amount", "part", "fail"]],
    ["refunded", ["the captured amount", "part", "succeed"]],
    ["partially_refunded", ["part", "succeed", "all that is left", "succeed"]],
    ["partially_refunded", ["part", "fail", "one cent", "succeed", "part", "succeed"]],
    ["refunded", ["part", "fail", "part", "fail", "all that is left", "succeed"]],
  ])("leaves the payment %s after %j", (ends, sequence) => {
    const end = sequence.reduce((given, step, index) => take(given, step, `refund-${index}`), paid);
    expect([end.payment.status, broken(end)]).toEqual([ends, []]);
  });
});
