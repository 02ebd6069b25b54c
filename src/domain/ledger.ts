import type { Members, RecordOf } from "./members.ts";
import { addMoney, type Money, negateMoney } from "./money.ts";

export const accounts = ["payer", "merchant", "refunds_pending"] as const;
/** The accounts of one payment. `refunds_pending` holds the money of pending refunds. */
export type Account = (typeof accounts)[number];

export const movementKinds = ["payment_captured", "refund_reserved", "refund_settled", "refund_released"] as const;
export type MovementKind = (typeof movementKinds)[number];

const postingMembers = {
  account: { oneOf: accounts },
  /** Positive into the account, negative out of it. */
  amount: "money",
} as const satisfies Members;

const movementMembers = {
  kind: { oneOf: movementKinds },
  paymentId: "ksuid",
  refundId: { optional: "ksuid" },
  time: "time",
  postings: { list: { object: postingMembers } },
} as const satisfies Members;

export const entryMembers = {
  id: "ksuid",
  processingAccountId: "ksuid",
  merchantId: "text",
  ...movementMembers,
} as const satisfies Members;

/** A movement of money. Its postings sum to zero. */
export interface Movement extends RecordOf<typeof movementMembers> {}

/** A movement in the ledger. The ledger is append-only. */
export interface LedgerEntry extends RecordOf<typeof entryMembers> {}

export const transactionStatuses = ["captured", "refunded"] as const;

/** A transaction of the provider's API: money that was paid. A reservation is none. [ours] */
export interface Transaction {
  readonly id: string;
  readonly type: "payment" | "refund";
  /** Status of the payment or refund after the movement, as in its notification. */
  readonly status: (typeof transactionStatuses)[number];
  readonly paymentId: string;
  /** Present for a refund. */
  readonly refundId?: string;
  readonly amount: Money;
  readonly createTime: number;
}

/** Returns the transaction of an entry, or `undefined` for a reservation and a release. */
export function transactionOf(entry: LedgerEntry): Transaction | undefined {
  const { id, kind, paymentId, refundId, time, postings } = entry;
  const amount = postings.find((posting) => posting.amount > 0)?.amount;
  if (amount === undefined) return undefined;
  const moved = { id, paymentId, amount, createTime: time };
  if (kind === "payment_captured") return { ...moved, type: "payment", status: "captured" };
  if (kind !== "refund_settled") return undefined;
  return { ...moved, type: "refund", status: "refunded", ...(refundId === undefined ? {} : { refundId }) };
}

const routes: Record<MovementKind, readonly [from: Account, to: Account]> = {
  payment_captured: ["payer", "merchant"],
  refund_reserved: ["merchant", "refunds_pending"],
  refund_settled: ["refunds_pending", "payer"],
  refund_released: ["refunds_pending", "merchant"],
};

/** Creates the movement of an amount between the two accounts of its kind. */
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

/** The sums over the entries of one payment. `captured` is always `refunded + reserved + left`. */
export interface Balances {
  readonly captured: Money;
  /** Paid back to the payer. */
  readonly refunded: Money;
  /** Held for pending refunds. */
  readonly reserved: Money;
  /** Can still be refunded. */
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
