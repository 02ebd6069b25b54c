import { retryDelaysMs } from "./retry-schedule.ts";
import type { WebhookPlan } from "./scenario.ts";

/**
 * Where a notification stands: `due` before its first attempt has ended, `retrying` between attempts, `delivered` once one
 * was acknowledged, `exhausted` after the last one; `no_endpoint` where the world had none
 * when an attempt was due; `suppressed` where a scenario wants that none is made.
 */
export type NotificationState = "due" | "retrying" | "delivered" | "exhausted" | "no_endpoint" | "suppressed";

export type NotificationType = "payment" | "refund";

/** One try to deliver a notification, kept whole. */
export interface Attempt {
  /** World time. */
  readonly startedAt: number;
  readonly url: string;
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  /** Somebody asked for it; it does not count in the retry schedule. */
  readonly manual?: true;
  /** A scenario asked for it; it does not count either. */
  readonly repeated?: true;
  /** Absent where no answer came; then `error` says why. */
  readonly answer?: { readonly status: number; readonly body: string };
  readonly error?: string;
  /** Real time, in milliseconds. */
  readonly durationMs: number;
}

export interface Notification {
  readonly id: string;
  readonly processingAccountId: string;
  readonly type: NotificationType;
  readonly paymentId: string;
  readonly refundId?: string;
  readonly createTime: number;
  /** The exact text that every attempt sends. */
  readonly body: string;
  /** What a scenario wants of its delivery. */
  readonly plan?: WebhookPlan;
  readonly state: NotificationState;
  /** When the next attempt starts, while it is `retrying`. */
  readonly nextAttemptTime?: number;
  readonly attempts: readonly Attempt[];
}

/**
 * Adds an attempt. Any 2xx acknowledges [docs], and nothing leads on from `delivered`. An attempt of the schedule that was
 * not acknowledged leads to the next one, or to `exhausted`; a manual one leaves the schedule as it was. [ours]
 */
export function recordAttempt(notification: Notification, attempt: Attempt): Notification {
  const attempts = [...notification.attempts, attempt];
  const status = attempt.answer?.status ?? 0;
  const { nextAttemptTime: _over, ...rest } = notification;
  if (status >= 200 && status < 300) return { ...rest, state: "delivered", attempts };
  if (notification.state === "delivered" || isExtra(attempt)) return { ...notification, attempts };
  const delayMs = retryDelaysMs[attempts.filter((made) => !isExtra(made)).length - 1];
  if (delayMs === undefined) return { ...rest, state: "exhausted", attempts };
  return { ...rest, state: "retrying", nextAttemptTime: attempt.startedAt + delayMs, attempts };
}

/** Whether an attempt is none of the schedule's. */
export function isExtra({ manual, repeated }: Pick<Attempt, "manual" | "repeated">): boolean {
  return manual === true || repeated === true;
}

/** The endpoint was taken away before the notification was acknowledged: nothing more is sent of itself. */
export function withoutEndpoint({ nextAttemptTime: _over, ...rest }: Notification): Notification {
  return { ...rest, state: "no_endpoint" };
}
