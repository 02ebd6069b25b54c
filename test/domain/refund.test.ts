import { describe, expect, test } from "vitest";
import { type Movement, movement } from "../../src/domain/ledger.ts";
import { transitions } from "../../src/domain/payment.ts";
import {
  createRefund,
  decideRefund,
  failRefundLate,
  finishRefund,
  minimumRefund,
  type Refund,
  type RefundCase,
} from "../../src/domain/refund.ts";
import type { Refusal } from "../../src/domain/refusal.ts";
import type { PaymentStatus, RefundStatus } from "../../src/domain/statuses.ts";
import { captured, hkd, payment, refund, start } from "../support/records.ts";

const windowMs = 365 * 86_400_000;
const capturedTime = start + 60_000;
const closedTime = capturedTime + windowMs;
const statuses = Object.keys(transitions) as PaymentStatus[];
const refundable: readonly PaymentStatus[] = ["captured", "partially_refunded"];
const outcomes = ["succeed", "fail"] as const;

/** A payment of HKD 200, captured, with refunds of the given amounts. */
function caseOf(made: readonly { amount: number; status: RefundStatus; partial: boolean }[] = []): RefundCase {
  const refunds = made.map(({ amount, ...members }, index) =>
    refund({ id: `refund-${index}`, amount: hkd(amount), ...members }),
  );
  const ends = { refunded: "refund_settled", failed: "refund_released" } as const;
  const moved = refunds.flatMap(({ id: refundId, amount, status }): Movement[] => {
    const subject = { paymentId: "payment-1", refundId, time: capturedTime };
    const reserved = movement("refund_reserved", amount, subject);
    return status === "pending" ? [reserved] : [reserved, movement(ends[status], amount, subject)];
  });
  const status = refunds.some((one) => one.status === "refunded") ? "partially_refunded" : "captured";
  return { payment: payment({ status }), refunds, entries: [captured(hkd(200), capturedTime), ...moved] };
}

function decide(given: RefundCase, asked?: number, now = capturedTime) {
  return decideRefund(given, asked === undefined ? undefined : hkd(asked), now, windowMs);
}

function refused(refusal: Refusal) {
  return { ok: false, refusal };
}

const partial = { amount: 40, partial: true };
const whole = { amount: 200, partial: false };

describe("an accepted refund", () => {
  test.each([
    ["the whole amount", { asked: 200, amount: 200, isPartial: false }],
    ["the remaining amount if no amount is given", { asked: undefined, amount: 200, isPartial: false }],
    ["one cent less than the remaining amount", { asked: 199.99, amount: 199.99, isPartial: true }],
    ["one cent", { asked: 0.01, amount: 0.01, isPartial: true }],
  ])("of %s", (_what, { asked, amount, isPartial }) => {
    expect(decide(caseOf(), asked)).toEqual({ ok: true, value: { amount: hkd(amount), partial: isPartial } });
  });

  test.each([
    ["a partial one after a partial one", { before: { ...partial, status: "failed" }, asked: 40 }],
    ["a partial one after a full one", { before: { ...whole, status: "failed" }, asked: 40 }],
    ["the whole amount after a partial one", { before: { ...partial, status: "failed" }, asked: 200 }],
    ["no amount after a full one", { before: { ...whole, status: "failed" }, asked: undefined }],
  ] as const)("after a failed refund: %s", (_what, { before, asked }) => {
    const amount = asked ?? 200;
    const value = { amount: hkd(amount), partial: amount < 200 };
    expect(decide(caseOf([before]), asked)).toEqual({ ok: true, value });
  });

  test("is not partial if it has the remaining amount, although that is less than the captured amount", () => {
    const given = caseOf([{ amount: 40, partial: false, status: "refunded" }]);
    expect(decide(given, 160)).toEqual({ ok: true, value: { amount: hkd(160), partial: false } });
  });

  test("has a minimum of one cent", () => {
    expect(minimumRefund).toBe(1);
  });
});

describe("payment_not_refundable", () => {
  test.each(statuses.filter((status) => !refundable.includes(status)))("a payment that is %s", (status) => {
    const given = { ...caseOf(), payment: payment({ status }) };
    expect(decide(given)).toEqual(refused({ code: "payment_not_refundable", status }));
  });

  test.each(statuses)("a payment that is %s without a capture", (status) => {
    const given = { payment: payment({ status }), refunds: [], entries: [] };
    expect(decide(given)).toEqual(refused({ code: "payment_not_refundable", status }));
  });
});

