import { entryMembers } from "./ledger.ts";
import type { RecordOf } from "./members.ts";
import { notificationMembers } from "./notification.ts";
import { paymentMembers } from "./payment.ts";
import { refundMembers } from "./refund.ts";
import { replayMembers } from "./replay.ts";
import { consumedAmountFaultMembers, queuedScenarioMembers } from "./scenario.ts";
import { taskMembers } from "./task.ts";
import { clockChangeMembers, eventMembers } from "./timeline.ts";

/** The members of the records of a world, by kind, in the order of snapshots. */
export const worldRecords = {
  payment: paymentMembers,
  refund: refundMembers,
  entry: entryMembers,
  notification: notificationMembers,
  replay: replayMembers,
  queued: queuedScenarioMembers,
  consumedAmountFault: consumedAmountFaultMembers,
  event: eventMembers,
  clockChange: clockChangeMembers,
  task: taskMembers,
} as const;

export type WorldKind = keyof typeof worldRecords;
export const worldKinds = Object.keys(worldRecords) as readonly WorldKind[];

/** The type of the records of each kind. */
export type WorldRecords = { [K in WorldKind]: RecordOf<(typeof worldRecords)[K]> };

/** All records of a world, by kind, in the order in which they were first saved. */
export type RecordsOfWorld = { readonly [K in WorldKind]: readonly WorldRecords[K][] };
