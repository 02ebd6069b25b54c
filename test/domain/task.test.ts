import { expect, test } from "vitest";
import { newTask, type Task, taskId } from "../../src/domain/task.ts";
import { payment, refund, replay, start } from "../support/records.ts";

test("a new task has its subject and no lease", () => {
  expect(newTask("complete_refund", refund(), start)).toEqual({
    id: taskId("complete_refund", "refund-1"),
    processingAccountId: "world-1",
    kind: "complete_refund",
    paymentId: "payment-1",
    subjectId: "refund-1",
    dueTime: start,
  });
});

test("the same kind and subject give the same id for any due time", () => {
  const of = (dueTime: number) => newTask("expire_payment", { ...payment(), paymentId: "payment-1" }, dueTime).id;
  expect(of(start)).toBe(of(start + 1));
});

test("a task without a payment has no paymentId", () => {
  const made = newTask("retire_key", { id: "hmac-1", processingAccountId: "world-1" }, start);
  expect(made).toEqual({
    id: taskId("retire_key", "hmac-1"),
    processingAccountId: "world-1",
    kind: "retire_key",
    subjectId: "hmac-1",
    dueTime: start,
  });
  expect(made.paymentId).toBeUndefined();
});

// The type requires an entry for each new kind of task.
const kinds: Record<Task["kind"], true> = {
  expire_payment: true,
  complete_refund: true,
  fail_refund_late: true,
  deliver_notification: true,
  resend_notification: true,
  decide_payment: true,
  pay_late: true,
  repeat_notification: true,
  forget_replay: true,
  retire_key: true,
};

test("another kind or another subject gives another id", () => {
  const subjects = ["payment-1", "payment-2", "payment-1 ", "", ":", "expire_payment:payment-1", replay().id];
  const ids = (Object.keys(kinds) as Task["kind"][]).flatMap((kind) => subjects.map((id) => taskId(kind, id)));
  expect(new Set(ids).size).toBe(Object.keys(kinds).length * subjects.length);
});
