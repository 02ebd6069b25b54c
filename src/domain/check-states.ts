import { type LedgerEntry, type MovementKind, movement } from "./ledger.ts";
import { addMoney } from "./money.ts";
import type { Notification } from "./notification.ts";
import type { Payment } from "./payment.ts";
import type { RecordsOfWorld } from "./records.ts";
import type { Refund } from "./refund.ts";
import { declineReasons, type PaymentReason, type PaymentStatus, type RefundStatus } from "./statuses.ts";

/** A path in a world: a member, then indexes and members. */
export type Path = readonly (string | number)[];

/** Receives a problem: its path, the value there, and the rule as the end of the sentence "<path> ...". */
export type Report = (path: Path, value: unknown, message: string) => void;

/** Receives a problem in one record. */
type ReportMember<T> = (member: keyof T & string, message: string) => void;

/** The reasons of a payment in each status; an empty list: no reason. */
const reasons: Record<PaymentStatus, readonly PaymentReason[]> = {
  pending: ["required_next_step"],
  captured: [],
  partially_refunded: [],
  refunded: [],
  declined: declineReasons,
  aborted: ["cancelled_by_consumer", "expired"],
  failed: ["processing_error"],
};

const capturedStatuses: readonly PaymentStatus[] = ["captured", "partially_refunded", "refunded"];

/** The statuses that a payment can have while one of its refunds has the status. */
const paymentStatusesWith: Record<RefundStatus, readonly PaymentStatus[]> = {
  pending: ["captured"],
  refunded: ["partially_refunded", "refunded"],
  failed: capturedStatuses,
};

/** The ledger entries that a refund can have in each status, in order. It can fail before or after it is done. */
const movementsOf: Record<RefundStatus, readonly (readonly MovementKind[])[]> = {
  pending: [["refund_reserved"]],
  refunded: [["refund_reserved", "refund_settled"]],
  failed: [
    ["refund_reserved", "refund_released"],
    ["refund_reserved", "refund_settled", "refund_reversed"],
  ],
};

/** Reports states, ledger entries and amounts that do not belong together. */
export function checkStates(records: RecordsOfWorld, report: Report): void {
  const payments = new Map(records.payment.map((payment) => [payment.id, payment]));
  const refunds = new Map(records.refund.map((refund) => [refund.id, refund]));
  const refundsOf = groupBy(records.refund, ({ paymentId }) => paymentId);
  const entriesOf = groupBy(records.entry, ({ paymentId, refundId }) => refundId ?? paymentId);
  const kindsOf = (id: string) => (entriesOf.get(id) ?? []).map(({ kind }) => kind);
  records.payment.forEach((payment, index) => {
    const reportMember = reporter(report, ["records", "payment", index], payment);
    checkPayment(payment, refundsOf.get(payment.id) ?? [], kindsOf(payment.id), reportMember);
  });
  records.refund.forEach((refund, index) => {
    const reportMember = reporter(report, ["records", "refund", index], refund);
    checkRefund(refund, payments.get(refund.paymentId), kindsOf(refund.id), reportMember);
  });
  records.entry.forEach((entry, index) => {
    const refund = refunds.get(entry.refundId ?? "");
    checkEntry(entry, payments.get(entry.paymentId), refund, reporter(report, ["records", "entry", index], entry));
  });
  records.notification.forEach((notification, index) => {
    checkNotification(notification, reporter(report, ["records", "notification", index], notification));
  });
}

function reporter<T extends object>(report: Report, path: Path, record: T): ReportMember<T> {
  return (member, message) => report([...path, member], record[member], message);
}

