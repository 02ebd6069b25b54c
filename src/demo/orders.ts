import type { Contract } from "./contract.ts";
import type { Item } from "./goods.ts";
import type { Amount, Exchange, Payment, PaymentOrder, Refund, WireAmount } from "./nomupay.ts";

/** How the shop judged a webhook. */
export type Verdict = "unsigned" | "repeated" | "unknown_type" | "other_amount" | "other_payment" | "genuine";

/** Why the shop refused an action, or does not know a state. */
export type Trouble = "invalid_amount" | "outdated_form" | "no_payment" | "no_answer" | "not_genuine" | "other_payment";

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
      verdict: Verdict;
      /** Status of the shop's response; missing until then. */
      status?: number;
    }
  | { readonly kind: "return"; readonly method: string; readonly target: string };

/** A refund in the records of the shop. `amount` is in cents. */
export type OrderRefund = Refund & { readonly amount: number; readonly paymentId: string };

/** One try to pay an order. A repeated request has the same idempotency key; a new attempt has a new one. */
export interface Attempt {
  readonly key: string;
  /** Where the payer's browser returns. */
  readonly returnUrl: string;
  /** Whether the provider may have a payment that the shop does not know, because a response is missing. */
  isUnsure: boolean;
  /** A payment keeps the contract that it was created under. */
  contract: Contract;
  /** Missing until the provider has responded. */
  payment?: Payment;
}

/** A payment with money under the order's reference that the shop did not start. It never pays the order. */
export interface StrangePayment {
  readonly amount: WireAmount;
  readonly contract: Contract;
  /** Whether it is in another processing account, which this shop cannot read. */
  readonly isForeign: boolean;
  payment: Payment;
}

/** An order and its state. */
export interface Order {
  readonly number: string;
  readonly item: Item;
  readonly flowType: PaymentOrder["flowType"];
  /** Oldest first. */
  readonly attempts: Attempt[];
  strangers: readonly StrangePayment[];
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

/** The shop's name for an order at the provider. */
export function referenceOf({ number }: Pick<Order, "number">): string {
  return `order-${number}`;
}

/** Cents as an amount of the provider's API. */
export function amountOf(cents: number, { amountUnit }: Contract): Amount {
  return { value: amountUnit === "minor" ? cents : cents / 100, currency: "hkd" };
}

/** The provider's amount in cents. */
export function centsOf({ value }: WireAmount, { amountUnit }: Contract): number {
  return Math.round(amountUnit === "minor" ? value : value * 100);
}
