import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Store, UnitOfWork } from "../../src/store/store.ts";
import {
  credential,
  entry,
  hkd,
  merchant,
  notification,
  payment,
  refund,
  replay,
  save,
  start,
  takeTasks,
  task,
  world,
} from "../support/records.ts";

/** Saves three payments, four tasks, one of them leased, and one record of each other kind. */
async function prepare(store: Store): Promise<void> {
  await save(store, "merchant", merchant());
  await save(store, "credential", credential());
  await save(store, "world", world());
  await save(store, "refund", refund());
  await save(store, "entry", entry());
  await save(store, "notification", notification());
  await save(store, "replay", replay());
  for (const id of ["c", "a", "b"]) await save(store, "payment", payment({ id, trackId: `track-${id}` }));
  await save(
    store,
    "task",
    task({ id: "late", dueTime: start + 9 }),
    task({ id: "first", dueTime: start + 1 }),
    task({ id: "second", dueTime: start + 1 }),
    task({ id: "leased", dueTime: start, lease: "one" }),
  );
}

/** Reads all records and lists. */
async function readAll(unit: UnitOfWork): Promise<unknown> {
  const ids = ["a", "b", "c", "d"];
  return {
    payments: await unit.list("payment", { processingAccountId: "world-1" }),
    byId: await Promise.all(ids.map((id) => unit.get("payment", id))),
    byTrack: await Promise.all([...ids, "new"].map((id) => unit.list("payment", { trackId: `track-${id}` }))),
    pages: await Promise.all([
      unit.page("payment", { processingAccountId: "world-1" }, { limit: 9 }),
      unit.page("payment", { merchantId: "merchant-1", status: "pending" }, { limit: 9 }),
      unit.page("payment", { merchantId: "merchant-1", status: "captured" }, { limit: 9 }),
      unit.page("task", { processingAccountId: "world-1" }, { limit: 9 }),
    ]),
    otherWorld: await unit.list("payment", { processingAccountId: "world-2" }),
    tasks: await unit.list("task", { processingAccountId: "world-1" }),
    tasksOfPayment: await unit.list("task", { paymentId: "payment-1" }),
    next: [await unit.nextTask("world-1"), await unit.nextTask("world-2")],
    all: [await unit.all("merchant"), await unit.all("credential")],
    worlds: await unit.list("world", { merchantId: "merchant-1" }),
    ofPayment: [
      await unit.list("refund", { paymentId: "payment-1" }),
      await unit.list("entry", { paymentId: "payment-1" }),
      await unit.list("notification", { paymentId: "payment-1" }),
    ],
    replays: await unit.page(
      "replay",
      { merchantId: "merchant-1", operation: "payments", idempotencyKey: "key-1" },
      { limit: 9 },
    ),
  };
}

const workings: readonly (readonly [does: string, work: (unit: UnitOfWork) => Promise<void>])[] = [
  ["adds a record", (unit) => unit.save("payment", payment({ id: "d", trackId: "track-d" }))],
  ["changes a record", (unit) => unit.save("payment", payment({ id: "a", trackId: "track-a", amount: hkd(1) }))],
  ["changes a member of an index", (unit) => unit.save("payment", payment({ id: "a", trackId: "track-new" }))],
  [
    "moves a record to another world",
    (unit) => unit.save("payment", payment({ id: "a", trackId: "track-a", processingAccountId: "world-2" })),
  ],
  [
    "changes one of two members of an index",
    (unit) => unit.save("payment", payment({ id: "a", trackId: "track-a", status: "captured" })),
  ],
  ["removes the first saved record", (unit) => unit.remove("payment", "c")],
  [
    "removes every record",
    async (unit) => {
      for (const id of ["a", "b", "c"]) await unit.remove("payment", id);
    },
  ],
  [
    "removes a record and saves another under its key",
    async (unit) => {
      await unit.remove("payment", "c");
      await unit.save("payment", payment({ id: "c", trackId: "track-new" }));
    },
  ],
  [
    "changes a record, removes it, saves it and changes it again",
    async (unit) => {
      await unit.save("payment", payment({ id: "c", trackId: "track-new" }));
      await unit.remove("payment", "c");
      await unit.save("payment", payment({ id: "c", trackId: "track-a" }));
      await unit.save("payment", payment({ id: "c", trackId: "track-d" }));
    },
  ],
  [
    "adds a record and removes another",
    async (unit) => {
      await unit.save("payment", payment({ id: "d", trackId: "track-b" }));
      await unit.remove("payment", "b");
    },
  ],
  ["adds the task with the earliest due time", (unit) => unit.save("task", task({ id: "new", dueTime: 0 }))],
  ["leases a task", (unit) => unit.save("task", task({ id: "first", dueTime: start + 1, lease: "two" }))],
  ["frees a leased task", (unit) => unit.save("task", task({ id: "leased", dueTime: start }))],
  ["removes a task", (unit) => unit.remove("task", "first")],
  ["removes a leased task", (unit) => unit.remove("task", "leased")],
  [
    "removes a task and saves it again",
    async (unit) => {
      await unit.remove("task", "first");
      await unit.save("task", task({ id: "first", dueTime: start + 2 }));
    },
  ],
  ["moves a due time later", (unit) => unit.save("task", task({ id: "first", dueTime: start + 99 }))],
  ["moves a due time earlier", (unit) => unit.save("task", task({ id: "late", dueTime: start }))],
  [
    "moves a task to another world",
    (unit) => unit.save("task", task({ id: "first", dueTime: start + 1, processingAccountId: "world-2" })),
  ],
  [
    "removes the payment id of a task",
    (unit) => unit.save("task", task({ id: "first", dueTime: start + 1, paymentId: undefined })),
  ],
  ["removes everything", (unit) => unit.clear()],
  [
    "removes everything and saves some records again",
    async (unit) => {
      await unit.clear();
      await unit.save("credential", credential());
      await unit.save("payment", payment({ id: "a", trackId: "track-a" }));
      await unit.save("task", task({ id: "late", dueTime: start }));
      await unit.save("task", task({ id: "first", dueTime: start + 1 }));
    },
  ],
];

