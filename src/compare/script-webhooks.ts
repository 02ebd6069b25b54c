import type { Examination } from "./examination.ts";
import { memberAt } from "./members.ts";
import { NotReached } from "./safety.ts";
import { endings } from "./script-payer.ts";
import type { SeenNotification } from "./subject.ts";

/** Time in which notifications that were sent arrive, in seconds. */
const arrivalSeconds = 10;
/** Times until a subject has sent what it queued, in seconds: the first retries of the provider, and others. */
const queueSeconds = [150, 3_600, 86_400] as const;

const isOf =
  (id: unknown) =>
  ({ payload }: SeenNotification) =>
    id !== undefined && (payload.id === id || payload.paymentId === id);

const isPending = ({ payload }: SeenNotification) => payload.status === "pending";
const isRefunded = ({ payload }: SeenNotification) => /refunded$/.test(String(payload.status));

/** The notifications of the payments and refunds that the other parts created. */
export async function examineNotifications(examination: Examination): Promise<void> {
  examination.notifications();
  const idOf = (step: string) => memberAt(examination.seen.get(step)?.body, "id");
  const paid = idOf("create a paid payment");
  if (paid === undefined) throw new NotReached(examination.missing.get("paid") ?? "no payment was paid");
  const isOutcome = (found: SeenNotification) => isOf(paid)(found) && !isPending(found) && !isRefunded(found);
  const outcome = await examination.arrived(isOutcome);
  if (outcome === undefined) throw new NotReached("no notification of a paid payment arrived at --webhook-url");
  await examination.subject.wait(arrivalSeconds);
  const all = examination.notifications();
  examination.keep("notification of a paid payment", outcome);
  examination.keep(
    "notification of a new payment",
    all.find((found) => found.type === "payment" && isPending(found)),
  );
  examination.keep(
    "notification of a refunded payment",
    all.find((found) => found.type === "payment" && isRefunded(found) && isOf(paid)(found)),
  );
  const refund = idOf("refund a part without merchantReference") ?? idOf("refund a part");
  examination.keep("notification of a refund", all.find(isOf(refund)));
  for (const ending of Object.values(endings)) {
    const isOfEnding = isOf(idOf(`create ${ending}`));
    examination.keep(
      `notification of ${ending}`,
      all.find((found) => isOfEnding(found) && !isPending(found)),
    );
  }
}

/** Refuses the notifications of one payment, and looks whether those of another one arrive meanwhile. */
export async function examineQueue(examination: Examination): Promise<void> {
  examination.notifications();
  examination.payer();
  const { inbox } = examination.subject;
  const first = await examination.create("create a payment whose notifications are refused");
  const second = await examination.create("create a payment behind it");
  const refusedFrom = examination.notifications().length;
  const placesOf = (matches: (found: SeenNotification, place: number) => boolean) =>
    examination.notifications().flatMap((found, place) => (matches(found, place) ? place : []));
  const placesOfFirst = () => placesOf((found, place) => place >= refusedFrom && isOf(first.id)(found));
  const placesOfSecond = () => placesOf((found) => isOf(second.id)(found) && !isPending(found));
  inbox?.refuse(first.id);
  try {
    await examination.act("pay", first);
    if ((await examination.arrived(() => placesOfFirst().length > 0)) === undefined) {
      throw new NotReached("no notification arrived at --webhook-url");
    }
    await examination.act("pay", second);
    await examination.subject.wait(arrivalSeconds);
  } finally {
    inbox?.refuse(undefined);
  }
  const refusedUntil = examination.notifications().length;
  const queueNow = () => queueOf(placesOfFirst(), placesOfSecond(), refusedUntil);
  for (const seconds of queueSeconds) {
    if (queueNow() !== undefined) break;
    // Without a clock that can be moved, longer waits are left out.
    if (!(await examination.subject.wait(seconds))) break;
  }
  if (placesOfSecond().length === 0) {
    throw new NotReached(`no notification of the payment ${second.id} arrived at --webhook-url`);
  }
  examination.queue = queueNow();
  if (examination.queue === undefined) {
    throw new NotReached(
      "the refused notification was not sent again, so nothing shows that the next one waited for it",
    );
  }
}

/**
 * How notifications queue up, by the places of two payments in the order of arrival. A refused notification may be
 * dropped after its last attempt: it says something about the next one only if it is sent again.
 * @param refusedUntil the first place of a notification that was acknowledged.
 * @returns `undefined` if nothing is proven.
 */
function queueOf(first: readonly number[], second: readonly number[], refusedUntil: number): Examination["queue"] {
  const [next] = second;
  if (next === undefined) return undefined;
  if (first.some((place) => place > next)) return "independent";
  return first.some((place) => place >= refusedUntil) ? "endpoint_blocks" : undefined;
}
