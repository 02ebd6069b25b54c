import type { Attempt, Notification, NotificationType } from "../../domain/notification.ts";
import { canBecome } from "../../domain/payment.ts";
import { accept, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import type { PaymentStatus } from "../../domain/statuses.ts";
import { plannedActions } from "../../domain/task.ts";
import type { UnitOfWork } from "../../store/store.ts";
import type { Payments, PaymentView, WholePayment } from "../payments/payments.ts";
import type { ChangeWaiter, ProbeResult } from "./change-waiter.ts";

/** Conditions for a notification. Without any member: every notification. */
export interface NotificationMatch {
  readonly type?: NotificationType | undefined;
  /** The status in the payload of the body, or the sandbox's own word for it. */
  readonly status?: string | undefined;
  readonly paymentId?: string | undefined;
  readonly refundId?: string | undefined;
  /** The reference in the payload of the body. */
  readonly merchantReference?: string | undefined;
}

/** Maximum number of a world's last notifications that a probe reads. */
const notificationsMax = 1000;

/** Waits for the status of a payment, for a notification, or for a change on a page. */
export class WaitFor {
  readonly #waiter: ChangeWaiter;
  readonly #payments: Payments;

  constructor(waiter: ChangeWaiter, payments: Payments) {
    this.#waiter = waiter;
    this.#payments = payments;
  }

  /** The refusal of new waits after the sandbox was closed. Then the world cannot be read either. */
  refusalAfterClose(): Refusal | undefined {
    return this.#waiter.refusalAfterClose();
  }

  /**
   * Waits until a payment has a status.
   * @param timeoutMs real time, in milliseconds.
   * @param signal ends the wait of a client that has disconnected.
   * @returns the payment then, `not_found`, or `not_reached` with its status and reason: at once if no transition leads
   * there.
   */
  async payment(
    id: string,
    status: PaymentStatus,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Result<WholePayment>> {
    const closed = this.refusalAfterClose();
    if (closed !== undefined) return refuse(closed);
    const found = await this.#payments.whole(id);
    if (!found.ok) return found;
    const probe = async (unit: UnitOfWork): Promise<ProbeResult<WholePayment>> => {
      const whole = await this.#payments.wholeIn(unit, id);
      if (!whole.ok) return { present: {}, unreachable: true };
      const { payment, tasks } = whole.value;
      if (payment.status === status) return { reached: whole.value };
      const { reason } = payment;
      const present = { status: payment.status, ...(reason === undefined ? {} : { reason }) };
      return canBecome(payment, status, plannedActions(tasks)) ? { present } : { present, unreachable: true };
    };
    return this.#waiter.waitFor(found.value.payment.processingAccountId, probe, timeoutMs, signal);
  }

  /**
   * Waits until the payment of a page has another revision than the page has seen.
   * @param seenRevision the last revision that the page received; without it there is no wait.
   * @param timeoutMs real time, in milliseconds; after it the same revision is returned.
   * @param signal ends the wait of a page that was closed.
   */
  async revision(
    token: string,
    seenRevision: string | undefined,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Result<PaymentView & { readonly revision: string }>> {
    const found = await this.#payments.byPageToken(token);
    if (!found.ok || seenRevision === undefined || revisionOf(found.value) !== seenRevision) {
      return withRevision(found);
    }
    const probe = async (unit: UnitOfWork): Promise<ProbeResult<undefined>> => {
      const view = await this.#payments.byPageTokenIn(unit, token);
      return view.ok && revisionOf(view.value) === seenRevision ? { present: {} } : { reached: undefined };
    };
    await this.#waiter.waitFor(found.value.payment.processingAccountId, probe, timeoutMs, signal);
    return withRevision(await this.#payments.byPageToken(token));
  }

  /**
   * Waits for a notification that matches and whose first attempt has ended, or that will have no attempt.
   * @param timeoutMs real time, in milliseconds.
   * @param signal ends the wait of a client that has disconnected.
   * @returns the newest of them, or `not_reached` with the number and states of those that match.
   */
  notification(
    processingAccountId: string,
    match: NotificationMatch,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Result<Notification>> {
    const probe = async (unit: UnitOfWork): Promise<ProbeResult<Notification>> => {
      const by = match.paymentId === undefined ? { processingAccountId } : { paymentId: match.paymentId };
      const rows = await unit.page("notification", by, { limit: notificationsMax });
      const matching = rows
        .map(({ record }) => record)
        .filter((record) => record.processingAccountId === processingAccountId && matches(record, match));
      const ended = matching.find(isAttempted);
      return ended === undefined ? { present: presentStates(matching) } : { reached: ended };
    };
    return this.#waiter.waitFor(processingAccountId, probe, timeoutMs, signal);
  }

  /**
   * Waits until a notification has another manual attempt.
   * @returns the attempt and its index, or `not_reached` after the timeout.
   */
  manualAttempt(
    { id, processingAccountId, attempts: before }: Notification,
    timeoutMs: number,
  ): Promise<Result<{ readonly attempt: Attempt; readonly index: number }>> {
    const probe = async (unit: UnitOfWork): Promise<ProbeResult<{ attempt: Attempt; index: number }>> => {
      const notification = await unit.get("notification", id);
      if (notification === undefined) return { present: {}, unreachable: true };
      const index = notification.attempts.findIndex(({ manual }, at) => at >= before.length && manual === true);
      const attempt = notification.attempts[index];
      return attempt === undefined ? { present: {} } : { reached: { attempt, index } };
    };
    return this.#waiter.waitFor(processingAccountId, probe, timeoutMs);
  }
}

/** A short text that changes with everything that a page shows of a payment. */
function revisionOf({ payment, world }: PaymentView): string {
  const clock = world.clock.mode === "frozen" ? world.clock.time : world.clock.shiftMs;
  return [payment.status, payment.scanTime ?? "", payment.expireTime, world.clock.mode, clock].join(" ");
}

function withRevision(found: Result<PaymentView>): Result<PaymentView & { readonly revision: string }> {
  return found.ok ? accept({ ...found.value, revision: revisionOf(found.value) }) : found;
}

function matches(notification: Notification, match: NotificationMatch): boolean {
  const { type = notification.type, refundId, status, merchantReference } = match;
  if (type !== notification.type || (refundId ?? notification.refundId) !== notification.refundId) return false;
  if (status === undefined && merchantReference === undefined) return true;
  const { payload } = JSON.parse(notification.body) as { payload: { status: string; merchantReference: string } };
  return (
    (status === undefined || status === payload.status || status === notification.subjectStatus) &&
    (merchantReference ?? payload.merchantReference) === payload.merchantReference
  );
}

/** Whether its first attempt has ended, or there will be none. */
function isAttempted({ state, attempts }: Notification): boolean {
  return state !== "due" || attempts.length > 0;
}

function presentStates(notifications: readonly Notification[]): object {
  const states: Record<string, number> = {};
  for (const { state } of notifications) states[state] = (states[state] ?? 0) + 1;
  return { notifications: notifications.length, ...(notifications.length === 0 ? {} : { states }) };
}