export function describeUnits(open: () => Promise<Store>): void {
  test.each(workings)("that %s and then throws changes nothing", async (_does, work) => {
    const store = await open();
    await prepare(store);
    const before = await store.atomically(readAll);
    let inside: unknown;
    const failing = store.atomically(async (unit) => {
      await work(unit);
      inside = await readAll(unit);
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    expect(inside).not.toEqual(before);
    expect(await store.atomically(readAll)).toEqual(before);
    expect(await takeTasks(store)).toEqual(["first", "second", "late"]);
  });

  test.each(workings)("that %s and succeeds keeps its writes", async (_does, work) => {
    const store = await open();
    await prepare(store);
    const inside = await store.atomically(async (unit) => {
      await work(unit);
      return readAll(unit);
    });
    expect(await store.atomically(readAll)).toEqual(inside);
  });

  test("that makes many writes and then throws changes nothing", async () => {
    const store = await open();
    await prepare(store);
    const before = await store.atomically(readAll);
    const failing = store.atomically(async (unit) => {
      for (const [, work] of [...workings, ...workings.toReversed()]) {
        await work(unit);
        await nextTurn();
      }
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    expect(await store.atomically(readAll)).toEqual(before);
    expect(await takeTasks(store)).toEqual(["first", "second", "late"]);
  });

  test("that throws synchronously is rejected", async () => {
    const store = await open();
    const failing = store.atomically(() => {
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
  });

  test("that failed does not affect the next one", async () => {
    const store = await open();
    await store.atomically(() => Promise.reject(new Error("the work failed"))).catch(() => undefined);
    await save(store, "payment", payment());
    expect(await store.atomically((unit) => unit.get("payment", "payment-1"))).toEqual(payment());
  });

  test("that failed has no effect on the order of records", async () => {
    const store = await open();
    const failing = store.atomically(async (unit) => {
      await unit.save("payment", payment({ id: "a" }));
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    await save(store, "payment", payment({ id: "b" }), payment({ id: "a" }));
    const listed = await store.atomically((unit) => unit.list("payment", { processingAccountId: "world-1" }));
    expect(listed.map(({ id }) => id)).toEqual(["b", "a"]);
  });

  test("returns the result of its work", async () => {
    const store = await open();
    expect(await store.atomically(async () => ({ answer: 42 }))).toEqual({ answer: 42 });
  });

  test("reads its own writes", async () => {
    const store = await open();
    await prepare(store);
    await store.atomically(async (unit) => {
      await unit.save("payment", payment({ id: "d", trackId: "track-d" }));
      await unit.remove("payment", "a");
      await unit.save("task", task({ id: "soonest", dueTime: start - 1 }));
      expect(await unit.get("payment", "d")).toEqual(payment({ id: "d", trackId: "track-d" }));
      expect(await unit.get("payment", "a")).toBeUndefined();
      expect(await unit.list("payment", { trackId: "track-a" })).toEqual([]);
      const listed = await unit.list("payment", { processingAccountId: "world-1" });
      expect(listed.map(({ id }) => id)).toEqual(["c", "b", "d"]);
      expect((await unit.nextTask("world-1"))?.id).toBe("soonest");
      await unit.remove("task", "soonest");
      expect((await unit.nextTask("world-1"))?.id).toBe("first");
    });
  });

  test("that is read-only reads committed records and cannot write", async () => {
    const store = await open();
    await save(store, "payment", payment());
    const readOnly = { readOnly: true };
    expect(await store.atomically((unit) => unit.get("payment", "payment-1"), readOnly)).toEqual(payment());
    const writing = store.atomically((unit) => unit.save("payment", payment({ id: "payment-2" })), readOnly);
    await expect(writing).rejects.toThrow("read-only");
    await expect(store.atomically((unit) => unit.remove("payment", "payment-1"), readOnly)).rejects.toThrow(
      "read-only",
    );
    const left = await store.atomically((unit) => unit.list("payment", { processingAccountId: "world-1" }));
    expect(left).toEqual([payment()]);
  });
}
