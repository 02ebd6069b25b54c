import type { Item } from "./goods.ts";
import type { Amount, Exchange, Payment, PaymentOrder, Refund } from "./nomupay.ts";

/** Something that the shop's server sent or got. */
export type Entry =
  /** A request to the provider; `times` counts the same answer in a row. */
  | { readonly kind: "request"; readonly exchange: Exchange; readonly time: number; times: number }
  | {
      readonly kind: "webhook";
      readonly signature: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly time: number;
      readonly genuine: boolean;
      /** What the shop made of it. */
      readonly verdict: string;
      /** What the shop answered; missing until it has. */
      status?: number;
    }
  | { readonly kind: "return"; readonly method: string; readonly target: string };

/** A refund as the shop keeps it. `amount` is in cents. */
export type OrderRefund = Refund & { readonly amount: number };

/** An order and all that is known of it. */
export interface Order {
  readonly number: string;
  readonly item: Item;
  readonly flowType: PaymentOrder["flowType"];
  /** Missing until the provider has answered. */
  payment?: Payment;
  refunds: readonly OrderRefund[];
  /** Why what was last asked for did not work, in words. */
  notice?: string;
  /** Why nobody knows how the order stands at present, in words. */
  trouble?: string;
  readonly entries: Entry[];
  /** Ids of the notifications that were taken in. */
  readonly heard: Set<string>;
  /** Goes up with every change, so that a page knows whether it is old. */
  version: number;
  /** When the payment was last tracked. */
  lookTime: number;
  /** The look that is under way, or the last one. */
  look: Promise<void>;
}

/** How an order stands, in the shop's own words. */
export type State =
  | "not_started"
  | "waiting"
  | "paid"
  | "declined"
  | "cancelled"
  | "expired"
  | "failed"
  | "refund_pending"
  | "partly_refunded"
  | "refunded";

const statesByStatus: Readonly<Record<string, State>> = {
  captured: "paid",
  declined: "declined",
  aborted: "cancelled",
  failed: "failed",
  partially_refunded: "partly_refunded",
  refunded: "refunded",
};

/** How an order stands. A status that the shop does not know is not paid: it waits. */
export function stateOf({ payment, refunds }: Order): State {
  if (payment === undefined) return "not_started";
  if (payment.reason?.code === "expired") return "expired";
  const state = statesByStatus[payment.status] ?? "waiting";
  return hasMoney(state) && refunds.some(({ status }) => status === "pending") ? "refund_pending" : state;
}

function hasMoney(state: State): boolean {
  return state === "paid" || state === "partly_refunded";
}

/** Whether something is still to come. */
export function isUnsettled(order: Order): boolean {
  return ["waiting", "refund_pending"].includes(stateOf(order));
}

/** What can still be refunded, in cents. */
export function leftToRefund(order: Order): number {
  const state = stateOf(order);
  if (!hasMoney(state) && state !== "refund_pending") return 0;
  return order.refunds.reduce(
    (left, { status, amount }) => left - (status === "failed" ? 0 : amount),
    order.item.price,
  );
}

/** Cents as the provider's API wants them. */
export function amountOf(cents: number): Amount {
  return { value: cents / 100, currency: "hkd" };
}

/** The provider's amount in cents. */
export function centsOf({ value }: Amount): number {
  return Math.round(value * 100);
}
