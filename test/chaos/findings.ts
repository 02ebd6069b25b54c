import { Books, ledgerRules } from "./books.ts";
import type { Client, Troubles } from "./client.ts";
import type { Diary } from "./diary.ts";
import { type Blow, databaseBlow, type Fleet } from "./fleet.ts";
import type { Arrival, Endpoint } from "./receiver.ts";
import { notificationsOf, paymentsOf, type TalliedNotification } from "./settled.ts";

/** Something that was counted, and what of it is as it must not be. */
export interface Finding {
  readonly what: string;
  readonly count: number;
  /** Why, with ids. */
  readonly wrong: readonly string[];
}

/** What is left of a run. */
export interface Aftermath {
  readonly client: Client;
  readonly worlds: readonly string[];
  readonly fleet: Fleet;
  readonly diary: Diary;
  readonly endpoint: Endpoint;
  /** Those of the load. */
  readonly troubles: Troubles;
  /** What did not settle after all. */
  readonly unsettled: readonly string[];
}

/** So long a replica may have taken to note what it had sent when it was killed, in milliseconds. */
const unnotedMs = 3_000;
/** A signal may be told of a little earlier than a request that came before it. */
const clockErrorMs = 100;
/**
 * Nobody takes up what a replica held sooner after it was killed, in milliseconds: it counts as dead 5 s after its last
 * beat, which may be 2 s old on a busy machine.
 */
const takenUpMs = 3_000;

/** So long after the database was ended it may still not be there, or not be found again, in milliseconds. */
const recoveryMs = 8_000;
/** One request in so many may fail while the database serves. */
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
    ...answerFindings(aftermath.troubles, diary, fleet.blows),
    { what: "defects logged", count: fleet.defects.length, wrong: fleet.defects },
    { what: "replicas that do not serve in the end", count: unready.length, wrong: unready },
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
    { what: "payments answered 201, and there through every replica", count: payments.length, wrong: differing },
    { what: "payments lost", count: missing.length + unseen.length, wrong: [...missing, ...unseen] },
    { what: "payments created twice at once by one key, and there once", count: doubled, wrong: twice },
    { what: "payments asked for again by their key, and the same", count: payments.length, wrong: remade },
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
    { what: "refunds answered 201, there and done", count: refunds.length, wrong: lost.map(({ id }) => id) },
    { what: "refunds there that nobody was promised", count: unasked.length, wrong: unasked.map(({ id }) => id) },
    { what: "payments with several full refunds at once", count: contested, wrong: [] },
  ];
}

function notificationFindings(
  { endpoint, fleet, unsettled }: Aftermath,
  { views }: Books,
  notifications: readonly TalliedNotification[],
): Finding[] {
  const { arrivals, badlySigned } = endpoint;
  const told = (type: Arrival["type"], status: string) =>
    new Set(arrivals.filter((one) => one.type === type && one.status === status).map(({ subjectId }) => subjectId));
  const captured = [...views.values()].filter(({ ledger }) => ledger.some(({ kind }) => kind === "payment_captured"));
  const refunded = captured.flatMap(({ refunds }) => refunds);
  const [toldCaptured, toldRefunded] = [told("payment", "captured"), told("refund", "refunded")];
  const without = (all: readonly { readonly id: string }[], toldOf: ReadonlySet<string>) =>
    all.filter(({ id }) => !toldOf.has(id)).map(({ id }) => id);
  const news = new Map(arrivals.map(({ notificationId, subjectId, status }) => [notificationId, subjectId + status]));
  const twice = [...news.keys()]
    .map((id) => arrivals.filter(({ notificationId }) => notificationId === id))
    .filter(({ length }) => length > 1);
  const unexplained = twice.filter((same) => !isExplained(same, notifications, fleet.blows));
  return [
    { what: "payments captured, and told of", count: captured.length, wrong: without(captured, toldCaptured) },
    { what: "refunds done, and told of", count: refunded.length, wrong: without(refunded, toldRefunded) },
    { what: "notifications at the endpoint", count: news.size, wrong: badlySigned },
    { what: "news told by two notifications", count: 0, wrong: repeated([...news.values()]) },
    {
      what: "notifications sent again because a replica was killed before it could note that they were sent",
      count: twice.length,
      wrong: unexplained.map((same) => describeArrivals(same, fleet.blows)),
    },
    {
      what: "notifications not delivered, or worlds not settled, in the end",
      count: unsettled.length,
      wrong: unsettled,
    },
  ];
}

/**
 * Only the last of the attempts was noted; soon after each of the others somebody was killed, and the next one was not
 * made before that was known for sure.
 */
function isExplained(
  same: readonly Arrival[],
  notifications: readonly TalliedNotification[],
  blows: readonly Blow[],
): boolean {
  const noted = notifications.find(({ id }) => id === same[0]?.notificationId)?.attempts;
  const isByBlow = ({ time }: Arrival, next: Arrival) =>
    blows.some(
      (blow) =>
        blow.time >= time - clockErrorMs &&
        blow.time - time <= unnotedMs &&
        (blow.what === databaseBlow || next.time - blow.time >= takenUpMs),
    );
  return noted === 1 && same.every((one, at) => same[at + 1] === undefined || isByBlow(one, same[at + 1] as Arrival));
}

function describeArrivals(same: readonly Arrival[], blows: readonly Blow[]): string {
  const startTime = same[0]?.time ?? 0;
  const later = same.map(({ time }) => time - startTime).join(", ");
  const struck = blows.map(({ what, time }) => `${what} ${time - startTime}`).join(", ");
  return `${same[0]?.notificationId} came at ${later} ms; killed were ${struck}`;
}

function answerFindings(troubles: Troubles, { surprises }: Diary, blows: readonly Blow[]): Finding[] {
  const { unanswered, failedTimes, signable, badlySigned, givenUp } = troubles;
  const databaseTimes = blows.filter(({ what }) => what === databaseBlow).map(({ time }) => time);
  const isByDatabase = (time: number) => databaseTimes.some((other) => time >= other && time - other <= recoveryMs);
  const isFailure = (told: string) => /^5/.test(told);
  const withoutCause = failedTimes.filter((time) => !isByDatabase(time)).length;
  return [
    { what: "requests without an answer, asked again elsewhere", count: unanswered, wrong: givenUp },
    { what: "answers of 500 and more, signed", count: failedTimes.length, wrong: badlySigned.filter(isFailure) },
    {
      what: "of these while the database served",
      count: withoutCause,
      wrong: withoutCause * oneIn > signable ? [`more than one in ${oneIn} of ${signable}`] : [],
    },
    {
      what: "answers of the API, signed",
      count: signable,
      wrong: badlySigned.filter((told) => !isFailure(told)),
    },
    { what: "answers that no client may get", count: surprises.length, wrong: surprises },
  ];
}

function repeated(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => seen.size === seen.add(text).size);
}
