import { describe, expect, test } from "vitest";
import { type KeptRequest, requestsMax, requestsMaxBytes } from "../../src/domain/logged-request.ts";
import { MemoryStore } from "../../src/store/memory/store.ts";
import type { Store, UnitOfWork } from "../../src/store/store.ts";
import { loggedRequest, notification, payment, save } from "../support/records.ts";
import { describeStore } from "./conformance.ts";

describeStore("the store in memory", async () => new MemoryStore());

const writes = [
  ["save a record", (unit) => unit.save("payment", payment({ id: "late" }))],
  ["change a record", (unit) => unit.save("payment", payment({ status: "captured" }))],
  ["remove a record", (unit) => unit.remove("payment", "payment-1")],
  ["remove a missing record", (unit) => unit.remove("payment", "nowhere")],
  ["remove everything", (unit) => unit.clear()],
] as const satisfies readonly (readonly [does: string, write: (unit: UnitOfWork) => Promise<void>])[];

const ends = [
  ["ended well", async () => undefined],
  [
    "failed",
    async () => {
      throw new Error("the work failed");
    },
  ],
] as const;

/** A unit that has ended. */
async function endedUnit(store: Store, end: () => Promise<void>): Promise<UnitOfWork> {
  const units: UnitOfWork[] = [];
  const run = store.atomically(async (unit) => {
    units.push(unit);
    await end();
  });
  await run.catch(() => undefined);
  const [unit] = units;
  if (unit === undefined) throw new Error("there was no unit");
  return unit;
}

describe.each(ends)("a unit of work in memory that has %s", (_how, end) => {
  test.each(writes)("cannot %s, and no subscriber receives a change", async (_does, write) => {
    const store = new MemoryStore();
    await save(store, "payment", payment());
    const received: unknown[] = [];
    store.subscribe((changes) => received.push(...changes));
    await expect(write(await endedUnit(store, end))).rejects.toThrow("after its end");
    const left = await store.atomically((unit) => unit.list("payment", { processingAccountId: "world-1" }));
    expect(left).toEqual([payment()]);
    expect(received).toEqual([]);
  });

  test("does not affect a unit that is running", async () => {
    const store = new MemoryStore();
    const late = await endedUnit(store, end);
    await store.atomically(async (unit) => {
      await unit.save("payment", payment());
      await expect(late.remove("payment", "payment-1")).rejects.toThrow("after its end");
    });
    expect(await store.atomically((unit) => unit.get("payment", "payment-1"))).toEqual(payment());
  });
});

describe("a lookup in memory without an index", () => {
  const lookups: readonly (readonly [what: string, look: (unit: UnitOfWork) => Promise<unknown>])[] = [
    // @ts-expect-error: status has an index only together with another member.
    ["a member of an index", (unit) => unit.list("payment", { status: "pending" })],
    // @ts-expect-error: flowType has no index.
    ["a member without index", (unit) => unit.list("payment", { flowType: "qr_link" })],
    // @ts-expect-error: every index has members.
    ["no member", (unit) => unit.page("payment", {}, { limit: 1 })],
    ["members of two indexes", (unit) => unit.page("payment", { trackId: "a", pageToken: "b" }, { limit: 1 })],
  ];
  test.each(lookups)("is refused: %s", async (_what, look) => {
    await expect(new MemoryStore().atomically(look)).rejects.toThrow("no index");
  });
});

describe("long work in memory is divided into pieces", () => {
  const count = 2_000;
  const own = (index: number) => ({ id: `p${index}`, trackId: `t${index}`, pageToken: `w${index}` });
  const saveMany = async (unit: UnitOfWork) => {
    for (let index = 0; index < count; index += 1) await unit.save("payment", payment(own(index)));
  };
  const by = { processingAccountId: "world-1" };
  const works: readonly (readonly [what: string, pauses: number, work: (unit: UnitOfWork) => Promise<unknown>])[] = [
    ["a list", 4, (unit) => unit.list("payment", by)],
    ["a removal", 4, (unit) => unit.removeAll("payment", by)],
    ["a removal of everything", 4, (unit) => unit.clear()],
    ["many writes", count, saveMany],
    [
      "many reads",
      count,
      async (unit) => {
        for (let index = 0; index < count; index += 1) await unit.get("payment", `p${index}`);
      },
    ],
  ];

  /** A store that counts its pauses. Each pause lasts until the next turn of the event loop. */
  function countingStore() {
    let pauses = 0;
    const store = new MemoryStore(() => {
      pauses += 1;
      return new Promise((resolve) => void setImmediate(resolve));
    });
    return { store, pauses: () => pauses };
  }

  test.each(works)("%s", async (_what, least, work) => {
    const { store, pauses } = countingStore();
    await store.atomically(saveMany);
    const before = pauses();
    await store.atomically(work);
    expect(pauses() - before).toBeGreaterThanOrEqual(least);
  });

  test("no other unit starts during a pause", async () => {
    const { store } = countingStore();
    const counted: number[] = [];
    await Promise.all([
      store.atomically(saveMany),
      store.atomically(async (unit) => counted.push((await unit.list("payment", by)).length)),
      store.atomically((unit) => unit.removeAll("payment", by)),
      store.atomically(async (unit) => counted.push((await unit.list("payment", by)).length)),
    ]);
    expect(counted).toEqual([count, 0]);
  });

  test("a failed unit is undone in pieces", async () => {
    const { store, pauses } = countingStore();
    const failed = store.atomically(async (unit) => {
      await saveMany(unit);
      throw new Error("the work failed");
    });
    await expect(failed).rejects.toThrow("the work failed");
    expect(pauses()).toBeGreaterThanOrEqual(count + 4);
    expect(await store.atomically((unit) => unit.list("payment", by))).toEqual([]);
  });

  test("subscribers receive its changes in pieces, before the unit ends", async () => {
    const { store } = countingStore();
    const sizes: number[] = [];
    store.subscribe((changes) => sizes.push(changes.length));
    await store.atomically(saveMany);
    expect(sizes).toEqual([1_000, 1_000]);
  });
});

