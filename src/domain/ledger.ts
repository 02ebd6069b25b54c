import { addMoney, type Money, negateMoney } from "./money.ts";

/** Where money can be while it belongs to one payment: with the payer, with the merchant, or held for a refund. */
export type Account = "payer" | "merchant" | "refunds_pending";

export interface Posting {
  readonly account: Account;
  /** Positive into the account, negative out of it. */
  readonly amount: Money;
}

export type MovementKind = "payment_captured" | "refund_reserved" | "refund_settled" | "refund_released";

/** One movement of money. Its postings sum to zero; it is only ever appended. */
export interface Movement {
  readonly kind: MovementKind;
  readonly paymentId: string;
  readonly refundId?: string;
  readonly time: number;
  readonly postings: readonly Posting[];
}

/** A movement as the ledger keeps it. */
export interface LedgerEntry extends Movement {
  readonly id: string;
  readonly processingAccountId: string;
  readonly merchantId: string;
}

/** What the provider's API calls a transaction: money that has changed hands, not what is merely held. [ours] */
export interface Transaction {
  readonly id: string;
  readonly type: "payment" | "refund";
  readonly paymentId: string;
  readonly amount: Money;
  readonly createTime: number;
}

/** The transaction that an entry is; none for what is reserved or released. */
export function transactionOf({ id, kind, paymentId, time, postings }: LedgerEntry): Transaction | undefined {
  const type = kind === "payment_captured" ? "payment" : kind === "refund_settled" ? "refund" : undefined;
  const amount = postings.find((posting) => posting.amount > 0)?.amount;
  return type === undefined || amount === undefined ? undefined : { id, type, paymentId, amount, createTime: time };
}

const routes: Record<MovementKind, readonly [from: Account, to: Account]> = {
  payment_captured: ["payer", "merchant"],
  refund_reserved: ["merchant", "refunds_pending"],
  refund_settled: ["refunds_pending", "payer"],
  refund_released: ["refunds_pending", "merchant"],
};

/** Moves an amount the way that its kind of movement goes. */
export function movement(
  kind: MovementKind,
  amount: Money,
  subject: { readonly paymentId: string; readonly refundId?: string; readonly time: number },
): Movement {
  const [from, to] = routes[kind];
  return {
    kind,
    ...subject,
    postings: [
      { account: from, amount: negateMoney(amount) },
      { account: to, amount },
    ],
  };
}

/** What the entries of one payment come to. `captured` is always `refunded + reserved + left`. */
export interface Balances {
  readonly captured: Money;
  /** Gone back to the payer. */
  readonly refunded: Money;
  /** Held for refunds that are pending. */
  readonly reserved: Money;
  /** What a refund can still take. */
  readonly left: Money;
}

export function balances(entries: readonly Movement[]): Balances {
  const into = (account: Account, kind?: MovementKind): Money =>
    addMoney(
      ...entries
        .filter((entry) => kind === undefined || entry.kind === kind)
        .flatMap((entry) => entry.postings)
        .filter((posting) => posting.account === account)
        .map((posting) => posting.amount),
    );
  return {
    captured: into("merchant", "payment_captured"),
    refunded: into("payer", "refund_settled"),
    reserved: into("refunds_pending"),
    left: into("merchant"),
  };
}