describe("refund_window_closed", () => {
  test.each([
    ["the window is open at the capture", { now: capturedTime, open: true }],
    ["the window is open before its last millisecond", { now: closedTime - 1, open: true }],
    ["the window is open at its last millisecond", { now: closedTime, open: true }],
    ["the window is closed one millisecond later", { now: closedTime + 1, open: false }],
    ["the window is closed one day later", { now: closedTime + 86_400_000, open: false }],
  ])("%s", (_when, { now, open }) => {
    const accepted = { ok: true, value: { amount: hkd(200), partial: false } };
    expect(decide(caseOf(), undefined, now)).toEqual(
      open ? accepted : refused({ code: "refund_window_closed", closedTime }),
    );
  });

  test("the window starts with the capture, not with the creation of the payment", () => {
    const given = { ...caseOf(), payment: payment({ status: "captured", createTime: start - windowMs }) };
    expect(decide(given, undefined, closedTime)).toMatchObject({ ok: true });
  });

  test("the capture is found at any position in the ledger", () => {
    const { entries, ...given } = caseOf([{ ...partial, status: "failed" }]);
    const turned = { ...given, entries: entries.toReversed() };
    expect(decide(turned, 40, closedTime + 1)).toEqual(refused({ code: "refund_window_closed", closedTime }));
  });

  test("a window of zero length is open only at the instant of the capture", () => {
    const at = (now: number) => decideRefund(caseOf(), undefined, now, 0).ok;
    expect([at(capturedTime), at(capturedTime + 1)]).toEqual([true, false]);
  });
});

describe("partial_refund_limit_reached", () => {
  test.each([
    ["another partial one, while the first is pending", { status: "pending", asked: 40 }],
    ["another partial one, when the first is done", { status: "refunded", asked: 40 }],
    ["the remaining amount, while the partial one is pending", { status: "pending", asked: 160 }],
    ["the remaining amount, when the partial one is done", { status: "refunded", asked: 160 }],
    ["no amount, while the partial one is pending", { status: "pending", asked: undefined }],
    ["no amount, when the partial one is done", { status: "refunded", asked: undefined }],
  ] as const)("%s", (_what, { status, asked }) => {
    const given = caseOf([{ ...partial, status }]);
    expect(decide(given, asked)).toEqual(refused({ code: "partial_refund_limit_reached" }));
  });

  test("a failed refund does not hide a pending one", () => {
    const given = caseOf([
      { ...partial, status: "failed" },
      { ...partial, status: "pending" },
    ]);
    expect(decide(given, 1)).toEqual(refused({ code: "partial_refund_limit_reached" }));
  });
});

describe("refund_amount_exceeded", () => {
  test.each([
    ["one cent more than the captured amount", { before: [], asked: 200.01, left: 200 }],
    ["a very large amount", { before: [], asked: 1e15, left: 200 }],
    ["the full amount, with everything reserved", { before: [{ ...whole, status: "pending" }], asked: 200, left: 0 }],
    ["one cent, with everything reserved", { before: [{ ...whole, status: "pending" }], asked: 0.01, left: 0 }],
    ["no amount, with everything reserved", { before: [{ ...whole, status: "pending" }], asked: undefined, left: 0 }],
    ["more than the released amount", { before: [{ ...partial, status: "failed" }], asked: 200.01, left: 200 }],
  ] as const)("%s", (_what, { before, asked, left }) => {
    expect(decide(caseOf(before), asked)).toEqual(refused({ code: "refund_amount_exceeded", left: hkd(left) }));
  });
});

describe("the refusal with the highest precedence is returned", () => {
  const inOrder = [
    "payment_not_refundable",
    "refund_window_closed",
    "partial_refund_limit_reached",
    "refund_amount_exceeded",
  ] as const;
  // All sets of the four codes, from the bits of a number.
  const sets = Array.from({ length: 15 }, (_, index) => inOrder.filter((_code, bit) => ((index + 1) >> bit) % 2 === 1));

  test.each(sets.map((set) => [set.join(", "), set] as const))("for %s", (_codes, applies) => {
    const given = caseOf(applies.includes("partial_refund_limit_reached") ? [{ ...partial, status: "pending" }] : []);
    const status = applies.includes("payment_not_refundable") ? "declined" : "captured";
    const now = applies.includes("refund_window_closed") ? closedTime + 1 : closedTime;
    const asked = applies.includes("refund_amount_exceeded") ? 200.01 : 40;
    const decided = decide({ ...given, payment: payment({ status }) }, asked, now);
    expect(decided).toMatchObject({ ok: false, refusal: { code: applies[0] } });
  });
});

