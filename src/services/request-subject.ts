import type { ContractChanges } from "../domain/contract-rules.ts";
import type { Payment } from "../domain/payment.ts";
import type { UnitOfWork } from "../store/store.ts";

/** The world and payment in the path of a request, and the contract profile of the payment. */
export interface RequestSubject {
  readonly processingAccountId: string;
  readonly paymentId: string;
  readonly contract?: ContractChanges | undefined;
}

/** Reads the payment or refund in the path of a request; `undefined` if the path names none. */
export function subjectOf(unit: UnitOfWork, target: string): Promise<RequestSubject | undefined> | undefined {
  const [, id] = /^\/v1\/payments\/([^/?]+)/.exec(target) ?? [];
  if (id !== undefined) return unit.get("payment", id).then(ofPayment);
  const [, of, trackId] = /^\/v1\/tracks\/(payments|refunds)\/([^/?]+)/.exec(target) ?? [];
  if (trackId === undefined) return undefined;
  if (of === "refunds") return unit.list("refund", { trackId }).then(([refund]) => refund);
  return unit.list("payment", { trackId }).then(([payment]) => ofPayment(payment));
}

function ofPayment(payment: Payment | undefined): RequestSubject | undefined {
  if (payment === undefined) return undefined;
  const { processingAccountId, id: paymentId, contract } = payment;
  return { processingAccountId, paymentId, contract };
}
