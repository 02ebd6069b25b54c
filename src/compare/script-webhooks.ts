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
  inbox?.refuse(first.id);
  try {
    await examination.act("pay", first);
    if ((await examination.arrived(isOf(first.id))) === undefined) {
      throw new NotReached("no notification arrived at --webhook-url");
    }
    await examination.act("pay", second);
    await examination.subject.wait(arrivalSeconds);
  } finally {
    inbox?.refuse(undefined);
  }
  const hasArrived = () => examination.notifications().some((found) => isOf(second.id)(found) && !isPending(found));
  const isIndependent = hasArrived();
  for (const seconds of queueSeconds) {
    if (hasArrived()) break;
    // Without a clock that can be moved, longer waits are left out.
    if (!(await examination.subject.wait(seconds))) break;
  }
  if (!hasArrived()) throw new NotReached(`no notification of the payment ${second.id} arrived at --webhook-url`);
  examination.queue = isIndependent ? "independent" : "endpoint_blocks";
}
