import type { Account, MovementKind } from "../domain/ledger.ts";
import type { LoggedRequest } from "../domain/logged-request.ts";
import type { NotificationState, NotificationType } from "../domain/notification.ts";
import type { PayerWallet } from "../domain/payment.ts";
import type {
  Fault,
  ReturnPlan,
  ScenarioName,
  ScenarioSubject,
  ScenarioTrigger,
  WebhookPlan,
} from "../domain/scenario.ts";
import type { DeclineReason, PayerAction, RefundOutcome } from "../domain/statuses.ts";
import type { TimelinePayload } from "../domain/timeline.ts";
import type { PaymentResource, RefundResource } from "../http/api/present.ts";
import type { PresentedCredentials } from "../http/control/merchants.ts";
import type { ExpectedCount, RequestMatch } from "../services/observing/request-match.ts";

// What goes over the control surface, as it is spelled there: instants in RFC 3339, amounts in major HKD.

/** What the developer of a merchant needs whose keys the sandbox made. */
export type Credentials = Required<PresentedCredentials>;

/** Where a clock stands after it was moved, and how many tasks ran on the way. */
export interface ClockMove {
  readonly now: string;
  readonly ran: number;
}

/** One page of a list, newest first; `nextCursor` asks for the page after it and is absent on the last. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor?: string;
}

/** Where a page begins, and how many entries it has at most. */
export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** How refunds end; `after` is an ISO 8601 duration of world time, counted from their creation. */
export interface RefundPlanSpec {
  readonly outcome?: RefundOutcome;
  readonly after?: string;
}

/** What is to happen to a payment. */
export interface PaymentScenario {
  readonly on?: "payment";
  readonly outcome?: PayerAction;
  /** Why the wallet declines; with the outcome `decline` alone. */
  readonly reason?: DeclineReason;
  /** An ISO 8601 duration of world time after the creation; `payer`: when the payer wants to pay. */
  readonly after?: string;
  /** How the refunds of this payment end. */
  readonly refunds?: RefundPlanSpec;
  readonly webhook?: WebhookPlan;
  readonly return?: ReturnPlan;
  readonly fault?: Fault;
}

/** What is to happen to a refund. */
export interface RefundScenario extends RefundPlanSpec {
  readonly on: "refund";
  readonly webhook?: Exclude<WebhookPlan, "before_response" | "out_of_order">;
  readonly fault?: Fault;
}

/** What is to happen to a request that reads. */
export interface ReadScenario {
  readonly on: "read";
  readonly fault: Fault;
}

/** What is to happen, as a test says it without a name. */
export type ScenarioSpec = PaymentScenario | RefundScenario | ReadScenario;

/** A scenario that waits, and how many requests it will strike. */
export interface QueuedScenarioView {
  readonly scenario: ScenarioName | ScenarioSpec;
  readonly times: number;
}

/** A scenario of the catalogue: its name, the amount that chooses it, and what it does. */
export interface CatalogueScenarioView extends Omit<PaymentScenario, "on"> {
  readonly name: ScenarioName;
  readonly amount: number;
  readonly description: string;
  readonly on: ScenarioSubject;
}

/** One line of the ledger. Its postings sum to zero. */
export interface LedgerEntryView {
  readonly id: string;
  readonly kind: MovementKind;
  readonly refundId?: string;
  readonly time: string;
  readonly postings: readonly { readonly account: Account; readonly amount: number }[];
}

/** One line of a payment's timeline, at the world's time. */
export type TimelineLine = { readonly time: string } & (
  | Exclude<TimelinePayload, { readonly kind: "scenario" }>
  | {
      readonly kind: "scenario";
      readonly scenario: ScenarioName | ScenarioSpec;
      /** What chose it. */
      readonly trigger: ScenarioTrigger;
    }
  | {
      readonly kind: "notification";
      readonly notificationId: string;
      readonly type: NotificationType;
      readonly state: NotificationState;
    }
  | {
      readonly kind: "attempt";
      readonly notificationId: string;
      readonly manual?: true;
      readonly repeated?: true;
      /** Absent where no answer came; then `error` says why. */
      readonly status?: number;
      readonly error?: string;
    }
  | ({
      /** A request of the merchant's about it; `scenario` is what struck it. */
      readonly kind: "call";
      readonly scenario?: ScenarioName | ScenarioSpec;
    } & Pick<LoggedRequest, "method" | "target" | "status" | "signature" | "diagnosis">)
);

/** A payment as the list of a world's has it. */
export interface ListedPayment extends PaymentResource {
  readonly processingAccountId: string;
  readonly expireTime: string;
}

/** The whole view of a payment. */
export interface PaymentView extends ListedPayment {
  /** Whose wallet it was paid with. */
  readonly wallet?: PayerWallet;
  readonly amounts: {
    readonly captured: number;
    readonly refunded: number;
    /** Held for refunds that are pending. */
    readonly reserved: number;
    /** What can still be refunded. */
    readonly left: number;
  };
  readonly refunds: readonly RefundResource[];
  readonly ledger: readonly LedgerEntryView[];
  /** Absolute URLs. */
  readonly pages: { readonly pay: string; readonly wallet: string };
  /** What happened, in order. */
  readonly timeline: readonly TimelineLine[];
}

/** One try to deliver a notification. */
export interface AttemptView {
  /** World time. */
  readonly startedAt: string;
  readonly url: string;
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  readonly requestBody: string;
  /** Somebody asked for it; it does not count in the retry schedule. */
  readonly manual?: true;
  /** A scenario asked for it; it does not count either. */
  readonly repeated?: true;
  /** The first 4 KiB; absent where no answer came, then `error` says why. */
  readonly answer?: { readonly status: number; readonly body: string };
  readonly error?: string;
  /** Real time, in milliseconds. */
  readonly durationMs: number;
}

/** A notification with its attempts, in order. */
export interface NotificationView {
  readonly id: string;
  readonly type: NotificationType;
  readonly paymentId: string;
  readonly refundId?: string;
  readonly state: NotificationState;
  /** What a scenario wants of its delivery. */
  readonly plan?: WebhookPlan;
  readonly createTime: string;
  readonly nextAttemptTime?: string;
  readonly attempts: readonly AttemptView[];
}

/** A request to the provider's API, and what came of it. */
export interface RequestView extends Omit<LoggedRequest, "time" | "at" | "place" | "scenario"> {
  readonly id: string;
  /** Real time. */
  readonly time: string;
  /** World time. */
  readonly at: string;
  /** What struck it; a test's own scenario has no name. */
  readonly scenario?: { readonly name?: ScenarioName; readonly trigger: ScenarioTrigger };
}

/** Which requests are counted, and how many are wanted: at least one where nothing is said. */
export interface RequestCount extends ExpectedCount {
  readonly match: RequestMatch;
}

/** A world as one JSON document, to be kept and put back. */
export interface Snapshot {
  readonly format: 1;
  /** The world that it is of, and that it is put back into. */
  readonly processingAccountId: string;
  readonly [member: string]: unknown;
}
