import type { Exchange } from "./nomupay.ts";
import type { Entry, Order } from "./orders.ts";

const entriesMax = 200;
/** Maximum number of webhooks without a valid signature in an order's record. */
const unsignedMax = 20;

/** Adds an entry to the record of an order. Somebody else's webhooks do not fill it. */
export function addEntry(order: Order, entry: Entry): void {
  const unsigned = order.entries.filter((one) => one.kind === "webhook" && !one.genuine).length;
  if (entry.kind === "webhook" && !entry.genuine && unsigned >= unsignedMax) return;
  order.entries.push(entry);
  if (order.entries.length > entriesMax) order.entries.shift();
  order.version += 1;
}

/** Adds a request and its response. Equal reads in a row are one entry. */
export function recordExchange(order: Order, exchange: Exchange, time: number): void {
  const last = order.entries.at(-1);
  if (last?.kind === "request" && isSame(last.exchange, exchange)) last.times += 1;
  else addEntry(order, { kind: "request", exchange, time, times: 1 });
}

/** Whether two reads are equal in request and response. */
function isSame(one: Exchange, other: Exchange): boolean {
  return (
    one.method === "GET" &&
    one.target === other.target &&
    one.answer?.status === other.answer?.status &&
    one.answer?.body === other.answer?.body
  );
}