function groupBy<T>(list: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function checkPayment(
  { status, reason, amount, createTime, updateTime, contract }: Payment,
  refunds: readonly Refund[],
  entries: readonly MovementKind[],
  report: ReportMember<Payment>,
): void {
  const allowed = reasons[status];
  const isAllowed = reason === undefined ? allowed.length === 0 : allowed.includes(reason);
  if (!isAllowed) report("reason", `must be ${allowed.join(" or ") || "absent"} while the status is ${status}`);
  if (updateTime < createTime) report("updateTime", "must not be before createTime");
  checkEntries(entries, [capturedStatuses.includes(status) ? ["payment_captured"] : []], report);
  const sum = (...statuses: readonly RefundStatus[]) =>
    addMoney(...refunds.filter((refund) => statuses.includes(refund.status)).map((refund) => refund.amount));
  const refundsMax = allowsRest({ contract }) ? 2 : 1;
  if (refunds.filter((refund) => refund.status !== "failed").length > refundsMax) {
    const limit = refundsMax === 1 ? "one refund that has" : "two refunds that have";
    report("status", `does not go with more than ${limit} not failed`);
  }
  if (sum("pending", "refunded") > amount) report("amount", "must not be less than the sum of its refunds");
  const refunded = sum("refunded");
  const expected = refunded === 0 ? undefined : refunded < amount ? "partially_refunded" : "refunded";
  const isRefunded = status === "partially_refunded" || status === "refunded";
  if (isRefunded && status !== expected) report("status", `does not go with ${refunded} refunded cents of ${amount}`);
}

const allowsRest = ({ contract }: Pick<Payment, "contract">) => contract?.partialRefunds === "one_then_rest";

function checkRefund(
  { status, amount, partial, left, createTime, updateTime }: Refund,
  payment: Payment | undefined,
  entries: readonly MovementKind[],
  report: ReportMember<Refund>,
): void {
  const isRefundable = status === "pending" && payment?.status === "partially_refunded" && allowsRest(payment);
  if (payment !== undefined && !isRefundable && !paymentStatusesWith[status].includes(payment.status)) {
    report("status", `does not go with the payment status ${payment.status}`);
  }
  // Except for a refund of the rest, others exclude this one: it was asked for the whole amount or a part of it.
  const mayBeRest = !partial && payment !== undefined && allowsRest(payment);
  if (payment !== undefined && !mayBeRest && partial !== amount < payment.amount) {
    report("partial", `must be ${!partial}`);
  }
  if (left !== undefined && !entries.includes("refund_settled")) {
    report("left", "must be absent without the ledger entry refund_settled");
  }
  if (left !== undefined && payment !== undefined && (left < 0 || left + amount > payment.amount)) {
    report("left", `must be from 0 to ${payment.amount - amount}`);
  }
  if (updateTime < createTime) report("updateTime", "must not be before createTime");
  checkEntries(entries, movementsOf[status], report);
}

function checkEntries(
  found: readonly MovementKind[],
  allowed: readonly (readonly MovementKind[])[],
  report: ReportMember<{ status: string }>,
): void {
  if (allowed.every((kinds) => found.join() !== kinds.join())) {
    report("status", `does not go with the ledger entries ${found.join(", ") || "(none)"}`);
  }
}

/** An entry moves the whole amount of its payment or refund. */
function checkEntry(
  { kind, paymentId, refundId, time, postings }: LedgerEntry,
  payment: Payment | undefined,
  refund: Refund | undefined,
  report: ReportMember<LedgerEntry>,
): void {
  const isOfRefund = kind !== "payment_captured";
  if (isOfRefund !== (refundId !== undefined)) {
    report("refundId", isOfRefund ? "is missing" : `must be absent for ${kind}`);
    return;
  }
  if (refund !== undefined && refund.paymentId !== paymentId) report("paymentId", `must be ${refund.paymentId}`);
  const amount = isOfRefund ? refund?.amount : payment?.amount;
  if (amount === undefined) return;
  const expected = movement(kind, amount, { paymentId, time }).postings;
  const isExpected = (posting: (typeof postings)[number], index: number) =>
    posting.account === expected[index]?.account && posting.amount === expected[index].amount;
  if (postings.length !== expected.length || !postings.every(isExpected)) {
    report("postings", `must move ${amount} cents from ${expected[0]?.account} to ${expected[1]?.account}`);
  }
}

function checkNotification(
  { type, refundId, state, nextAttemptTime }: Notification,
  report: ReportMember<Notification>,
): void {
  if ((type === "refund") !== (refundId !== undefined)) {
    report("refundId", type === "refund" ? "is missing" : "must be absent for a payment");
  }
  if ((state === "retrying") !== (nextAttemptTime !== undefined)) {
    report("nextAttemptTime", state === "retrying" ? "is missing" : `must be absent while the state is ${state}`);
  }
}
