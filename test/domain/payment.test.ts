import { describe, expect, test } from "vitest";
import { movement } from "../../src/domain/ledger.ts";
import { minimumPayment } from "../../src/domain/money.ts";
import {
  actOnPayment,
  canBecome,
  checkPaymentRequest,
  createPayment,
  flowTypes,
  type LateAction,
  payLate,
  reverseRefundOnPayment,
  scanPayment,
  settleRefundOnPayment,
  transitions,
} from "../../src/domain/payment.ts";
import {
  declineReasons,
  type PayerAction,
  type PaymentReason,
  type PaymentStatus,
  payerActions,
  providerStatuses,
} from "../../src/domain/statuses.ts";
import { hkd, payment, start } from "../support/records.ts";

const later = start + 60_000;
const statuses = Object.keys(transitions) as PaymentStatus[];

const resultOf: Record<PayerAction, PaymentStatus> = {
  pay: "captured",
  decline: "declined",
  cancel: "aborted",
  expire: "aborted",
  fail: "failed",
};
const refundLeads: Partial<Record<PaymentStatus, { readonly all: PaymentStatus; readonly part: PaymentStatus }>> = {
  captured: { all: "refunded", part: "partially_refunded" },
};

const pairs = statuses.flatMap((status) => payerActions.map((action) => ({ status, action })));
const allowed = pairs
  .filter(({ status }) => status === "pending")
  .map(({ action }) => ({ action, to: resultOf[action] }));
const forbidden = pairs.filter(({ status }) => status !== "pending");
const settlements = statuses.flatMap((status) => [
  { status, leaves: 0, to: refundLeads[status]?.all },
  { status, leaves: 0.01, to: refundLeads[status]?.part },
]);

describe("the transition table", () => {
  test("has seven statuses and five payer actions", () => {
    expect(statuses.toSorted()).toEqual(
      ["aborted", "captured", "declined", "failed", "partially_refunded", "pending", "refunded"].toSorted(),
    );
    expect(payerActions.toSorted()).toEqual(["cancel", "decline", "expire", "fail", "pay"]);
    expect(allowed.length + forbidden.length).toBe(7 * 5);
  });

  test("has only known statuses as results", () => {
    expect(statuses).toEqual(expect.arrayContaining(Object.values(transitions).flatMap((row) => Object.values(row))));
  });

  test("has only statuses of the provider", () => {
    expect(providerStatuses).toEqual(expect.arrayContaining(statuses));
  });

  test.each(allowed)("a pending payment after $action is $to", ({ action, to }) => {
    expect(actOnPayment(payment(), action, later)).toMatchObject({
      ok: true,
      value: { payment: { status: to, updateTime: later } },
    });
  });

  test.each(forbidden)("a payment that is $status refuses $action", ({ status, action }) => {
    expect(actOnPayment(payment({ status }), action, later)).toEqual({
      ok: false,
      refusal: { code: "action_not_allowed", action, subject: "a payment", status },
    });
  });

  test.each(settlements.filter(({ to }) => to !== undefined))(
    "a payment that is $status is $to after a refund that leaves $leaves",
    ({ status, leaves, to }) => {
      const before = payment({ status });
      expect(settleRefundOnPayment(before, hkd(leaves), later)).toEqual({ ...before, status: to, updateTime: later });
    },
  );

  test.each(settlements.filter(({ to }) => to === undefined))(
    "a payment that is $status cannot settle a refund that leaves $leaves",
    ({ status, leaves }) => {
      expect(() => settleRefundOnPayment(payment({ status }), hkd(leaves), later)).toThrow(status);
    },
  );
});

describe("a late payment", () => {
  const expired = payment({ status: "aborted", reason: "expired", amount: hkd(88.29) });

  test("captures an expired payment, and moves its money", () => {
    const { reason: _, ...rest } = expired;
    const whole = movement("payment_captured", hkd(88.29), { paymentId: "payment-1", time: later });
    const captured = { ...rest, status: "captured", updateTime: later };
    expect(payLate(expired, later)).toEqual({ payment: captured, movements: [whole] });
  });

  test.each(statuses.filter((status) => status !== "aborted"))("does nothing to a payment that is %s", (status) => {
    expect(payLate(payment({ status, reason: "expired" }), later)).toBeUndefined();
  });

  test("does nothing to a payment that the payer cancelled", () => {
    expect(payLate({ ...expired, reason: "cancelled_by_consumer" }, later)).toBeUndefined();
  });
});

describe("a refund that fails late", () => {
  test.each<[PaymentStatus, number, PaymentStatus]>([
    ["refunded", 0, "captured"],
    ["refunded", 0.01, "partially_refunded"],
    ["partially_refunded", 0, "captured"],
  ])("takes a payment that is %s, with %d still refunded, to %s", (status, refunded, to) => {
    const before = payment({ status });
    expect(reverseRefundOnPayment(before, hkd(refunded), later)).toEqual({ ...before, status: to, updateTime: later });
  });

  test.each(statuses.filter((status) => status !== "refunded"))(
    "leaves no part refunded of one that is %s",
    (status) => {
      expect(() => reverseRefundOnPayment(payment({ status }), hkd(0.01), later)).toThrow(status);
    },
  );
});