describe("a new refund", () => {
  test("is pending and reserves its amount", () => {
    const made = { id: "refund-9", trackId: "refund-track-9" };
    const request = { merchantReference: "return 9", amount: hkd(40.29), partial: true };
    const of = payment({ id: "payment-9", processingAccountId: "world-9", status: "captured" });
    expect(createRefund(of, request, made, capturedTime)).toEqual({
      refund: {
        ...made,
        ...request,
        processingAccountId: "world-9",
        paymentId: "payment-9",
        status: "pending",
        createTime: capturedTime,
        updateTime: capturedTime,
      },
      movements: [
        movement("refund_reserved", hkd(40.29), { paymentId: "payment-9", refundId: "refund-9", time: capturedTime }),
      ],
    });
  });
});

describe("finishing a refund", () => {
  const now = capturedTime + 2_000;

  test.each([
    {
      ...partial,
      outcome: "succeed",
      to: "refunded",
      moved: "refund_settled",
      result: "partially_refunded",
      left: 160,
    },
    { ...whole, outcome: "succeed", to: "refunded", moved: "refund_settled", result: "refunded", left: 0 },
    { ...partial, outcome: "fail", to: "failed", moved: "refund_released", result: "captured", left: undefined },
    { ...whole, outcome: "fail", to: "failed", moved: "refund_released", result: "captured", left: undefined },
  ] as const)(
    "$outcome of $amount makes $moved, and the payment is $result",
    ({ amount, outcome, to, moved, result, left, ...of }) => {
      const given = caseOf([{ amount, status: "pending", partial: of.partial }]);
      const pending = refund({ id: "refund-0", amount: hkd(amount), partial: of.partial });
      const finished = finishRefund(given, pending, outcome, now);
      const subject = { paymentId: "payment-1", refundId: "refund-0", time: now };
      const remaining = left === undefined ? {} : { left: hkd(left) };
      expect(finished.refund).toEqual({ ...pending, ...remaining, status: to, updateTime: now });
      expect(finished.movements).toEqual([movement(moved, hkd(amount), subject)]);
      expect(finished.payment.status).toBe(result);
      expect(finished.payment.updateTime).toBe(outcome === "succeed" ? now : given.payment.updateTime);
    },
  );

  test.each((["refunded", "failed"] as const).flatMap((status) => outcomes.map((outcome) => ({ status, outcome }))))(
    "a refund that is $status cannot $outcome",
    ({ status, outcome }) => {
      const given = caseOf([{ ...partial, status }]);
      expect(() => finishRefund(given, refund({ id: "refund-0", status }), outcome, now)).toThrow(status);
    },
  );

  test.each(statuses.filter((status) => status !== "captured"))(
    "a refund cannot succeed on a payment that is %s",
    (status) => {
      const given = { ...caseOf([{ ...partial, status: "pending" }]), payment: payment({ status }) };
      expect(() => finishRefund(given, refund({ id: "refund-0" }), "succeed", now)).toThrow(status);
    },
  );
});

describe("a refund that fails late", () => {
  const now = capturedTime + 600_000;

  test.each([
    { ...partial, status: "partially_refunded" },
    { ...whole, status: "refunded" },
  ] as const)("gives $amount back to the merchant, and the payment is captured", ({ status, ...of }) => {
    const given = { ...caseOf([{ ...of, status: "refunded" }]), payment: payment({ status }) };
    const [done] = given.refunds as [Refund];
    const failed = failRefundLate(given, done, now);
    const subject = { paymentId: "payment-1", refundId: "refund-0", time: now };
    expect(failed).toEqual({
      payment: { ...given.payment, status: "captured", updateTime: now },
      refund: { ...done, status: "failed", updateTime: now },
      movements: [movement("refund_reversed", hkd(of.amount), subject)],
    });
  });

  test("leaves the payment partially refunded if another refund is done", () => {
    const given = caseOf([
      { ...partial, status: "refunded" },
      { amount: 160, partial: false, status: "refunded" },
    ]);
    const [done] = given.refunds as [Refund];
    const failed = failRefundLate({ ...given, payment: payment({ status: "refunded" }) }, done, now);
    expect(failed?.payment.status).toBe("partially_refunded");
  });

  test.each(["pending", "failed"] as const)("is not possible while it is %s", (status) => {
    const given = caseOf([{ ...partial, status }]);
    expect(failRefundLate(given, refund({ id: "refund-0", status }), now)).toBeUndefined();
  });
});
