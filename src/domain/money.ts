declare const unit: unique symbol;

/** An amount of Hong Kong dollars, in cents. Only this file creates values of this type. */
export type Money = number & { readonly [unit]: "HKD cents" };

/**
 * Reads an amount in major units, as the wire carries it.
 * @returns the amount, or `undefined` if the number is not finite or has more than two decimals. A number is accepted
 * if rounding it to cents returns the same number, so `0.1 + 0.2` is not.
 */
export function moneyFromMajor(value: number): Money | undefined {
  if (!Number.isFinite(value) || Math.round(value * 100) / 100 !== value) return undefined;
  return Math.round(value * 100) as Money;
}

/** Returns the amount in major units, for the wire: 200 for 20000 cents. */
export function majorFromMoney(money: Money): number {
  return money / 100;
}

/** Units of an amount on the wire: Hong Kong dollars, or cents. */
export type AmountUnit = "major" | "minor";

/** Reads an amount as the wire carries it. @returns `undefined` for more decimals than the unit has. */
export function moneyFromWire(value: number, unit: AmountUnit): Money | undefined {
  if (unit === "major") return moneyFromMajor(value);
  return Number.isSafeInteger(value) ? (value as Money) : undefined;
}

/** Returns the amount as the wire carries it. */
export function moneyOnWire(money: Money, unit: AmountUnit): number {
  return unit === "major" ? majorFromMoney(money) : money;
}

/** The smallest payment of Alipay HK: HKD 0.10. [seed] */
export const minimumPayment = moneyFromMajor(0.1) as Money;

export function addMoney(...amounts: readonly Money[]): Money {
  return amounts.reduce<number>((sum, amount) => sum + amount, 0) as Money;
}

export function negateMoney(money: Money): Money {
  return (0 - money) as Money;
}
