import type { Item } from "./goods.ts";
import type { Amount, Exchange, Payment, PaymentOrder, Refund } from "./nomupay.ts";

/** How the shop judged a webhook. */
export type Verdict = "unsigned" | "repeated" | "other_amount" | "genuine";

/** Why the shop refused an action, or does not know a state. */
export type Trouble = "invalid_amount" | "outdated_form" | "no_payment" | "no_answer" | "not_genuine";

/** Why something failed: in the shop's terms, or in a sentence of the provider. */
export type Cause = { readonly shop: Trouble } | { readonly provider: string };

/** An exchange of the shop's server. */
export type Entry =
  /** A request to the provider; `times` counts equal responses in a row. */
  | { readonly kind: "request"; readonly exchange: Exchange; readonly time: number; times: number }
  | {
      readonly kind: "webhook";
      readonly signature: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly time: number;
      readonly genuine: boolean;
      readonly verdict: Verdict;
      /** Status of the shop's response; missing until then. */
      status?: number;
    }
  | { readonly kind: "return"; readonly method: string; readonly target: string };

/** A refund in the records of the shop. `amount` is in cents. */
export type OrderRefund = Refund & { readonly amount: number };

/** An order and its state. */
export interface Order {
  readonly number: string;
  readonly item: Item;
  readonly flowType: PaymentOrder["flowType"];
  /** Where the payer's browser returns; missing until the payment is started. The same for a repeated start. */
  returnUrl?: string;
  /** Missing until the provider has responded. */
  payment?: Payment;
  refunds: readonly OrderRefund[];
  /** Why the last action failed. */
  notice?: Cause;
  /** Why the current state is unknown. */
  trouble?: Cause;
  readonly entries: Entry[];
  /** Ids of the processed notifications. */
  readonly processed: Set<string>;
  /** Increases with every change, so that a page can detect that it is outdated. */
  version: number;
  /** When the payment was last tracked. */
  trackTime: number;
  /** The latest run of tracking, running or finished. */
  tracking: Promise<void>;
}

/** State of an order, in the shop's terms. */
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

/** State of an order. A payment with an unknown status counts as not yet paid. */
export function stateOf({ payment, refunds }: Order): State {
  if (payment === undefined) return "not_started";
  if (payment.reason?.code === "expired") return "expired";
  const state = statesByStatus[payment.status] ?? "waiting";
  return hasMoney(state) && refunds.some(({ status }) => status === "pending") ? "refund_pending" : state;
}

function hasMoney(state: State): boolean {
  return state === "paid" || state === "partly_refunded";
}

/** Whether the state will still change. */
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

/** Whether the order has had its partial refund. Alipay HK allows one, and no other refund after it. */
export function hasPartialRefund({ item, refunds }: Order): boolean {
  return refunds.some(({ status, amount }) => status !== "failed" && amount < item.price);
}

/** Cents as an amount of the provider's API. */
export function amountOf(cents: number): Amount {
  return { value: cents / 100, currency: "hkd" };
}

/** The provider's amount in cents. */
export function centsOf({ value }: Amount): number {
  return Math.round(value * 100);
}
