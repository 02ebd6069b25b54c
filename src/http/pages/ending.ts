import type { Payment } from "../../domain/payment.ts";
import type { PaymentStatus } from "../../domain/statuses.ts";

/** How a payment ended, for the payer: its status, with an aborted one cancelled or expired. */
export type Ending = Exclude<PaymentStatus, "pending" | "aborted"> | "cancelled" | "expired";

/** The ending of a payment; `undefined` while it is pending. */
export function endingOf({ status, reason }: Payment): Ending | undefined {
  if (status === "aborted") return reason === "expired" ? "expired" : "cancelled";
  return status === "pending" ? undefined : status;
}

/** Whether the payer paid, refunds aside. */
export function isPaid(ending: Ending): boolean {
  return ending === "captured" || ending === "refunded" || ending === "partially_refunded";
}
