import { describe, expect, test } from "vitest";
import type { RequestOfWorld, Store } from "../../src/store/store.ts";
import { loggedRequest, save, start, world } from "../support/records.ts";

/** A request with that target in the log of a world. */
const of = (target: string, members: Partial<RequestOfWorld> = {}, paymentId?: string): RequestOfWorld => ({
  processingAccountId: "world-1",
  request: loggedRequest({ target, paymentId }),
  ...members,
});

const targets = async (store: Store, processingAccountId = "world-1") =>
  (await store.requests.page(processingAccountId)).map(({ target, sequence }) => `${sequence} ${target}`);

export function describeRequests(open: () => Promise<Store>): void {
  test("are read unchanged with their sequence, newest first", async () => {
    const store = await open();
    await store.requests.append([of("/a"), of("/b")]);
    await store.requests.append([of("/c")]);
    const page = await store.requests.page("world-1");
    expect(page).toEqual([
      { ...loggedRequest({ target: "/c" }), sequence: 3 },
      { ...loggedRequest({ target: "/b" }), sequence: 2 },
      { ...loggedRequest({ target: "/a" }), sequence: 1 },
    ]);
  });

  test("are read by pages", async () => {
    const store = await open();
    await store.requests.append(["/a", "/b", "/c", "/d"].map((target) => of(target)));
    const page = async (range: { limit: number; before?: number }) =>
      (await store.requests.page("world-1", range)).map(({ target }) => target);
    expect(await page({ limit: 2 })).toEqual(["/d", "/c"]);
    expect(await page({ limit: 2, before: 3 })).toEqual(["/b", "/a"]);
    expect(await page({ limit: 2, before: 1 })).toEqual([]);
  });

  test("are in the log of their world only", async () => {
    const store = await open();
    const other = { processingAccountId: "world-2" };
    await store.requests.append([of("/a"), of("/b", other), of("/c")]);
    expect(await targets(store)).toEqual(["2 /c", "1 /a"]);
    expect(await targets(store, "world-2")).toEqual(["1 /b"]);
  });

  test("for a payment are found by its id, oldest first, in its world only", async () => {
    const store = await open();
    await store.requests.append([
      of("/a", {}, "payment-1"),
      of("/b", {}, "payment-2"),
      of("/c"),
      of("/d", {}, "payment-1"),
      of("/e", { processingAccountId: "world-2" }, "payment-1"),
    ]);
    const about = await store.requests.about("world-1", "payment-1");
    expect(about.map(({ target }) => target)).toEqual(["/a", "/d"]);
  });

  test("have different sequences without gaps if they are added concurrently", async () => {
    const store = await open();
    const batches = Array.from({ length: 20 }, (_, index) => [of(`/${index}`), of(`/${index}/more`)]);
    await Promise.all(batches.map((batch) => store.requests.append(batch)));
    const page = await store.requests.page("world-1");
    expect(page.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, index) => 40 - index));
    const all = batches.flat().map(({ request }) => request.target);
    expect(page.map(({ target }) => target).sort()).toEqual(all.sort());
  });

  test("are removed for one world or for all, and the sequence starts at 1 again", async () => {
    const store = await open();
    const other = { processingAccountId: "world-2" };
    await store.requests.append([of("/a"), of("/b", other)]);
    await store.requests.forget("world-1");
    expect([await targets(store), await targets(store, "world-2")]).toEqual([[], ["1 /b"]]);
    await store.requests.append([of("/c")]);
    expect(await targets(store)).toEqual(["1 /c"]);
    await store.requests.forget();
    expect([await targets(store), await targets(store, "world-2")]).toEqual([[], []]);
  });

  test("are sent to subscribers with their sequence", async () => {
    const store = await open();
    const received: unknown[] = [];
    store.subscribe((changes) => received.push(...changes));
    await store.requests.append([of("/a"), of("/b")]);
    await store.requests.append([]);
    expect(received).toEqual(["1", "2"].map((key) => ({ kind: "request", key, processingAccountId: "world-1" })));
  });

  describe("from before a reset of their world", () => {
    test.each([
      ["the world was not reset", { startTime: start }, ["1 /a", "2 /b", "3 /c"]],
      ["the world was reset", { startTime: start + 1 }, ["1 /a", "2 /c"]],
    ])("are dropped only after a reset: %s", async (_what, members, kept) => {
      const store = await open();
      await save(store, "world", world(members));
      await store.requests.append([of("/a"), of("/b", { startTime: start }), of("/c", members)]);
      expect((await targets(store)).reverse()).toEqual(kept);
    });

    test("are also dropped for a removed world, and no subscriber receives them", async () => {
      const store = await open();
      const received: unknown[] = [];
      store.subscribe((changes) => received.push(...changes));
      await store.requests.append([of("/a", { startTime: start })]);
      expect([await targets(store), received]).toEqual([[], []]);
    });

    test("are dropped before and after the removal of the log", async () => {
      const store = await open();
      for (let round = 1; round <= 10; round += 1) {
        await save(store, "world", world({ startTime: start + round - 1 }));
        const reset = async () => {
          await save(store, "world", world({ startTime: start + round }));
          await store.requests.forget("world-1");
        };
        const appends = Array.from({ length: 5 }, () =>
          store.requests.append([of("/before", { startTime: start + round - 1 })]),
        );
        await Promise.all([...appends, reset()]);
        expect(await targets(store)).toEqual([]);
      }
    });
  });
}
