import { describe, expect, test } from "vitest";
import {
  type Account,
  balances,
  type Movement,
  type MovementKind,
  movement,
  type Transaction,
  transactionOf,
} from "../../src/domain/ledger.ts";
import { addMoney, type Money } from "../../src/domain/money.ts";
import { entry, hkd, start } from "../support/records.ts";

// The type requires an entry for each new kind of movement.
const routes: Record<MovementKind, { readonly from: Account; readonly to: Account }> = {
  payment_captured: { from: "payer", to: "merchant" },
  refund_reserved: { from: "merchant", to: "refunds_pending" },
  refund_settled: { from: "refunds_pending", to: "payer" },
  refund_released: { from: "refunds_pending", to: "merchant" },
};
const kinds = Object.keys(routes) as MovementKind[];
const amounts = [0, 0.01, 0.29, 200, 50_000].map(hkd);
const rows = kinds.flatMap((kind) => amounts.map((amount) => ({ kind, amount, ...routes[kind] })));

const subject = { paymentId: "payment-1", time: start };

function move(kind: MovementKind, major: number): Movement {
  return movement(kind, hkd(major), subject);
}

describe("a movement", () => {
  test.each(rows)("$kind of $amount cents goes from $from to $to", ({ kind, amount, from, to }) => {
    const made = movement(kind, amount, { ...subject, refundId: "refund-1" });
    expect(made).toEqual({
      kind,
      paymentId: "payment-1",
      refundId: "refund-1",
      time: start,
      postings: [
        { account: from, amount: 0 - amount },
        { account: to, amount },
      ],
    });
  });

  test.each(rows)("$kind of $amount cents has postings that sum to zero", ({ kind, amount }) => {
    expect(addMoney(...movement(kind, amount, subject).postings.map((posting) => posting.amount))).toBe(0);
  });

  test("without a refund has no refundId", () => {
    expect(movement("payment_captured", hkd(1), subject)).not.toHaveProperty("refundId");
  });
});

describe("balances", () => {
  const captured = move("payment_captured", 200);
  test.each<
    [after: string, come: [captured: number, refunded: number, reserved: number, left: number], entries: Movement[]]
  >([
    ["nothing", [0, 0, 0, 0], []],
    ["the capture", [200, 0, 0, 200], [captured]],
    ["a part is reserved", [200, 0, 40.29, 159.71], [captured, move("refund_reserved", 40.29)]],
    ["everything is reserved", [200, 0, 200, 0], [captured, move("refund_reserved", 200)]],
    ["a part is settled", [200, 40, 0, 160], [captured, move("refund_reserved", 40), move("refund_settled", 40)]],
    ["a part is released", [200, 0, 0, 200], [captured, move("refund_reserved", 40), move("refund_released", 40)]],
    [
      "a part is released and everything is settled",
      [200, 200, 0, 0],
      [
        captured,
        move("refund_reserved", 40),
        move("refund_released", 40),
        move("refund_reserved", 200),
        move("refund_settled", 200),
      ],
    ],
    [
      "one part is settled while another is reserved",
      [200, 40, 0.1, 159.9],
      [captured, move("refund_reserved", 40), move("refund_settled", 40), move("refund_reserved", 0.1)],
    ],
  ])("after %s: captured, refunded, reserved and left are %j", (_after, come, entries) => {
    const { captured: taken, refunded, reserved, left } = balances(entries);
    expect([taken, refunded, reserved, left]).toEqual(come.map(hkd));
  });

  test("do not depend on the order of the entries", () => {
    const entries = [captured, move("refund_reserved", 40), move("refund_settled", 40)];
    expect(balances(entries.toReversed())).toEqual(balances(entries));
  });

  test("do not change the entries", () => {
    const entries: readonly Movement[] = Object.freeze([Object.freeze({ ...captured })]);
    const left: Money = balances(entries).left;
    expect(left).toBe(hkd(200));
    expect(entries).toEqual([captured]);
  });
});

describe("the transaction of an entry", () => {
  // The type requires an entry for each new kind of movement.
  const types: Record<MovementKind, Pick<Transaction, "type" | "status" | "refundId"> | undefined> = {
    payment_captured: { type: "payment", status: "captured" },
    refund_reserved: undefined,
    refund_settled: { type: "refund", status: "refunded", refundId: "refund-9" },
    refund_released: undefined,
  };
  const moved = (kind: MovementKind, major: number) => {
    const subject = { paymentId: "payment-9", time: start + 9 };
    const refund = kind === "payment_captured" ? {} : { refundId: "refund-9" };
    return entry({ id: "entry-9", ...movement(kind, hkd(major), { ...subject, ...refund }) });
  };
  const transferring = kinds.filter((kind) => types[kind] !== undefined);

  test.each(
    transferring.flatMap((kind) => [0.01, 0.29, 200, 50_000].map((major) => ({ kind, ...types[kind], major }))),
  )("$kind of $major is a $status $type of that positive amount, at its time", ({ kind, major }) => {
    expect(transactionOf(moved(kind, major))).toEqual({
      id: "entry-9",
      ...types[kind],
      paymentId: "payment-9",
      amount: hkd(major),
      createTime: start + 9,
    });
  });

  test.each(kinds.filter((kind) => types[kind] === undefined))("%s has none: the money is only held", (kind) => {
    expect(transactionOf(moved(kind, 200))).toBeUndefined();
  });

  test.each(transferring)("%s has the same amount with its postings in reverse order", (kind) => {
    const { postings, ...rest } = moved(kind, 40.29);
    expect(transactionOf({ ...rest, postings: postings.toReversed() })?.amount).toBe(hkd(40.29));
  });

  test.each(kinds)("%s of zero has no transaction", (kind) => {
    expect(transactionOf(moved(kind, 0))).toBeUndefined();
  });
});
