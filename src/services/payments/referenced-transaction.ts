import { contractOf } from "../../domain/contract.ts";
import type { ContractChanges } from "../../domain/contract-rules.ts";
import type { Transaction } from "../../domain/ledger.ts";
import { providerRefundStatusOf } from "../../domain/refund.ts";
import type { providerStatuses } from "../../domain/statuses.ts";
import type { UnitOfWork } from "../../store/store.ts";

/** A transaction with what its payment or refund says: the merchant's own reference, its profile, and its status. */
export interface ReferencedTransaction extends Omit<Transaction, "status"> {
  readonly merchantReference: string;
  readonly contract?: ContractChanges | undefined;
  /** As in the notification about the movement. */
  readonly status: (typeof providerStatuses)[number];
}

export async function referenced(unit: UnitOfWork, transaction: Transaction): Promise<ReferencedTransaction> {
  const { id, type, paymentId, refundId } = transaction;
  const refund = refundId === undefined ? undefined : await unit.get("refund", refundId);
  const subject = refundId === undefined ? await unit.get("payment", paymentId) : refund;
  if (subject === undefined) throw new Error(`transaction ${id} is of a ${type} that does not exist`);
  const { merchantReference, contract } = subject;
  const statuses = {
    payment: () => contractOf(contract).paidStatus,
    refund: () =>
      refund === undefined ? transaction.status : providerRefundStatusOf({ ...refund, status: "refunded" }),
    refund_reversal: () => transaction.status,
  };
  return { ...transaction, merchantReference, contract, status: statuses[type]() };
}
