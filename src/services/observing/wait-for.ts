import type { Notification, NotificationType } from "../../domain/notification.ts";
import { type PaymentStatus, transitions } from "../../domain/payment.ts";
import { accept, type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import type { UnitOfWork } from "../../store/store.ts";
import type { Payments, PaymentView, WholePayment } from "../payments/payments.ts";
import type { ChangeWaiter, Probe } from "./change-waiter.ts";

/** Which notification is waited for; nothing given means any. */
export interface NotificationMatch {
  readonly type?: NotificationType | undefined;
  /** As the body's payload has it. */
  readonly status?: string | undefined;
  readonly paymentId?: string | undefined;
  readonly refundId?: string | undefined;
  /** As the body's payload has it. */
  readonly merchantReference?: string | undefined;
}

/** A wait looks at this many of a world's last notifications. */
const notificationsMax = 1000;

/** What a test waits for: a status of a payment, a notification. */
export class WaitFor {
  readonly #waiter: ChangeWaiter;
  readonly #payments: Payments;

  constructor(waiter: ChangeWaiter, payments: Payments) {
    this.#waiter = waiter;
    this.#payments = payments;
  }

  /** Why nothing is waited for any more, once the sandbox is closed: then the world cannot be looked up either. */
  refusalAfterClose(): Refusal | undefined {
    return this.#waiter.refusalAfterClose();
  }

  /**
   * Waits until a payment has a status.
   * @param timeoutMs real time, in milliseconds.
   * @param signal ends the wait for a client that has gone away.
   * @returns the payment then, `not_found`, or `not_reached` with its status and reason: at once where it cannot get there.
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
    const look = async (unit: UnitOfWork): Promise<Probe<WholePayment>> => {
      const whole = await this.#payments.wholeIn(unit, id);
      if (!whole.ok) return { present: {}, unreachable: true };
      const { payment } = whole.value;
      if (payment.status === status) return { reached: whole.value };
      const { reason } = payment;
      const present = { status: payment.status, ...(reason === undefined ? {} : { reason }) };
      return canBecome(payment.status, status) ? { present } : { present, unreachable: true };
    };
    return this.#waiter.until(found.value.payment.processingAccountId, look, timeoutMs, signal);
  }

  /**
   * How the payment of a page stands, told when it is not any more as it was seen.
   * @param seen the `standing` that was told last; without it the answer comes at once.
   * @param timeoutMs real time, in milliseconds; then it is told although nothing has changed.
   * @param signal ends the wait for a page that has been left.
   */
  async standing(
    token: string,
    seen: string | undefined,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Result<PaymentView & { readonly standing: string }>> {
    const found = await this.#payments.byPageToken(token);
    if (!found.ok || seen === undefined || standingOf(found.value) !== seen) return withStanding(found);
    const look = async (unit: UnitOfWork): Promise<Probe<undefined>> => {
      const view = await this.#payments.byPageTokenIn(unit, token);
      return view.ok && standingOf(view.value) === seen ? { present: {} } : { reached: undefined };
    };
    await this.#waiter.until(found.value.payment.processingAccountId, look, timeoutMs, signal);
    return withStanding(await this.#payments.byPageToken(token));
  }

  /**
   * Waits for a notification that matches and whose first attempt has ended, or for which none will be made.
   * @param timeoutMs real time, in milliseconds.
   * @param signal ends the wait for a client that has gone away.
   * @returns the newest of them, or `not_reached` with how many match and in which states they are.
   */
  notification(
    processingAccountId: string,
    match: NotificationMatch,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Result<Notification>> {
    const look = async (unit: UnitOfWork): Promise<Probe<Notification>> => {
      const by = match.paymentId === undefined ? { processingAccountId } : { paymentId: match.paymentId };
      const rows = await unit.page("notification", by, { limit: notificationsMax });
      const matching = rows
        .map(({ record }) => record)
        .filter((record) => record.processingAccountId === processingAccountId && matches(record, match));
      const ended = matching.find(isAttempted);
      return ended === undefined ? { present: presentStates(matching) } : { reached: ended };
    };
    return this.#waiter.until(processingAccountId, look, timeoutMs, signal);
  }

  /** Waits until a notification has one more attempt than it had, and gives up where that takes too long. */
  async attempt({ id, processingAccountId, attempts }: Notification, timeoutMs: number): Promise<void> {
    const look = async (unit: UnitOfWork): Promise<Probe<undefined>> => {
      const made = (await unit.get("notification", id))?.attempts.length;
      return made === undefined || made > attempts.length ? { reached: undefined } : { present: {} };
    };
    await this.#waiter.until(processingAccountId, look, timeoutMs);
  }
}

/** What a page shows of a payment, in few characters: equal as long as nothing about it has changed. */
function standingOf({ payment, world }: PaymentView): string {
  const clock = world.clock.mode === "frozen" ? world.clock.time : world.clock.shiftMs;
  return [payment.status, payment.scanTime ?? "", payment.expireTime, world.clock.mode, clock].join(" ");
}

function withStanding(found: Result<PaymentView>): Result<PaymentView & { readonly standing: string }> {
  return found.ok ? accept({ ...found.value, standing: standingOf(found.value) }) : found;
}

/** Whether a payment can come from one status to another, over however many steps. */
function canBecome(from: PaymentStatus, to: PaymentStatus): boolean {
  const next: readonly PaymentStatus[] = Object.values(transitions[from]);
  return next.some((status) => status === to || canBecome(status, to));
}

function matches(notification: Notification, match: NotificationMatch): boolean {
  const { type = notification.type, refundId, status, merchantReference } = match;
  if (type !== notification.type || (refundId ?? notification.refundId) !== notification.refundId) return false;
  if (status === undefined && merchantReference === undefined) return true;
  const { payload } = JSON.parse(notification.body) as { payload: { status: string; merchantReference: string } };
  return (
    (status ?? payload.status) === payload.status &&
    (merchantReference ?? payload.merchantReference) === payload.merchantReference
  );
}

/** Whether its first attempt has ended, or none will be made. */
function isAttempted({ state, attempts }: Notification): boolean {
  return state !== "due" || attempts.length > 0;
}

function presentStates(notifications: readonly Notification[]): object {
  const states: Record<string, number> = {};
  for (const { state } of notifications) states[state] = (states[state] ?? 0) + 1;
  return { notifications: notifications.length, ...(notifications.length === 0 ? {} : { states }) };
}
