import { expect, test } from "vitest";
import { newTask } from "../../src/domain/task.ts";
import { seededIds } from "../../src/platform/ids.ts";
import { PaymentTransitions } from "../../src/services/payments/transitions.ts";
import { MemoryStore } from "../../src/store/memory/store.ts";
import { entry, hkd, payment as paymentWith, refund, world } from "../support/records.ts";

const at = 1_800_000_000_000;

/** A timer can be late by milliseconds, so a due task may not have run when a request arrives. */
test.each([
  ["at its expiry", at, "aborted", at],
  ["long after its expiry", at + 60_000, "aborted", at],
  ["a millisecond before its expiry", at - 1, "pending", undefined],
])("a payment read %s is %s", async (_, now, status, updateTime) => {
  const store = new MemoryStore();
  const transitions = new PaymentTransitions(seededIds("teal"), () => "{}");
  const payment = paymentWith({ expireTime: at });
  const read = await store.atomically(async (unit) => {
    await unit.save("world", world({ processingAccountId: payment.processingAccountId }));
    await unit.save("payment", payment);
    await unit.save("task", newTask("expire_payment", { ...payment, paymentId: payment.id }, at));
    return transitions.catchUp(unit, payment.id, now);
  });
  expect(read).toMatchObject({ status, updateTime: updateTime ?? payment.updateTime });
  const left = await store.atomically((unit) => unit.list("task", { paymentId: payment.id }));
  expect(left).toHaveLength(status === "pending" ? 1 : 0);
});

test.each([
  ["before its money arrives", at + 599_999, "aborted", at],
  ["after its money arrived", at + 600_000, "captured", at + 600_000],
  ["long after that", at + 86_400_000, "captured", at + 600_000],
])("a payment of paid_late that nobody read before has its status %s", async (_, now, status, updateTime) => {
  const store = new MemoryStore();
  const transitions = new PaymentTransitions(seededIds("teal"), () => "{}");
  const scenario = { on: "payment", paidLateMs: 600_000 } as const;
  const payment = paymentWith({ expireTime: at, appliedScenario: { scenario, trigger: "queue" } });
  const read = await store.atomically(async (unit) => {
    await unit.save("world", world({ processingAccountId: payment.processingAccountId }));
    await unit.save("payment", payment);
    await unit.save("task", newTask("expire_payment", { ...payment, paymentId: payment.id }, at));
    return transitions.catchUp(unit, payment.id, now);
  });
  expect(read).toMatchObject({ status, updateTime });
});

test("tasks that were missed run in the order of their times, also those that others create", async () => {
  const store = new MemoryStore();
  const transitions = new PaymentTransitions(seededIds("teal"), () => "{}");
  const contract = { partialRefunds: "one_then_rest" } as const;
  const payment = paymentWith({ status: "captured", contract });
  const scenario = { on: "refund", failsLateMs: 60_000 } as const;
  const part = refund({ amount: hkd(50), contract, appliedScenario: { scenario, trigger: "queue" } });
  const rest = refund({ id: "refund-2", amount: hkd(150), partial: false, contract });
  const [read, events] = await store.atomically(async (unit) => {
    await unit.save("world", world({ processingAccountId: payment.processingAccountId }));
    await unit.save("payment", payment);
    await unit.save("entry", entry());
    for (const [one, dueTime] of [
      [part, at],
      [rest, at + 300_000],
    ] as const) {
      await unit.save("refund", one);
      await unit.save("task", newTask("complete_refund", one, dueTime));
    }
    const caughtUp = await transitions.catchUp(unit, payment.id, at + 86_400_000);
    return [caughtUp, await unit.list("event", { paymentId: payment.id })] as const;
  });
  expect(events.map(({ time, payload }) => [time - at, payload])).toEqual([
    [0, { kind: "refund", refundId: part.id, status: "refunded" }],
    [60_000, { kind: "refund", refundId: part.id, status: "failed" }],
    [300_000, { kind: "refund", refundId: rest.id, status: "refunded" }],
  ]);
  expect(read).toMatchObject({ status: "partially_refunded", updateTime: at + 300_000 });
});
