import { Books, ledgerRules } from "./books.ts";
import type { Client, Troubles } from "./client.ts";
import type { Diary } from "./diary.ts";
import { databaseOutage, type Fleet, type Outage } from "./fleet.ts";
import type { Arrival, Endpoint } from "./receiver.ts";
import { notificationsOf, paymentsOf, type TalliedNotification } from "./settled.ts";

/** A count, and the items that violate a rule. */
export interface Finding {
  readonly what: string;
  readonly count: number;
  /** Descriptions of the violations, with ids. */
  readonly wrong: readonly string[];
}

/** Results of a run. */
export interface Aftermath {
  readonly client: Client;
  readonly worlds: readonly string[];
  readonly fleet: Fleet;
  readonly diary: Diary;
  readonly endpoint: Endpoint;
  /** Failures during the load. */
  readonly troubles: Troubles;
  /** Notifications and worlds that did not settle. */
  readonly unsettled: readonly string[];
}

/** Maximum time between sending a notification and storing its attempt, in milliseconds. */
const storeDelayMaxMs = 3_000;
/**
 * Tolerance when comparing the times of outages and requests, in milliseconds. A busy endpoint may read a request, and
 * note its time, after the replica that sent it was killed: the bytes of a killed process still arrive.
 */
const clockErrorMs = 2_000;
/**
 * Minimum time from a kill until another replica takes over, in milliseconds. A replica counts as dead 5 s after its
 * last heartbeat, which may be 2 s old on a busy machine.
 */
const takeoverMinMs = 3_000;

/** Maximum time until replicas use the database again after its crash, in milliseconds. */
const recoveryMs = 8_000;
/** While the database serves, at most one request in this number may fail. */
const oneIn = 100;

export async function findingsOf(aftermath: Aftermath): Promise<Finding[]> {
  const { client, worlds, fleet, diary } = aftermath;
  const unready = await fleet.unready();
  const books = await Books.read(fleet.urls, client, diary);
  const stored = await paymentsOf(client, worlds);
  return [
    ...bookFindings(books, diary, stored),
    ...refundFindings(books, diary),
    ...notificationFindings(aftermath, books, await notificationsOf(client, worlds)),
    ...answerFindings(aftermath.troubles, diary, fleet.outages),
    { what: "defects logged", count: fleet.defects.length, wrong: fleet.defects },
    { what: "replicas that are not ready at the end", count: unready.length, wrong: unready },
  ];
}

function bookFindings(
  { views, missing, differing, remade }: Books,
  { payments, doubled }: Diary,
  stored: readonly { readonly id: string; readonly merchantReference: string }[],
): Finding[] {
  const unseen = payments.filter(({ id }) => !views.has(id)).map(({ id }) => id);
  const twice = repeated(stored.map(({ merchantReference }) => merchantReference));
  return [
    { what: "payments answered 201, and equal on every replica", count: payments.length, wrong: differing },
    { what: "payments lost", count: missing.length + unseen.length, wrong: [...missing, ...unseen] },
    { what: "payments created twice concurrently with one key, and stored once", count: doubled, wrong: twice },
    { what: "payments requested again with their key, and the same", count: payments.length, wrong: remade },
    ...Object.entries(ledgerRules).map(([rule, holds]) => ({
      what: `payments ${rule}`,
      count: [...views.values()].filter(holds).length,
      wrong: [...views.values()].filter((view) => !holds(view)).map(({ id }) => id),
    })),
  ];
}

function refundFindings({ views }: Books, { refunds, contested }: Diary): Finding[] {
  const lost = refunds.filter(({ id, paymentId }) => {
    const found = views.get(paymentId)?.refunds.find((refund) => refund.id === id);
    return found?.status !== "refunded";
  });
  const unasked = [...views.values()]
    .flatMap((view) => view.refunds)
    .filter(({ id }) => !refunds.some((promised) => promised.id === id));
  return [
    { what: "refunds answered 201, stored and settled", count: refunds.length, wrong: lost.map(({ id }) => id) },
    { what: "refunds stored without a 201 response", count: unasked.length, wrong: unasked.map(({ id }) => id) },
    { what: "payments with several concurrent full refunds", count: contested, wrong: [] },
  ];
}

