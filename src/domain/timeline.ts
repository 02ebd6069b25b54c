import type { DeclineReason, PayerAction, PaymentStatus } from "./payment.ts";
import type { RefundStatus } from "./refund.ts";
import type { Strike } from "./scenario.ts";

/** Who ended the wait: the payer (or a test in the payer's place), a scenario, or the clock. */
export type Actor = "payer" | "scenario" | "clock";

/** What can happen to a payment, besides its notifications, which keep their own attempts. */
export type Happening =
  | { readonly kind: "created" }
  | ({ readonly kind: "scenario" } & Strike)
  | { readonly kind: "scanned" }
  | {
      readonly kind: "status";
      readonly status: PaymentStatus;
      readonly by: Actor;
      readonly action: PayerAction;
      readonly reason?: DeclineReason;
    }
  | {
      readonly kind: "refund";
      readonly refundId: string;
      readonly status: RefundStatus;
      /** Who asked for it, of a new one: the merchant through the API, or somebody at the provider. */
      readonly by?: "merchant" | "provider";
    };

/** One line of a payment's timeline. */
export interface TimelineEvent {
  readonly id: string;
  readonly processingAccountId: string;
  readonly paymentId: string;
  /** World time. */
  readonly time: number;
  readonly happening: Happening;
}
