import type { DeclineReason, PayerAction, PayerWallet, PaymentStatus } from "./payment.ts";
import type { RefundStatus } from "./refund.ts";
import type { AppliedScenario } from "./scenario.ts";
import type { WorldClock } from "./world.ts";

/** Who ended the wait: the payer (or a test in the payer's place), a scenario, or the clock. */
export type Actor = "payer" | "scenario" | "clock";

/** A page that payers see. */
export type PayerPage = "qr" | "wallet" | "result";

/** What can happen to a payment, besides its notifications, which keep their own attempts. */
export type TimelinePayload =
  | { readonly kind: "created" }
  | ({ readonly kind: "scenario" } & AppliedScenario)
  | { readonly kind: "viewed"; readonly page: PayerPage; readonly agent?: string }
  | { readonly kind: "scanned" }
  | {
      readonly kind: "status";
      readonly status: PaymentStatus;
      readonly by: Actor;
      readonly action: PayerAction;
      readonly reason?: DeclineReason;
      readonly wallet?: PayerWallet;
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
  readonly payload: TimelinePayload;
}

/** That somebody moved a world's clock. World times. */
export interface ClockChange {
  readonly id: string;
  readonly processingAccountId: string;
  readonly from: number;
  readonly to: number;
  readonly mode: WorldClock["mode"];
}

/** So many moves of its clock does a world keep. */
export const clockChangesMax = 200;
