import type { Members, RecordOf } from "./members.ts";
import { type Money, minimumPayment, moneyFromMajor } from "./money.ts";
import { providerRetryDelaysMs } from "./retry-schedule.ts";
import { type WebhookPlan, webhookPlans } from "./scenario.ts";

/** `User-Agent` of every webhook. The control surfaces of all sandboxes refuse it. [ours] */
export const webhookUserAgent = "alipay-hk-sandbox";

export const notificationStates = ["due", "retrying", "delivered", "exhausted", "no_endpoint", "suppressed"] as const;
/**
 * `due` until the first attempt ends, `retrying` between attempts, `delivered` after an acknowledgement, `exhausted`
 * after the last attempt, `no_endpoint` if the world had no endpoint when an attempt was due, `suppressed` if a
 * scenario prevents the delivery.
 */
export type NotificationState = (typeof notificationStates)[number];

export const notificationTypes = ["payment", "refund"] as const;
export type NotificationType = (typeof notificationTypes)[number];

export const attemptMembers = {
  /** World time. */
  startedAt: "time",
  url: "httpUrl",
  requestHeaders: { list: "header" },
  /** Requested by a person or a test; it does not count in the retry schedule. */
  manual: { optional: "true" },
  /** Requested by a scenario; it does not count in the retry schedule. */
  repeated: { optional: "true" },
  /** Absent if the attempt failed without an answer; then `error` is the reason. Older records have no `headers`. */
  answer: { optional: { object: { status: "count", headers: { optional: { list: "header" } }, body: "string" } } },
  error: { optional: "string" },
  /** Real time, in milliseconds. */
  durationMs: "count",
} as const satisfies Members;

/** One attempt to deliver a notification. */
export interface Attempt extends RecordOf<typeof attemptMembers> {}

export const notificationMembers = {
  id: "ksuid",
  processingAccountId: "ksuid",
  type: { oneOf: notificationTypes },
  paymentId: "ksuid",
  refundId: { optional: "ksuid" },
  createTime: "time",
  /** The exact request body of every attempt. */
  body: "string",
  /** The status of the payment or refund in the sandbox's own words, if the body may have another word for it. */
  subjectStatus: { optional: "string" },
  /** Delays between its attempts, if its profile has others than the provider's. */
  retryDelaysMs: { optional: { list: "delayMs" } },
  /** Its place in the queue of the endpoint, if its world has one: `waiting` until it is the `head`. */
  queue: { optional: { oneOf: ["head", "waiting"] } },
  /** How a scenario changes its delivery. */
  plan: { optional: { oneOf: webhookPlans } },
  state: { oneOf: notificationStates },
  /** When the next attempt starts; present while it is `retrying`. */
  nextAttemptTime: { optional: "time" },
  attempts: { list: { object: attemptMembers } },
} as const satisfies Members;

export interface Notification extends RecordOf<typeof notificationMembers> {}

/**
 * Adds an attempt. Any 2xx acknowledges the notification [docs], and `delivered` is final. A scheduled attempt that
 * failed is followed by the next one, or by `exhausted`. An extra attempt that failed does not change the schedule.
 * [ours]
 */
export function recordAttempt(notification: Notification, attempt: Attempt): Notification {
  const attempts = [...notification.attempts, attempt];
  if (isAcknowledged(attempt)) return { ...withoutSchedule(notification), state: "delivered", attempts };
  if (notification.state === "delivered" || isExtra(attempt)) return { ...notification, attempts };
  const delayMs = retryDelaysOf(notification)[attempts.filter((made) => !isExtra(made)).length - 1];
  if (delayMs === undefined) return { ...withoutSchedule(notification), state: "exhausted", attempts };
  const { nextAttemptTime: _passed, ...rest } = notification;
  return { ...rest, state: "retrying", nextAttemptTime: attempt.startedAt + delayMs, attempts };
}

/** A notification without a next attempt. It leaves the queue of its endpoint. */
function withoutSchedule({ nextAttemptTime: _next, queue: _place, ...rest }: Notification): Notification {
  return rest;
}

/** Delays between the attempts of a notification, in milliseconds. */
export function retryDelaysOf({ retryDelaysMs }: Pick<Notification, "retryDelaysMs">): readonly number[] {
  return retryDelaysMs ?? providerRetryDelaysMs;
}

/** Whether the endpoint acknowledged an attempt: with any 2xx. [docs] */
export function isAcknowledged({ answer }: Pick<Attempt, "answer">): boolean {
  return answer !== undefined && answer.status >= 200 && answer.status < 300;
}

/** Whether an attempt is outside the retry schedule. */
export function isExtra({ manual, repeated }: Pick<Attempt, "manual" | "repeated">): boolean {
  return manual === true || repeated === true;
}

/** Ends the schedule of a notification whose world has no endpoint any more. Only manual attempts are possible then. */
export function withoutEndpoint(notification: Notification): Notification {
  return { ...withoutSchedule(notification), state: "no_endpoint" };
}

const lateMs = 10 * 60_000;
const heldMaxMs = 24 * 3_600_000;

/** Delay of the first attempt after the creation of a notification, in milliseconds of world time. */
export function webhookDelayMs(plan: WebhookPlan | undefined): number {
  if (plan === "late") return lateMs;
  return plan === "out_of_order" ? heldMaxMs : 0;
}

const mismatch = moneyFromMajor(1) as Money;

/** Returns a wrong amount for a notification: 1.00 lower, or 1.00 higher if that is below the minimum payment. */
export function mismatchedAmount(amount: Money): Money {
  const lower = amount - mismatch;
  return (lower >= minimumPayment ? lower : amount + mismatch) as Money;
}
