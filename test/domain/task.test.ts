import { expect, test } from "vitest";
import { newTask, taskId } from "../../src/domain/task.ts";
import { payment, refund, start } from "../support/records.ts";

test("a task is about its subject, and nobody has leased it", () => {
  expect(newTask("complete_refund", refund(), start)).toEqual({
    id: taskId("complete_refund", "refund-1"),
    processingAccountId: "world-1",
    kind: "complete_refund",
    paymentId: "payment-1",
    subjectId: "refund-1",
    dueTime: start,
  });
});

test("the same kind and subject give the same id, whenever it is due", () => {
  const of = (dueTime: number) => newTask("expire_payment", { ...payment(), paymentId: "payment-1" }, dueTime).id;
  expect(of(start)).toBe(of(start + 1));
});

test("another kind or another subject gives another id", () => {
  const ids = [
    taskId("expire_payment", "payment-1"),
    taskId("expire_payment", "payment-2"),
    taskId("complete_refund", "payment-1"),
    taskId("deliver_notification", "payment-1"),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
