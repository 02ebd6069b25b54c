import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { addMoney } from "../../src/domain/money.ts";
import { actOnPayment, type Payment } from "../../src/domain/payment.ts";
import { type PayerAction, payerActions } from "../../src/domain/statuses.ts";
import type { Store, UnitOfWork } from "../../src/store/store.ts";
import { entry, hkd, payment, refund, save, start, task } from "../support/records.ts";

const twenty = Array.from({ length: 20 }, (_, index) => index);

async function fewPromises(): Promise<void> {
  for (let count = 0; count < 5; count++) await Promise.resolve();
}

const pauses = [
  ["a few promises resolve", fewPromises],
  ["the event loop has one turn", nextTurn],
  [
    "the event loop has several turns",
    async () => {
      for (let count = 0; count < 5; count++) await nextTurn();
    },
  ],
] as const;

async function read(unit: UnitOfWork, id = "payment-1"): Promise<Payment> {
  const found = await unit.get("payment", id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

export function describeRaces(open: () => Promise<Store>): void {
  const opened = async (...payments: readonly Payment[]): Promise<Store> => {
    const store = await open();
    await save(store, "payment", ...payments);
    return store;
  };

  async function increment(unit: UnitOfWork, pause: () => Promise<unknown>, id = "payment-1"): Promise<void> {
    const found = await read(unit, id);
    await pause();
    const amount = addMoney(found.amount, hkd(0.01));
    await unit.save("payment", { ...found, amount, updateTime: found.updateTime + 1 });
    await pause();
  }

  test.each(pauses)("that each add a cent to one payment while %s lose none of twenty cents", async (_while, pause) => {
    const store = await opened(payment({ amount: hkd(1) }));
    await Promise.all(twenty.map(() => store.atomically((unit) => increment(unit, pause))));
    const { amount, updateTime } = await store.atomically((unit) => read(unit));
    expect({ amount, updateTime }).toEqual({ amount: hkd(1.2), updateTime: start + 20 });
  });

  test.each(pauses)("of which ten fail while %s keep the writes of the others", async (_while, pause) => {
    const store = await opened(payment({ amount: hkd(1) }));
    const ends = await Promise.allSettled(
      twenty.map((index) =>
        store.atomically(async (unit) => {
          await increment(unit, pause);
          if (index % 2 === 0) throw new Error("the work failed");
        }),
      ),
    );
    expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(10);
    expect((await store.atomically((unit) => read(unit))).amount).toBe(hkd(1.1));
  });

  /** Twenty units that each try one action. A unit with an allowed action saves the payment and an entry. */
  async function contest(store: Store, actionOf: (index: number) => PayerAction, pause: () => Promise<unknown>) {
    const ends = await Promise.all(
      twenty.map((index) =>
        store.atomically(async (unit) => {
          const found = await read(unit);
          await pause();
          const acted = actOnPayment(found, actionOf(index), start + index);
          if (!acted.ok) return undefined;
          await unit.save("payment", acted.value.payment);
          await pause();
          for (const moved of acted.value.movements)
            await unit.save("entry", entry({ ...moved, id: `entry-${index}` }));
          return acted.value.payment;
        }),
      ),
    );
    return ends.filter((end) => end !== undefined);
  }

  test.each(pauses)("that each capture the pending payment while %s capture it once", async (_while, pause) => {
    const store = await opened(payment());
    const winners = await contest(store, () => "pay", pause);
    expect(winners).toHaveLength(1);
    expect(winners[0]?.status).toBe("captured");
    expect(await store.atomically((unit) => read(unit))).toEqual(winners[0]);
    expect(await store.atomically((unit) => unit.list("entry", { paymentId: "payment-1" }))).toHaveLength(1);
  });

  test.each(pauses)("that try different actions on the payment while %s apply one action", async (_while, pause) => {
    const store = await opened(payment());
    const winners = await contest(store, (index) => payerActions[index % payerActions.length] ?? "pay", pause);
    expect(winners).toHaveLength(1);
    expect(await store.atomically((unit) => read(unit))).toEqual(winners[0]);
    const entries = await store.atomically((unit) => unit.list("entry", { paymentId: "payment-1" }));
    expect(entries).toHaveLength(winners[0]?.status === "captured" ? 1 : 0);
  });

  test.each(pauses)("that each save a record if it is missing while %s save it once", async (_while, pause) => {
    const store = await opened();
    const saved = await Promise.all(
      twenty.map((index) =>
        store.atomically(async (unit) => {
          if ((await unit.get("payment", "payment-1")) !== undefined) return false;
          await pause();
          await unit.save("payment", payment({ merchantReference: `order ${index}` }));
          return true;
        }),
      ),
    );
    const winner = saved.indexOf(true);
    expect(saved.filter(Boolean)).toHaveLength(1);
    expect((await store.atomically((unit) => read(unit))).merchantReference).toBe(`order ${winner}`);
  });

  test.each(pauses)("that refund a payment if it has no refund while %s refund it once", async (_while, pause) => {
    const store = await opened(payment({ status: "captured" }));
    await Promise.all(
      twenty.map((index) =>
        store.atomically(async (unit) => {
          await read(unit);
          const refunds = await unit.list("refund", { paymentId: "payment-1" });
          await pause();
          if (refunds.length === 0) await unit.save("refund", refund({ id: `refund-${index}` }));
        }),
      ),
    );
    expect(await store.atomically((unit) => unit.list("refund", { paymentId: "payment-1" }))).toHaveLength(1);
  });

  test.each(pauses)("that each lease the next task while %s lease different tasks", async (_while, pause) => {
    const store = await open();
    const ids = twenty.slice(0, 7).map((index) => `task-${index}`);
    await save(store, "task", ...ids.map((id) => task({ id })));
    const leased = await Promise.all(
      twenty.map((index) =>
        store.atomically(async (unit) => {
          const next = await unit.nextTask("world-1");
          await pause();
          if (next !== undefined) await unit.save("task", { ...next, lease: `lease-${index}` });
          return next?.id;
        }),
      ),
    );
    expect(leased.filter((id) => id !== undefined).toSorted()).toEqual(ids);
  });

  test.each(pauses)("on separate payments while %s do not affect each other", async (_while, pause) => {
    const ids = twenty.map((index) => `payment-${index}`);
    const store = await opened(...ids.map((id, index) => payment({ id, amount: hkd(index) })));
    await Promise.all(ids.map((id) => store.atomically((unit) => increment(unit, pause, id))));
    const amounts = await store.atomically((unit) => Promise.all(ids.map(async (id) => (await read(unit, id)).amount)));
    expect(amounts).toEqual(twenty.map((index) => addMoney(hkd(index), hkd(0.01))));
  });

  test.each(pauses)("on two payments, in different orders, while %s all end", async (_while, pause) => {
    const ids = ["a", "b"];
    const store = await opened(...ids.map((id) => payment({ id, amount: hkd(1) })));
    await Promise.all(
      twenty.map((index) =>
        store.atomically(async (unit) => {
          for (const id of index % 2 === 0 ? ids : ids.toReversed()) await increment(unit, pause, id);
        }),
      ),
    );
    const amounts = await store.atomically((unit) => Promise.all(ids.map(async (id) => (await read(unit, id)).amount)));
    expect(amounts).toEqual([hkd(1.2), hkd(1.2)]);
  });

  test.each(pauses)("do not see the writes of a failed unit while %s", async (_while, pause) => {
    const store = await opened(payment({ id: "a" }));
    const failing = store.atomically(async (unit) => {
      await unit.save("payment", payment({ id: "a", amount: hkd(999) }));
      await unit.save("payment", payment({ id: "b" }));
      await pause();
      throw new Error("the work failed");
    });
    const reading = store.atomically(async (unit) => {
      await fewPromises();
      return unit.list("payment", { processingAccountId: "world-1" });
    });
    const [failed, listed] = await Promise.allSettled([failing, reading]);
    expect(failed.status).toBe("rejected");
    expect(listed).toEqual({ status: "fulfilled", value: [payment({ id: "a" })] });
  });

  test.each(pauses)("do not change a record that a running unit has read while %s", async (_while, pause) => {
    const store = await opened(payment());
    const reading = store.atomically(async (unit) => {
      const first = await read(unit);
      await pause();
      return [first, await read(unit)];
    });
    const writing = twenty.map((index) => save(store, "payment", payment({ amount: hkd(index) })));
    const [[first, second]] = await Promise.all([reading, ...writing]);
    expect(second).toEqual(first);
  });
}
