import { z } from "zod";
import { isKsuid } from "../../domain/ksuid.ts";
import type { LedgerEntry, Posting } from "../../domain/ledger.ts";
import type { Money } from "../../domain/money.ts";
import { flowTypes, payerWallets, transitions } from "../../domain/payment.ts";
import type { Replay } from "../../domain/replay.ts";
import {
  type AppliedScenario,
  type ConsumedAmountFault,
  faults,
  type QueuedScenario,
  type RefundPlan,
  returnPlans,
  type Scenario,
  scenarioNames,
  scenarioSubjects,
  webhookPlans,
} from "../../domain/scenario.ts";
import {
  declineReasons,
  type PaymentReason,
  type PaymentStatus,
  payerActions,
  refundOutcomes,
} from "../../domain/statuses.ts";
import type { ClockChange, TimelinePayload } from "../../domain/timeline.ts";
import type { Saved, SavedAttempt, SavedNotification, SavedTask, SnapshotDocument } from "./snapshot-document.ts";

/** A schema for every member, so that a new one does not compile without standing there. */
export type Members<T> = { readonly [M in keyof T]-?: z.ZodType<T[M]> };

/** Every text of a type: a new one does not compile without standing there. */
export function oneOf<T extends string>(all: Readonly<Record<T, true>>): z.ZodType<T> {
  return z.enum(Object.keys(all) as [T, ...T[]]);
}

/** Dates go no further. */
const timeMax = 8_640_000_000_000_000;

export const text = z.string().min(1, "must not be empty");
export const ksuid = z.string().refine(isKsuid, "must be a KSUID: 27 letters and digits");
const token = z.string().regex(/^[\w-]{24}$/, "must be 24 letters, digits, hyphens and underscores");
const httpUrl = z
  .string()
  .refine((url) => /^https?:\/\/\S+$/i.test(url) && URL.canParse(url), "must be an absolute http or https URL");
const wholeUpTo = (max: number, words: string) =>
  z.number().refine((value) => Number.isSafeInteger(value) && value >= 0 && value <= max, `must be ${words}`);
export const count = wholeUpTo(Number.MAX_SAFE_INTEGER, "a whole number");
export const time = wholeUpTo(timeMax, "a time in milliseconds since 1970");
const money = z.custom<Money>((value) => Number.isSafeInteger(value), "must be an amount in whole cents");
const positiveMoney = money.refine((value) => value > 0, "must be more than nothing");

const refundPlan = z.strictObject({
  outcome: z.enum(refundOutcomes).exactOptional(),
  afterMs: count.exactOptional(),
} satisfies Members<RefundPlan>);

const scenario = z.strictObject({
  name: z.enum(scenarioNames).exactOptional(),
  on: z.enum(scenarioSubjects),
  outcome: z.enum([...payerActions, ...refundOutcomes]).exactOptional(),
  reason: z.enum(declineReasons).exactOptional(),
  afterMs: z.union([count, z.literal("payer")]).exactOptional(),
  refunds: refundPlan.exactOptional(),
  webhook: z.enum(webhookPlans).exactOptional(),
  return: z.enum(returnPlans).exactOptional(),
  fault: z.enum(faults).exactOptional(),
} satisfies Members<Scenario>);

const appliedScenarioMembers = {
  scenario,
  trigger: oneOf({ header: true, queue: true, amount: true }),
} satisfies Members<AppliedScenario>;
export const appliedScenario = z.strictObject(appliedScenarioMembers);

const paymentStatus = z.enum(Object.keys(transitions) as [PaymentStatus, ...PaymentStatus[]]);
const refundStatus = oneOf({ pending: true, refunded: true, failed: true });

const payment = z.strictObject({
  id: ksuid,
  processingAccountId: ksuid,
  merchantId: text,
  trackId: token,
  pageToken: token,
  merchantReference: z.string(),
  amount: positiveMoney,
  flowType: z.enum(flowTypes),
  returnUrl: httpUrl,
  status: paymentStatus,
  reason: oneOf<PaymentReason>({
    required_next_step: true,
    insufficient_funds: true,
    limit_exceeded: true,
    risk_rejected: true,
    payment_declined: true,
    cancelled_by_consumer: true,
    expired: true,
    processing_error: true,
  }).exactOptional(),
  createTime: time,
  updateTime: time,
  expireTime: time,
  scanTime: time.exactOptional(),
  strike: appliedScenario.exactOptional(),
  wallet: z.enum(payerWallets).exactOptional(),
  returnPlan: z.enum(returnPlans).exactOptional(),
} satisfies Members<Saved<"payment">>);

const refund = z.strictObject({
  id: ksuid,
  processingAccountId: ksuid,
  paymentId: ksuid,
  trackId: token,
  merchantReference: z.string(),
  amount: positiveMoney,
  partial: z.boolean(),
  status: refundStatus,
  createTime: time,
  updateTime: time,
  strike: appliedScenario.exactOptional(),
} satisfies Members<Saved<"refund">>);

