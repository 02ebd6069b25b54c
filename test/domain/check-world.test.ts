import { describe, expect, test } from "vitest";
import { checkWorld, type WholeWorld } from "../../src/domain/check-world.ts";
import { type LedgerEntry, type MovementKind, movement } from "../../src/domain/ledger.ts";
import type { Payment } from "../../src/domain/payment.ts";
import type { RecordsOfWorld } from "../../src/domain/records.ts";
import type { Refund } from "../../src/domain/refund.ts";
import type { PaymentReason } from "../../src/domain/statuses.ts";
import { newTask } from "../../src/domain/task.ts";
import {
  consumedAmountFault,
  credential,
  event,
  hkd,
  merchant,
  notification,
  payment,
  refund,
  replay,
  start,
} from "../support/records.ts";

const order = payment();
const { reason: _pending, ...captured } = payment({
  id: "payment-2",
  trackId: "track-2",
  pageToken: "page-2",
  status: "captured",
});
const part = refund({ paymentId: captured.id });

function moved(kind: MovementKind, record: Payment | Refund): LedgerEntry {
  const subject =
    "paymentId" in record ? { paymentId: record.paymentId, refundId: record.id } : { paymentId: record.id };
  const id = `${kind} ${record.id}`;
  return {
    id,
    processingAccountId: "world-1",
    merchantId: "merchant-1",
    ...movement(kind, record.amount, { ...subject, time: start }),
  };
}

/** A pending payment, and a captured one with a pending refund. */
function world(changes: Partial<RecordsOfWorld> = {}, others: Partial<WholeWorld> = {}): WholeWorld {
  return {
    processingAccountId: "world-1",
    merchant: merchant(),
    credentials: [credential()],
    records: {
      payment: [order, captured],
      refund: [part],
      entry: [moved("payment_captured", captured), moved("refund_reserved", part)],
      notification: [notification({ paymentId: captured.id })],
      replay: [replay()],
      queued: [],
      consumedAmountFault: [consumedAmountFault()],
      event: [event({ paymentId: captured.id })],
      clockChange: [],
      task: [
        newTask("expire_payment", { ...order, paymentId: order.id }, start),
        newTask("complete_refund", part, start),
        newTask("deliver_notification", { ...notification(), paymentId: captured.id }, start),
        newTask("forget_replay", replay({ paymentId: captured.id }), start),
      ].map(({ paymentId, ...task }) => (task.kind === "forget_replay" ? task : { ...task, paymentId })),
      ...changes,
    },
    ...others,
  };
}

/** A world with a notification in the queue, and perhaps another one. @param scheduled the ids of those with a task. */
function queue(
  place: "head" | "waiting",
  state: "due" | "delivered",
  scheduled: readonly string[],
  other?: "head",
): WholeWorld {
  const one = notification({ paymentId: captured.id, queue: place, state });
  const others = other === undefined ? [] : [{ ...one, id: "other", state: "due" as const, queue: other }];
  const tasks = scheduled.map((id) => newTask("deliver_notification", { ...one, id }, start));
  return world({ notification: [one, ...others], task: tasks });
}

const pathsOf = (checked: WholeWorld) => checkWorld(checked).map(({ path }) => path.join("."));
const withPayment = (changes: Partial<Payment>) => world({ payment: [order, { ...captured, ...changes }] });
const withRefund = (changes: Partial<Refund>) => world({ refund: [{ ...part, ...changes }] });

const withNotificationBody = (body: string) =>
  [
    `a notification has its own body: ${body}`,
    world({ notification: [notification({ paymentId: captured.id, body })] }),
    "records.notification.0.body",
  ] as const;

/** A world with a payment whose money will arrive late. */
function lateWorld(reason: PaymentReason): WholeWorld {
  const status = reason === "required_next_step" ? "pending" : "aborted";
  const task = newTask("pay_late", { ...order, paymentId: order.id }, start);
  return world({ payment: [{ ...order, status, reason }, captured], task: [task] });
}

