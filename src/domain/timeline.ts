import type { Members, RecordOf } from "./members.ts";
import { payerWallets } from "./payment.ts";
import { appliedScenarioMembers } from "./scenario.ts";
import { declineReasons, payerActions, paymentStatuses, refundStatuses } from "./statuses.ts";
import { clockModes } from "./world.ts";

export const actors = ["payer", "scenario", "clock"] as const;
/** The cause of a payer action. A test acts as the payer. */
export type Actor = (typeof actors)[number];

export const payerPages = ["qr", "wallet", "result"] as const;
/** A page for the payer. */
export type PayerPage = (typeof payerPages)[number];

const refundOrigins = ["merchant", "provider"] as const;

/** What can happen to a payment, by kind. Notifications are not included: they keep their own attempts. */
const payloadKinds = {
  created: {},
  scenario: appliedScenarioMembers,
  viewed: { page: { oneOf: payerPages }, agent: { optional: "string" } },
  scanned: {},
  status: {
    status: { oneOf: paymentStatuses },
    by: { oneOf: actors },
    action: { oneOf: [...payerActions, "pay_late"] },
    reason: { optional: { oneOf: declineReasons } },
    wallet: { optional: { oneOf: payerWallets } },
  },
  refund: {
    refundId: "ksuid",
    status: { oneOf: refundStatuses },
    /** Who started it, on the event of its creation: the merchant through the API, or the provider. */
    by: { optional: { oneOf: refundOrigins } },
  },
} as const satisfies Record<string, Members>;

export const eventMembers = {
  id: "ksuid",
  processingAccountId: "ksuid",
  paymentId: "ksuid",
  /** World time. */
  time: "time",
  payload: { kinds: payloadKinds },
} as const satisfies Members;

/** One event of a payment's timeline. */
export interface TimelineEvent extends RecordOf<typeof eventMembers> {}

export type TimelinePayload = TimelineEvent["payload"];

export const clockChangeMembers = {
  id: "ksuid",
  processingAccountId: "ksuid",
  from: "time",
  to: "time",
  mode: { oneOf: clockModes },
} as const satisfies Members;

/** A change of a world's clock. World times. */
export interface ClockChange extends RecordOf<typeof clockChangeMembers> {}

/** Maximum number of clock changes that a world keeps. */
export const clockChangesMax = 200;