describe("what a payment can become", () => {
  const reachable = (from: PaymentStatus, planned: readonly LateAction[]) =>
    statuses.filter((to) => to !== from && canBecome({ status: from }, to, planned));

  test.each<[PaymentStatus, LateAction[], PaymentStatus[]]>([
    ["pending", [], ["captured", "partially_refunded", "refunded", "declined", "aborted", "failed"]],
    ["captured", [], ["partially_refunded", "refunded"]],
    ["aborted", [], []],
    ["aborted", ["pay_late"], ["captured", "partially_refunded", "refunded"]],
    ["refunded", [], []],
    ["refunded", ["reverse_part", "reverse_all"], ["captured", "partially_refunded"]],
    ["partially_refunded", [], []],
    ["partially_refunded", ["reverse_part", "reverse_all"], ["captured", "refunded"]],
    ["failed", ["pay_late"], []],
  ])("from %s with the late actions %j", (from, planned, expected) => {
    expect(reachable(from, planned)).toEqual(expected);
  });
});

describe("an action on a pending payment", () => {
  test.each<{ action: PayerAction; given: PaymentReason | undefined }>([
    { action: "pay", given: undefined },
    { action: "decline", given: "payment_declined" },
    { action: "cancel", given: "cancelled_by_consumer" },
    { action: "expire", given: "expired" },
    { action: "fail", given: "processing_error" },
  ])("$action gives the reason $given", ({ action, given }) => {
    const acted = actOnPayment(payment(), action, later);
    expect(acted.ok && acted.value.payment.reason).toBe(given);
    expect(acted.ok && "reason" in acted.value.payment).toBe(given !== undefined);
  });

  test.each(declineReasons)("decline can give the reason %s", (reason) => {
    expect(actOnPayment(payment(), "decline", later, reason)).toMatchObject({ value: { payment: { reason } } });
  });

  test.each(payerActions.filter((action) => action !== "decline"))("%s ignores a reason to decline", (action) => {
    expect(actOnPayment(payment(), action, later, "risk_rejected")).toEqual(actOnPayment(payment(), action, later));
  });

  test.each(allowed)("$action moves money only if it captures the payment", ({ action, to }) => {
    const acted = actOnPayment(payment({ amount: hkd(88.29) }), action, later);
    const whole = movement("payment_captured", hkd(88.29), { paymentId: "payment-1", time: later });
    expect(acted.ok && acted.value.movements).toEqual(to === "captured" ? [whole] : []);
  });

  test.each(payerActions)("%s changes only status, reason and update time", (action) => {
    const before = Object.freeze(payment({ scanTime: start + 1 }));
    const acted = actOnPayment(before, action, later);
    const { status, reason, updateTime } = before;
    expect(acted.ok && { ...acted.value.payment, status, reason, updateTime }).toEqual(before);
  });
});

describe("a new payment", () => {
  const request = {
    processingAccountId: "world-1",
    merchantReference: "order 1",
    amount: hkd(0.1),
    flowType: "mobile_redirect",
    returnUrl: "https://merchant.example/return",
  } as const;
  const made = { id: "payment-1", merchantId: "merchant-1", trackId: "track-1", pageToken: "page-1" };

  test("is pending until it expires", () => {
    expect(createPayment(request, made, start, { expiryMs: 1_800_000 })).toEqual({
      ...made,
      ...request,
      status: "pending",
      reason: "required_next_step",
      createTime: start,
      updateTime: start,
      expireTime: start + 1_800_000,
    });
  });

  test.each(flowTypes)("keeps the flow type %s", (flowType) => {
    expect(createPayment({ ...request, flowType }, made, start, { expiryMs: 1 }).flowType).toBe(flowType);
  });

  test.each([
    { amount: 0.1, refusal: undefined },
    { amount: 49_999.99, refusal: undefined },
    { amount: 50_000, refusal: undefined },
    { amount: 50_000.01, refusal: { code: "amount_above_maximum", maximum: 5_000_000 } },
    { amount: 1e15, refusal: { code: "amount_above_maximum", maximum: 5_000_000 } },
  ])("of $amount under a maximum of 50000 gets $refusal.code", ({ amount, refusal }) => {
    const limits = { amountMax: hkd(50_000) };
    expect(checkPaymentRequest({ ...request, amount: hkd(amount) }, limits)).toEqual(refusal);
  });

  test("has a minimum of ten cents", () => {
    expect(minimumPayment).toBe(10);
  });
});

describe("a scan", () => {
  test("sets only the scan time", () => {
    expect(scanPayment(payment(), later)).toEqual({ ...payment(), scanTime: later });
  });

  test("keeps the time of the first scan", () => {
    expect(scanPayment(scanPayment(payment(), start + 1), later).scanTime).toBe(start + 1);
  });

  test.each(statuses.filter((status) => status !== "pending"))("does not change a payment that is %s", (status) => {
    expect(scanPayment(payment({ status }), later)).toEqual(payment({ status }));
  });
});
