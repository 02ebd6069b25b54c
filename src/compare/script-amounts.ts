import type { Examination } from "./examination.ts";
import { isJsonObject, memberAt } from "./members.ts";
import { NotReached } from "./safety.ts";
import type { Seen } from "./subject.ts";

/** Amounts that are tried while nobody knows the unit: none is above 1. */
const smallest = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;
/** Amounts that are tried when the unit is known, in cents: at most HKD 100. */
const larger = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;

const isAccepted = ({ status = 0 }: Seen) => status < 300;

/** Name of the step that tries an amount. */
const amountStep = (value: number) => `create a payment of ${value}`;

/** Finds the unit and the minimum by the smallest amounts that could be either. */
export async function examineAmounts(examination: Examination): Promise<void> {
  const tried = new Map<number, Seen>();
  const attempt = async (value: number): Promise<boolean> => {
    const known = tried.get(value);
    if (known !== undefined) return isAccepted(known);
    const request = { method: "POST", target: "/v1/payments", body: examination.order(value) } as const;
    const answer = await examination.step(amountStep(value), request);
    tried.set(value, answer);
    if (isAccepted(answer) && !examination.seen.has("create a payment")) {
      examination.seen.set("create a payment", answer);
    }
    return isAccepted(answer);
  };
  for (const value of [0, 0.001]) await attempt(value);
  let first: number | undefined;
  for (const value of smallest) {
    if (!(await attempt(value))) continue;
    first = value;
    break;
  }
  const isFraction = first !== undefined && first < 1;
  const unit = isFraction || (await attempt(0.99)) ? "major" : unitByRefusals(tried);
  const spell = (cents: number) => (unit === "major" ? cents / 100 : cents);
  examination.amounts = { unit, minCents: await smallestAccepted((cents) => attempt(spell(cents))) };
}

/**
 * The unit, if every fraction below 1 is refused. Cents have no fractions: there 0.5 is refused as 0.001 is, for its
 * form. In dollars it is refused as 0 is, for its size.
 */
function unitByRefusals(tried: ReadonlyMap<number, Seen>): "major" | "minor" {
  const [zero, thousandth, half] = [0, 0.001, 0.5].map((value) => refusalOf(tried.get(value)));
  if (half === thousandth && half !== zero) return "minor";
  if (half === zero && half !== thousandth) return "major";
  throw new NotReached(
    `amounts below 1 are refused with ${half}, which does not say whether for their size or for their decimals`,
  );
}

/** Status and codes of a refusal, in one text. */
function refusalOf(seen: Seen | undefined): string {
  const errors = memberAt(seen?.body, "errors");
  const codes = Array.isArray(errors) ? errors.map((error) => isJsonObject(error) && error.code) : [];
  return [seen?.status, memberAt(seen?.body, "reason.code"), ...codes].filter((part) => part !== undefined).join(" ");
}

/** The smallest amount that is accepted, in cents: first in large steps from below, because a refusal costs nothing. */
async function smallestAccepted(accepts: (cents: number) => Promise<boolean>): Promise<number> {
  let refused = 0;
  for (const cents of larger) {
    if (!(await accepts(cents))) {
      refused = cents;
      continue;
    }
    let accepted: number = cents;
    while (accepted - refused > 1) {
      const middle = Math.floor((accepted + refused) / 2);
      if (await accepts(middle)) accepted = middle;
      else refused = middle;
    }
    return accepted;
  }
  throw new NotReached("every amount up to HKD 100 was refused");
}
