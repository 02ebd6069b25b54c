import { describe, expect, test } from "vitest";
import { addMoney, majorFromMoney, moneyFromMajor, negateMoney } from "../../src/domain/money.ts";
import { hkd } from "../support/records.ts";

describe("an amount in major units", () => {
  test.each([
    [0, 0, "nothing"],
    [0.01, 1, "the smallest coin"],
    [0.1, 10, "not an exact binary number"],
    [0.29, 29, "28.999999999999996 when multiplied"],
    [0.57, 57, "56.99999999999999 when multiplied"],
    [1.1, 110, "110.00000000000001 when multiplied"],
    [4.35, 435, "434.99999999999994 when multiplied"],
    [200, 20_000, "a whole number"],
    [8888.9, 888_890, "one decimal"],
    [50_000, 5_000_000, "the wallet's maximum"],
    [999_999_999_999.99, 99_999_999_999_999, "large, with decimals"],
    [-1, -100, "below zero; another check has the minimum"],
    [1e15, 1e17, "very large; another check has the maximum"],
  ])("%d is %d cents: %s", (major, cents) => {
    expect(moneyFromMajor(major)).toBe(cents);
  });

  test.each([
    [0.001, "three decimals"],
    [0.005, "half a cent"],
    [0.105, "a little over the minimum"],
    [1.005, "three decimals that rounding would hide"],
    [0.1 + 0.2, "a sum of floats"],
    [99.999, "three decimals"],
    [200.000_000_1, "seven decimals"],
    [Number.EPSILON, "almost zero"],
    [Number.MIN_VALUE, "almost zero"],
    [Number.MAX_VALUE, "too large for cents"],
    [Number.NaN, "not a number"],
    [Number.POSITIVE_INFINITY, "not finite"],
    [Number.NEGATIVE_INFINITY, "not finite"],
  ])("%d is not an amount: %s", (major) => {
    expect(moneyFromMajor(major)).toBeUndefined();
  });

  test("every cent amount up to HKD 1,000 is the same after a conversion to major units and back", () => {
    const changed = Array.from({ length: 100_000 }, (_, cents) => cents).filter(
      (cents) => moneyFromMajor(majorFromMoney(hkd(cents / 100))) !== cents,
    );
    expect(changed).toEqual([]);
  });
});

describe("an amount for the wire", () => {
  test.each([
    [0.01, "0.01"],
    [0.1, "0.1"],
    [0.29, "0.29"],
    [200, "200"],
    [8888.9, "8888.9"],
    [50_000, "50000"],
  ])("of %d is written as %s", (major, text) => {
    expect(JSON.stringify(majorFromMoney(hkd(major)))).toBe(text);
  });
});

describe("sums", () => {
  test.each([
    ["no amounts are zero", addMoney(), 0],
    ["one amount is itself", addMoney(hkd(0.29)), 29],
    ["0.1 and 0.2 are exactly 0.3", addMoney(hkd(0.1), hkd(0.2)), 30],
    ["an amount and its opposite are zero", addMoney(hkd(0.29), negateMoney(hkd(0.29))), 0],
    ["the opposite of zero is zero, not minus zero", negateMoney(hkd(0)), 0],
    ["the opposite of the opposite is the amount", negateMoney(negateMoney(hkd(1.1))), 110],
  ])("%s", (_what, sum, cents) => {
    expect(sum).toBe(cents);
  });
});
