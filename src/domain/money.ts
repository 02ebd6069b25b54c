declare const unit: unique symbol;

/** An amount of Hong Kong dollars as an integer in cents. Only this file makes one. */
export type Money = number & { readonly [unit]: "HKD cents" };

/**
 * Reads an amount in major units, as the wire carries it.
 * @returns the amount, or `undefined` where the number is not finite or has more than two decimals: a number passes
 * if rounding it to cents gives the same number back, so `0.1 + 0.2` does not.
 */
export function moneyFromMajor(value: number): Money | undefined {
  if (!Number.isFinite(value) || Math.round(value * 100) / 100 !== value) return undefined;
  return Math.round(value * 100) as Money;
}

/** The amount in major units, for the wire: 20000 cents are 200. */
export function majorFromMoney(money: Money): number {
  return money / 100;
}

export function addMoney(...amounts: readonly Money[]): Money {
  return amounts.reduce<number>((sum, amount) => sum + amount, 0) as Money;
}

export function negateMoney(money: Money): Money {
  return (0 - money) as Money;
}