describe("the turn of a unit in memory", () => {
  test("comes in the call itself, if no other unit runs", async () => {
    const store = new MemoryStore();
    const begun: string[] = [];
    const begin = (name: string) => store.atomically(async () => void begun.push(name));
    const first = begin("first");
    expect(begun).toEqual(["first"]);
    await first;
    const second = begin("second");
    expect(begun).toEqual(["first", "second"]);
    await second;
  });

  test("comes after the end of all earlier ones, with their rollback and their notifications", async () => {
    const store = new MemoryStore();
    const steps: string[] = [];
    store.subscribe((changes) => {
      if (changes !== "anything") steps.push(...changes.map(({ key }) => `notified of ${key}`));
    });
    const work = (id: string, isFailing: boolean) =>
      store.atomically(async (unit) => {
        const present = await unit.list("payment", { processingAccountId: "world-1" });
        steps.push(`${id} reads ${present.map((record) => record.id).join(" ") || "nothing"}`);
        await unit.save("payment", payment({ id }));
        await new Promise((resolve) => void setImmediate(resolve));
        if (isFailing) throw new Error("the work failed");
      });
    const done = await Promise.allSettled([work("a", false), work("b", true), work("c", false), work("d", true)]);
    expect(done.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
    expect(steps).toEqual([
      "a reads nothing",
      "notified of a",
      "b reads a",
      "c reads a",
      "notified of c",
      "d reads a c",
    ]);
  });

  test("comes before a unit that a subscriber starts", async () => {
    const store = new MemoryStore();
    const begun: string[] = [];
    const later: Promise<void>[] = [];
    const begin = (name: string) => store.atomically(async () => void begun.push(name));
    store.subscribe(() => void later.push(begin("of the subscriber")));
    await Promise.all([save(store, "payment", payment()), begin("waiting")]);
    await Promise.all(later);
    expect(begun).toEqual(["waiting", "of the subscriber"]);
  });
});

describe("a full request log in memory", () => {
  const requestOf = (index: number, body = "") => ({
    processingAccountId: "world-1",
    request: loggedRequest({ target: `/${index}`, body, paymentId: `payment-${index}` }),
  });
  const fill = async (store: Store, count: number) => {
    for (let index = 1; index <= count; index += 1) await store.requests.append([requestOf(index)]);
  };
  const sequences = (requests: readonly KeptRequest[]) => requests.map(({ sequence }) => sequence);
  const fromTo = (newest: number, oldest: number) =>
    Array.from({ length: newest - oldest + 1 }, (_, index) => newest - index);

  test.each([1_000, 1_001, 1_999, 2_000, 2_001, 3_500])("has the newest requests of %d", async (count) => {
    const store = new MemoryStore();
    await fill(store, count);
    const oldest = count - requestsMax + 1;
    expect(sequences(await store.requests.page("world-1"))).toEqual(fromTo(count, oldest));
    expect(sequences(await store.requests.page("world-1", { limit: 3 }))).toEqual(fromTo(count, count - 2));
    const last = await store.requests.page("world-1", { limit: 3, before: oldest + 2 });
    expect(sequences(last)).toEqual([oldest + 1, oldest]);
    expect(await store.requests.page("world-1", { before: oldest })).toEqual([]);
    expect(await store.requests.page("world-1", { before: oldest - 5 })).toEqual([]);
    expect(sequences(await store.requests.about("world-1", `payment-${oldest}`))).toEqual([oldest]);
    expect(await store.requests.about("world-1", `payment-${oldest - 1}`)).toEqual([]);
  });

  test("drops as many requests as a large one needs, even itself", async () => {
    const store = new MemoryStore();
    await fill(store, 10);
    await store.requests.append([requestOf(11, "x".repeat(requestsMaxBytes / 2 - 1_000))]);
    expect(sequences(await store.requests.page("world-1"))).toEqual(fromTo(11, 1));
    await store.requests.append([requestOf(12, "x".repeat(2_000))]);
    expect(sequences(await store.requests.page("world-1"))).toEqual([12]);
    await store.requests.append([requestOf(13, "x".repeat(requestsMaxBytes))]);
    expect(await store.requests.page("world-1")).toEqual([]);
    await store.requests.append([requestOf(14)]);
    expect(sequences(await store.requests.page("world-1"))).toEqual([14]);
  });
});

describe("a save in memory", () => {
  const attempt = { startedAt: 1, url: "https://merchant.example", requestHeaders: [], durationMs: 1 };
  const saved = async () => {
    const store = new MemoryStore();
    const record = notification({ attempts: [attempt] });
    await save(store, "notification", record);
    const read = await store.atomically((unit) => unit.get("notification", "notification-1"));
    if (read === undefined) throw new Error("the record was not saved");
    return { record, read };
  };

  test("keeps the record itself, without a copy", async () => {
    const { record, read } = await saved();
    expect(read).toBe(record);
  });

  test.each([
    ["a member", (read: object) => Object.assign(read, { state: "delivered" })],
    ["a list", (read: { readonly attempts: readonly object[] }) => (read.attempts as object[]).pop()],
    ["a part", (read: { readonly attempts: readonly object[] }) => Object.assign(read.attempts[0] ?? {}, { url: "" })],
  ])("in a test freezes the record: a change of %s throws", async (_what, change) => {
    const { read } = await saved();
    expect(() => change(read)).toThrow(TypeError);
  });
});