describe("checkWorld", () => {
  test("reports nothing in a world that the sandbox can reach", () => {
    expect(checkWorld(world())).toEqual([]);
    const settled = { ...part, status: "refunded" } as const;
    const ended = world({
      payment: [order, { ...captured, status: "partially_refunded" }],
      refund: [settled],
      entry: [moved("payment_captured", captured), moved("refund_reserved", part), moved("refund_settled", part)],
      task: [],
    });
    expect(checkWorld(ended)).toEqual([]);
    expect(checkWorld(lateWorld("expired"))).toEqual([]);
    const late = newTask("fail_refund_late", part, start);
    expect(checkWorld({ ...ended, records: { ...ended.records, task: [late] } })).toEqual([]);
    const kinds = ["refund_reserved", "refund_settled", "refund_reversed"] as const;
    const reversed = world({
      refund: [{ ...part, status: "failed" }],
      entry: [moved("payment_captured", captured), ...kinds.map((kind) => moved(kind, part))],
      task: [],
    });
    expect(checkWorld(reversed)).toEqual([]);
    const both = [part, { ...part, id: "refund-2", trackId: "track-9", amount: hkd(160), partial: false }];
    const withRest = world({
      payment: [order, { ...captured, contract: { partialRefunds: "one_then_rest" } }],
      refund: both,
      entry: [moved("payment_captured", captured), ...both.map((one) => moved("refund_reserved", one))],
    });
    expect(checkWorld(withRest)).toEqual([]);
  });

  const problems: readonly (readonly [rule: string, checked: WholeWorld, path: string])[] = [
    ["a kid occurs once", world({}, { credentials: [credential(), credential()] }), "credentials.1.kid"],
    [
      "a credential is the merchant's",
      world({}, { merchant: merchant({ merchantId: "x" }) }),
      "credentials.0.merchantId",
    ],
    [
      "a record is the world's",
      withPayment({ processingAccountId: "world-2" }),
      "records.payment.1.processingAccountId",
    ],
    ["an id occurs once in its kind", withPayment({ id: order.id }), "records.payment.1.id"],
    ["a page token occurs once", withPayment({ pageToken: order.pageToken }), "records.payment.1.pageToken"],
    ["a track id occurs once", withRefund({ trackId: order.trackId }), "records.refund.0.trackId"],
    ["a payment exists", withRefund({ paymentId: "payment-3" }), "records.refund.0.paymentId"],
    ["a payment has a reason of its status", withPayment({ status: "declined" }), "records.payment.1.reason"],
    ["a captured payment has no reason", withPayment({ reason: "expired" }), "records.payment.1.reason"],
    ["an update is after the creation", withPayment({ updateTime: start - 1 }), "records.payment.1.updateTime"],
    ["a capture is in the ledger", world({ entry: [moved("refund_reserved", part)] }), "records.payment.1.status"],
    ["a pending payment has no pending refund", withRefund({ paymentId: order.id }), "records.refund.0.status"],
    [
      "a pending payment has no capture",
      withPayment({ status: "pending", reason: "required_next_step" }),
      "records.payment.1.status",
    ],
    ["refunds do not exceed the payment", withRefund({ amount: hkd(201) }), "records.payment.1.amount"],
    ["an entry moves the amount of its refund", withRefund({ amount: hkd(39) }), "records.entry.1.postings"],
    ["an entry moves the amount of its payment", withPayment({ amount: hkd(199) }), "records.entry.0.postings"],
    ["a refund has the entries of its status", withRefund({ status: "failed" }), "records.refund.0.status"],
    ["a refunded payment has refunds", withPayment({ status: "refunded" }), "records.payment.1.status"],
    ["a completion task belongs to a pending refund", withRefund({ status: "failed" }), "records.task.1.subjectId"],
    [
      "an expiry task belongs to a pending payment",
      world({ payment: [{ ...captured, ...{ id: order.id } }, captured] }),
      "records.task.0.subjectId",
    ],
    [
      "a task has the payment id of its subject",
      world({ task: [{ ...newTask("complete_refund", part, start), paymentId: order.id }] }),
      "records.task.0.paymentId",
    ],
    ...(["cancelled_by_consumer", "required_next_step"] as const).map(
      (reason) =>
        [
          `a late payment belongs to an expired payment, not to one that is ${reason}`,
          lateWorld(reason),
          "records.task.0.subjectId",
        ] as const,
    ),
    [
      "a late failure belongs to a refund that is done",
      world({ task: [newTask("fail_refund_late", part, start)] }),
      "records.task.0.subjectId",
    ],
    [
      "a refund is not reversed before it is settled",
      world({
        refund: [{ ...part, status: "failed" }],
        entry: [moved("payment_captured", captured), moved("refund_reserved", part), moved("refund_reversed", part)],
        task: [],
      }),
      "records.refund.0.status",
    ],
    ["a refund of a part says so", withRefund({ partial: false }), "records.refund.0.partial"],
    ["a pending refund has left nothing", withRefund({ left: hkd(160) }), "records.refund.0.left"],
    [
      "a refund that never succeeded has left nothing",
      world({
        refund: [{ ...part, status: "failed", left: hkd(160) }],
        entry: [moved("payment_captured", captured), moved("refund_reserved", part), moved("refund_released", part)],
        task: [],
      }),
      "records.refund.0.left",
    ],
    [
      "a refund leaves no more than the rest of the payment",
      withRefund({ status: "refunded", left: hkd(160.01) }),
      "records.refund.0.left",
    ],
    [
      "a payment with one_then_rest has two refunds that have not failed",
      world({
        payment: [order, { ...captured, contract: { partialRefunds: "one_then_rest" } }],
        refund: ["1", "2", "3"].map((id) => ({ ...part, id, trackId: id })),
      }),
      "records.payment.1.status",
    ],
    [
      "a payment has one refund that has not failed",
      world({ refund: [part, { ...part, id: "refund-2", trackId: "track-9" }] }),
      "records.payment.1.status",
    ],
    ["a payment has a time of ids", withPayment({ createTime: 1, updateTime: 1 }), "records.payment.1.createTime"],
    ["nothing is created after the clock", world({}, { frozenTime: start - 1 }), "records.payment.0.createTime"],
    ["a refund is not older than its payment", withRefund({ createTime: start - 1 }), "records.refund.0.createTime"],
    [
      "a task is not due before its subject was created",
      world({ task: [newTask("complete_refund", part, start - 1)] }),
      "records.task.0.dueTime",
    ],
    [
      "a notification for a refund has the refund id",
      world({ notification: [notification({ type: "refund" })] }),
      "records.notification.0.refundId",
    ],
    [
      "a notification has a next attempt while it is retrying",
      world({ notification: [notification({ nextAttemptTime: start })] }),
      "records.notification.0.nextAttemptTime",
    ],
    ...(
      [
        ["one that waits needs a head", queue("waiting", "due", [])],
        ["the head needs its task", queue("head", "due", [])],
        ["a delivered one is in no queue", queue("head", "delivered", ["notification-1"])],
        ["there is one head", queue("head", "due", ["notification-1", "other"], "head")],
        ["one that waits has no task", queue("waiting", "due", ["notification-1", "other"], "head")],
      ] as const
    ).map(([rule, checked]) => [`in a queue, ${rule}`, checked, "records.notification.0.queue"] as const),
    ...["", "[]", '{"id":"x","type":"payment"}', '{"id":"notification-1","type":"refund"}'].map(withNotificationBody),
    withNotificationBody('{"id":"notification-1","type":"payment","payload":{"status":"captured"}}'),
    ...["", "1", '{"id":"payment-2"}'].map(
      (body) =>
        [
          `a stored response is of its payment: ${body}`,
          world({ replay: [replay({ body })] }),
          "records.replay.0.body",
        ] as const,
    ),
  ];
  test.each(problems)("%s", (_rule, checked, path) => {
    expect(pathsOf(checked)).toContain(path);
  });
});
