import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { PostgresStore } from "../../src/store/postgres/store.ts";
import { type Schema, takeSchema } from "../support/postgres-schemas.ts";
import { type Gate, gate } from "../support/receiver.ts";
import { loggedRequest, save, start, task, world } from "../support/records.ts";
import { describeStore } from "./conformance.ts";

/** The shared store of tests that only leave records, because opening a store takes longer than such a test. */
let kept: { readonly schema: Schema; readonly store: PostgresStore };
beforeAll(async () => {
  const schema = await takeSchema();
  kept = { schema, store: await openOn(schema) };
});
afterAll(async () => {
  await kept?.store.close();
  await kept?.schema.release();
});
const keptStore = async () => {
  onTestFinished(() => kept.schema.empty());
  return kept.store;
};

describeStore("the store in PostgreSQL", openStore, keptStore);

describe("a task in PostgreSQL", () => {
  test("that a unit has claimed is skipped by another unit without waiting", async () => {
    const store = await openStore();
    await save(store, "task", ...["a", "b"].map((id, index) => task({ id, dueTime: start + index })));
    const [claimed, held] = [gate(), gate()];
    const claim = (holds?: Gate) =>
      store.atomically(async (unit) => {
        const found = await unit.claimTask("world-1");
        if (found !== undefined) await unit.remove("task", found.id);
        claimed.open();
        await holds?.opened;
        return found?.id;
      });
    const first = claim(held);
    await claimed.opened;
    expect(await claim()).toBe("b");
    expect(await claim()).toBeUndefined();
    held.open();
    expect(await first).toBe("a");
  });
});

test("a request in PostgreSQL that is added during a reset of its world is not kept in the log", async () => {
  const schema = await takeSchema();
  const store = await openStoreOn(schema);
  await save(store, "world", world());
  const other = new Client({ connectionString: schema.url });
  const onlooker = new Client({ connectionString: schema.url });
  await Promise.all([other.connect(), onlooker.connect()]);
  // The lock makes the insert wait after the world was checked.
  await other.query(`BEGIN; LOCK TABLE ${schema.name}.request IN EXCLUSIVE MODE`);
  const waiting = `SELECT FROM pg_stat_activity
    WHERE cardinality(pg_blocking_pids(pid)) > 0 AND query LIKE '%${schema.name}%'`;
  const waitFor = (count: number) => expect.poll(async () => (await onlooker.query(waiting)).rowCount).toBe(count);
  const added = store.requests.append([{ processingAccountId: "world-1", startTime: start, request: loggedRequest() }]);
  await waitFor(1);
  await save(store, "world", world({ startTime: start + 1 }));
  const forgotten = store.requests.forget("world-1");
  await waitFor(2);
  await other.query("COMMIT");
  await Promise.all([added, forgotten, other.end(), onlooker.end()]);
  expect(await store.requests.page("world-1")).toEqual([]);
});

async function openStore() {
  return openStoreOn(await takeSchema());
}

async function openStoreOn(schema: Schema) {
  const store = await openOn(schema);
  onTestFinished(async () => {
    await store.close();
    await schema.release();
  });
  return store;
}

function openOn({ url, name: schema }: Schema) {
  return PostgresStore.open({
    url,
    schema,
    connectionsMax: 5,
    timeoutMs: 15_000,
    clock: systemClock,
    id: "one",
    onState: () => undefined,
  });
}