const posting = z.strictObject({
  account: oneOf({ payer: true, merchant: true, refunds_pending: true }),
  amount: money,
} satisfies Members<Posting>);

const entry = z.strictObject({
  id: ksuid,
  processingAccountId: ksuid,
  merchantId: text,
  kind: oneOf({ payment_captured: true, refund_reserved: true, refund_settled: true, refund_released: true }),
  paymentId: ksuid,
  refundId: ksuid.exactOptional(),
  time,
  postings: z
    .array(posting)
    .refine((postings) => postings.reduce((sum, { amount }) => sum + amount, 0) === 0, "must sum to zero"),
} satisfies Members<LedgerEntry>);

const attempt = z.strictObject({
  startedAt: time,
  url: httpUrl,
  requestHeaders: z.array(z.tuple([z.string(), z.string()])),
  manual: z.literal(true).exactOptional(),
  repeated: z.literal(true).exactOptional(),
  answer: z.strictObject({ status: count, body: z.string() }).exactOptional(),
  error: z.string().exactOptional(),
} satisfies Members<SavedAttempt>);

const notification = z.strictObject({
  id: ksuid,
  processingAccountId: ksuid,
  type: oneOf({ payment: true, refund: true }),
  paymentId: ksuid,
  refundId: ksuid.exactOptional(),
  createTime: time,
  body: z.string(),
  plan: z.enum(webhookPlans).exactOptional(),
  state: oneOf({ due: true, retrying: true, delivered: true, exhausted: true, no_endpoint: true, suppressed: true }),
  nextAttemptTime: time.exactOptional(),
  attempts: z.array(attempt),
} satisfies Members<SavedNotification>);

const replay = z.strictObject({
  id: z.string(),
  processingAccountId: ksuid,
  merchantId: text,
  operation: oneOf({ payments: true, refunds: true }),
  idempotencyKey: z.string(),
  paymentId: ksuid,
  request: z.string(),
  body: z.string(),
  createTime: time,
} satisfies Members<Replay>);

const task = z.strictObject({
  id: z.string(),
  processingAccountId: ksuid,
  kind: oneOf<SavedTask["kind"]>({
    expire_payment: true,
    decide_payment: true,
    complete_refund: true,
    deliver_notification: true,
    resend_notification: true,
    repeat_notification: true,
    forget_replay: true,
    retire_key: true,
  }),
  paymentId: ksuid.exactOptional(),
  subjectId: z.string(),
  dueTime: time,
} satisfies Members<SavedTask>);

const queued = z.strictObject({
  id: ksuid,
  processingAccountId: ksuid,
  scenario,
  times: count.refine((times) => times > 0, "must be at least 1"),
} satisfies Members<QueuedScenario>);

const consumedAmountFault = z.strictObject({
  id: z.string(),
  processingAccountId: ksuid,
} satisfies Members<ConsumedAmountFault>);

type Of<K extends TimelinePayload["kind"]> = Members<Extract<TimelinePayload, { kind: K }>>;
const payload = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("created") } satisfies Of<"created">),
  z.strictObject({ kind: z.literal("scenario"), ...appliedScenarioMembers } satisfies Of<"scenario">),
  z.strictObject({ kind: z.literal("scanned") } satisfies Of<"scanned">),
  z.strictObject({
    kind: z.literal("viewed"),
    page: oneOf({ qr: true, wallet: true, result: true }),
    agent: z.string().exactOptional(),
  } satisfies Of<"viewed">),
  z.strictObject({
    kind: z.literal("status"),
    status: paymentStatus,
    by: oneOf({ payer: true, scenario: true, clock: true }),
    action: z.enum(payerActions),
    reason: z.enum(declineReasons).exactOptional(),
    wallet: z.enum(payerWallets).exactOptional(),
  } satisfies Of<"status">),
  z.strictObject({
    kind: z.literal("refund"),
    refundId: ksuid,
    status: refundStatus,
    by: oneOf({ merchant: true, provider: true }).exactOptional(),
  } satisfies Of<"refund">),
]);

const event = z.strictObject({
  id: ksuid,
  processingAccountId: ksuid,
  paymentId: ksuid,
  time,
  happening: payload,
} satisfies Members<Saved<"event">>);

const clockChange = z.strictObject({
  id: ksuid,
  processingAccountId: ksuid,
  from: time,
  to: time,
  mode: oneOf({ frozen: true, running: true }),
} satisfies Members<ClockChange>);

/** The records of a world, by kind. */
export const savedRecords = z.strictObject({
  payment: z.array(payment),
  refund: z.array(refund),
  entry: z.array(entry),
  notification: z.array(notification),
  replay: z.array(replay),
  task: z.array(task),
  queued: z.array(queued),
  struck: z.array(consumedAmountFault),
  event: z.array(event),
  move: z.array(clockChange),
} satisfies Members<SnapshotDocument["records"]>);
