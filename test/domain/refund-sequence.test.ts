import { describe, expect, test } from "vitest";
import { balances } from "../../src/domain/ledger.ts";
import { addMoney } from "../../src/domain/money.ts";
import {
  createRefund,
  decideRefund,
  failRefundLate,
  finishRefund,
  type Refund,
  type RefundCase,
} from "../../src/domain/refund.ts";
import type { PaymentStatus, RefundStatus } from "../../src/domain/statuses.ts";
import { captured, hkd, payment, start } from "../support/records.ts";

const requests = { "one cent": 0.01, part: 40.29, "the captured amount": 200, "all that is left": undefined } as const;
/** Outcomes of the oldest and of the newest pending refund. */
const outcomes = {
  succeed: ["succeed", 0],
  fail: ["fail", 0],
  "newest succeeds": ["succeed", -1],
  "newest fails": ["fail", -1],
} as const;
type Request = keyof typeof requests;
type Step = Request | keyof typeof outcomes | "fail late";
const steps: readonly Step[] = [
  ...(Object.keys(requests) as Request[]),
  ...(Object.keys(outcomes) as (keyof typeof outcomes)[]),
  "fail late",
];

type Contract = RefundCase["payment"]["contract"];
const rest: Contract = { partialRefunds: "one_then_rest" };

/** A captured payment of HKD 200 without refunds. */
function paid(contract?: Contract): RefundCase {
  const changes = contract === undefined ? {} : { contract };
  return { payment: payment({ status: "captured", ...changes }), refunds: [], entries: [captured(hkd(200))] };
}

/** Requests a refund, or ends a pending one. A refused request changes nothing. */
function apply(given: RefundCase, step: Step, id: string): RefundCase {
  if (step in outcomes) {
    const [outcome, position] = outcomes[step as keyof typeof outcomes];
    const pending = given.refunds.filter((one) => one.status === "pending").at(position);
    if (pending === undefined) return given;
    const done = finishRefund(given, pending, outcome, start);
    const refunds = given.refunds.map((one): Refund => (one === pending ? done.refund : one));
    return { payment: done.payment, refunds, entries: [...given.entries, ...done.movements] };
  }
  if (step === "fail late") {
    const refunded = given.refunds.find((one) => one.status === "refunded");
    const done = refunded && failRefundLate(given, refunded, start);
    if (done === undefined) return given;
    const refunds = given.refunds.map((one): Refund => (one === refunded ? done.refund : one));
    return { payment: done.payment, refunds, entries: [...given.entries, ...done.movements] };
  }
  const asked = requests[step as Request];
  const decided = decideRefund(given, asked === undefined ? undefined : hkd(asked), start, 1);
  if (!decided.ok) return given;
  const request = { merchantReference: id, ...decided.value };
  const made = createRefund(given.payment, request, { id, trackId: id }, start);
  return { ...given, refunds: [...given.refunds, made.refund], entries: [...given.entries, ...made.movements] };
}

/** The names of the violated rules. */
function violations({ payment: { status, amount, contract }, refunds, entries }: RefundCase): string[] {
  const { captured: taken, refunded, reserved, left } = balances(entries);
  const sumOf = (of: RefundStatus) => addMoney(...refunds.filter((one) => one.status === of).map((one) => one.amount));
  const expected = refunded === 0 ? "captured" : refunded === amount ? "refunded" : "partially_refunded";
  const notFailed = refunds.filter((one) => one.status !== "failed").length;
  const rules = {
    "every movement sums to zero": entries.every((one) => addMoney(...one.postings.map((part) => part.amount)) === 0),
    "captured is refunded, reserved and left": taken === amount && taken === refunded + reserved + left,
    "no balance is negative": Math.min(refunded, reserved, left) >= 0,
    "refunded is the sum of the done refunds": refunded === sumOf("refunded"),
    "reserved is the sum of the pending refunds": reserved === sumOf("pending"),
    "no more refunds are pending or done than the profile allows": notFailed <= (contract === undefined ? 1 : 2),
    "at most one refund is done and left something":
      refunds.filter(({ status: its, left = 0 }) => its === "refunded" && left > 0).length <= 1,
    "the status of the payment shows the refunded amount": status === expected,
  };
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

/** Runs every sequence of that length, and checks the rules after each step. */
function walk(given: RefundCase, length: number, path: readonly Step[] = []): string[] {
  const here = violations(given).map((rule) => `${path.join(", ")}: ${rule}`);
  if (length === 0) return here;
  const further = steps.flatMap((step) =>
    walk(apply(given, step, `refund-${path.length}`), length - 1, [...path, step]),
  );
  return [...here, ...further];
}

describe("a sequence of refunds", () => {
  test("keeps all rules after each step of any five steps", () => {
    expect(walk(paid(), 5)).toEqual([]);
  });

  test("keeps all rules of one_then_rest after each step of any five steps", () => {
    expect(walk(paid(rest), 5)).toEqual([]);
  });

  test.each<[ends: PaymentStatus, sequence: Step[]]>([
    ["refunded", ["part", "succeed", "all that is left", "succeed"]],
    ["partially_refunded", ["part", "all that is left", "newest succeeds"]],
    ["refunded", ["part", "all that is left", "newest succeeds", "succeed"]],
    ["partially_refunded", ["part", "all that is left", "newest succeeds", "fail"]],
    ["refunded", ["part", "all that is left", "newest succeeds", "fail", "part", "succeed"]],
    ["refunded", ["part", "all that is left", "fail", "one cent", "succeed", "part", "succeed"]],
    ["captured", ["part", "all that is left", "fail", "fail"]],
    ["refunded", ["all that is left", "one cent", "succeed"]],
  ])("of one_then_rest leaves the payment %s after %j", (ends, sequence) => {
    const end = sequence.reduce((given, step, index) => apply(given, step, `refund-${index}`), paid(rest));
    expect([end.payment.status, violations(end)]).toEqual([ends, []]);
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
    ["captured", ["part", "succeed", "fail late"]],
    ["captured", ["the captured amount", "succeed", "fail late"]],
    ["refunded", ["part", "succeed", "fail late", "all that is left", "succeed"]],
    ["partially_refunded", ["part", "succeed", "fail late", "part", "succeed", "part"]],
    ["captured", ["part", "fail late", "fail"]],
  ])("leaves the payment %s after %j", (ends, sequence) => {
    const end = sequence.reduce((given, step, index) => apply(given, step, `refund-${index}`), paid());
    expect([end.payment.status, violations(end)]).toEqual([ends, []]);
  });
});