function notificationFindings(
  { endpoint, fleet, unsettled }: Aftermath,
  { views }: Books,
  notifications: readonly TalliedNotification[],
): Finding[] {
  const { arrivals, badlySigned } = endpoint;
  const notified = (type: Arrival["type"], ...statuses: readonly string[]) =>
    new Set(
      arrivals.filter((one) => one.type === type && statuses.includes(one.status)).map(({ subjectId }) => subjectId),
    );
  const captured = [...views.values()].filter(({ ledger }) => ledger.some(({ kind }) => kind === "payment_captured"));
  const refunded = captured.flatMap(({ refunds }) => refunds);
  const notifiedPayments = notified("payment", "captured");
  const notifiedRefunds = notified("refund", "refunded", "partially_refunded");
  const without = (all: readonly { readonly id: string }[], notifiedIds: ReadonlySet<string>) =>
    all.filter(({ id }) => !notifiedIds.has(id)).map(({ id }) => id);
  const changes = new Map(
    arrivals.map(({ notificationId, subjectId, status }) => [notificationId, subjectId + status]),
  );
  const twice = [...changes.keys()]
    .map((id) => arrivals.filter(({ notificationId }) => notificationId === id))
    .filter(({ length }) => length > 1);
  const unexplained = twice.filter((same) => !isExplained(same, notifications, fleet.outages));
  return [
    { what: "payments captured, and notified", count: captured.length, wrong: without(captured, notifiedPayments) },
    { what: "refunds settled, and notified", count: refunded.length, wrong: without(refunded, notifiedRefunds) },
    { what: "notifications at the endpoint", count: changes.size, wrong: badlySigned },
    { what: "changes with two notifications", count: 0, wrong: repeated([...changes.values()]) },
    {
      what: "notifications sent again because a replica was killed before it stored the attempt",
      count: twice.length,
      wrong: unexplained.map((same) => describeArrivals(same, fleet.outages)),
    },
    {
      what: "notifications not delivered, or worlds not settled, at the end",
      count: unsettled.length,
      wrong: unsettled,
    },
  ];
}

/**
 * Returns whether only the last attempt was stored, an outage followed soon after each other attempt, and the next
 * attempt was not made before another replica could take over.
 */
function isExplained(
  same: readonly Arrival[],
  notifications: readonly TalliedNotification[],
  outages: readonly Outage[],
): boolean {
  const stored = notifications.find(({ id }) => id === same[0]?.notificationId)?.attempts;
  const isByOutage = ({ time }: Arrival, next: Arrival) =>
    outages.some(
      (outage) =>
        outage.time >= time - clockErrorMs &&
        outage.time - time <= storeDelayMaxMs &&
        (outage.what === databaseOutage || next.time - outage.time >= takeoverMinMs),
    );
  return (
    stored === 1 && same.every((one, at) => same[at + 1] === undefined || isByOutage(one, same[at + 1] as Arrival))
  );
}

function describeArrivals(same: readonly Arrival[], outages: readonly Outage[]): string {
  const startTime = same[0]?.time ?? 0;
  const later = same.map(({ time }) => time - startTime).join(", ");
  const kills = outages.map(({ what, time }) => `${what} ${time - startTime}`).join(", ");
  return `${same[0]?.notificationId} arrived at ${later} ms; outages: ${kills}`;
}

function answerFindings(troubles: Troubles, { surprises }: Diary, outages: readonly Outage[]): Finding[] {
  const { unanswered, failedTimes, signable, badlySigned, givenUp } = troubles;
  const databaseTimes = outages.filter(({ what }) => what === databaseOutage).map(({ time }) => time);
  const isByDatabase = (time: number) => databaseTimes.some((other) => time >= other && time - other <= recoveryMs);
  const isFailure = (line: string) => /^5/.test(line);
  const withoutCause = failedTimes.filter((time) => !isByDatabase(time)).length;
  return [
    { what: "requests without a response, sent again to another replica", count: unanswered, wrong: givenUp },
    {
      what: "responses with a status of at least 500, signed",
      count: failedTimes.length,
      wrong: badlySigned.filter(isFailure),
    },
    {
      what: "of these, responses while the database served",
      count: withoutCause,
      wrong: withoutCause * oneIn > signable ? [`more than one in ${oneIn} of ${signable}`] : [],
    },
    {
      what: "responses of the API, signed",
      count: signable,
      wrong: badlySigned.filter((line) => !isFailure(line)),
    },
    { what: "responses that no client may get", count: surprises.length, wrong: surprises },
  ];
}

function repeated(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => seen.size === seen.add(text).size);
}
