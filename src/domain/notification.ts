/**
 * Where a notification stands: `due` before its attempt has ended, then `delivered` or `exhausted`; `no_endpoint` where
 * the world had none when it happened.
 */
export type NotificationState = "due" | "delivered" | "exhausted" | "no_endpoint";

export type NotificationType = "payment" | "refund";

/** One try to deliver a notification, kept whole. */
export interface Attempt {
  /** World time. */
  readonly startedAt: number;
  readonly url: string;
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
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
  readonly state: NotificationState;
  readonly attempts: readonly Attempt[];
}

/** Any 2xx acknowledges. [docs] */
export function recordAttempt(notification: Notification, attempt: Attempt): Notification {
  const status = attempt.answer?.status ?? 0;
  const acknowledged = status >= 200 && status < 300;
  return {
    ...notification,
    state: acknowledged ? "delivered" : "exhausted",
    attempts: [...notification.attempts, attempt],
  };
}
