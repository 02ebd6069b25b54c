import type { Contract } from "./contract.ts";
import { type Attempt, type Order, referenceOf } from "./orders.ts";
import { hadMoney, isOpen, stateOf } from "./states.ts";

/** The attempt to continue; a new one after the last one ended; `undefined` if the order must not be paid. */
export function attemptFor(order: Order, shopUrl: string, contract: Contract): Attempt | undefined {
  const latest = order.attempts.at(-1);
  if (stateOf(order) === "attention") return undefined;
  if (latest !== undefined && (latest.payment === undefined || isOpen(latest.payment))) return latest;
  if (order.attempts.some(({ payment }) => payment !== undefined && hadMoney(payment))) return undefined;
  const place = order.attempts.length + 1;
  const attempt = {
    key: place === 1 ? referenceOf(order) : `${referenceOf(order)}-${place}`,
    returnUrl: latest?.returnUrl ?? `${shopUrl}/demo/orders/${order.number}/return`,
    isUnsure: false,
    contract,
  };
  order.attempts.push(attempt);
  return attempt;
}
