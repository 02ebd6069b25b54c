import { Client } from "pg";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, get } from "../support/merchant.ts";
import type { Schema } from "../support/postgres-schemas.ts";
import { demo, eventually, twoReplicas } from "../support/replicas.ts";

const isThere = async (sandbox: Sandbox, id: string) => (await get(sandbox, `/_sandbox/worlds/${id}`)).status === 200;

/** Opens a connection to the replicas' schema, to read and lock its records. */
async function connectTo({ url, name }: Schema) {
  const client = new Client({ connectionString: `${url}?options=-c%20search_path%3D${name}` });
  await client.connect();
  const useTimes = async (): Promise<Record<string, number>> => {
    const { rows } = await client.query("SELECT key, (record->>'time')::float8 AS time FROM use");
    return Object.fromEntries(rows.map(({ key, time }) => [key, time]));
  };
  /** Sets the last use of the worlds to the distant past. */
  const leaveUnused = (ids: readonly string[]) =>
    client.query("UPDATE use SET record = jsonb_set(record, '{time}', '0') WHERE key = ANY($1)", [ids]);
  /** Whether another connection waits for a lock of this one. */
  const isWaitedFor = async () => {
    const { rows } = await client.query(
      "SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))",
    );
    return rows.length > 0;
  };
  return { client, useTimes, leaveUnused, isWaitedFor, [Symbol.asyncDispose]: () => client.end() };
}

/** Opens worlds, then a replica that removes worlds unused for 10 seconds. It has seen no use of them. */
async function withWorlds(count: number) {
  const replicas = await twoReplicas();
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push((await replicas.a.world()).processingAccountId);
  const removing = await replicas.another({ removeUnusedAfter: "PT10S" });
  return Object.assign(replicas, { removing, ids });
}

test("an unused world is removed for all replicas; one that is used through either replica stays", async () => {
  await using replicas = await twoReplicas({ removeUnusedAfter: "PT4S" });
  const { a, b } = replicas;
  const open = async () => (await a.world()).processingAccountId;
  const [unused, throughA, throughB] = [await open(), await open(), await open()];
  const payments = [
    [a, (await createPayment(a, { account: throughA })).id],
    [b, (await createPayment(b, { account: throughB })).id],
  ] as const;
  const use = async () => {
    for (const [sandbox, id] of payments) expect((await get(sandbox, `/v1/payments/${id}`)).status).toBe(200);
  };
  // This world was opened last: once it is removed, the others would be removed too.
  const idle = await open();
  await eventually(() => use().then(() => isThere(a, idle)), 30_000).toBe(false);
  expect(await isThere(b, idle)).toBe(false);
  expect(await isThere(b, unused)).toBe(false);
  for (const used of [throughA, throughB, demo]) {
    expect([await isThere(a, used), await isThere(b, used)]).toEqual([true, true]);
  }
});

test("a world unused since before a restart is removed after it", async () => {
  await using replicas = await twoReplicas();
  const { a, b, another } = replicas;
  const { processingAccountId } = await a.world();
  await Promise.all([a.close(), b.close()]);
  const next = await another({ removeUnusedAfter: "PT1S" });
  await eventually(() => isThere(next, processingAccountId)).toBe(false);
  expect(await isThere(next, demo)).toBe(true);
});

test("a world without a stored use counts as used when a replica first sees it", async () => {
  await using replicas = await twoReplicas();
  const { a, another, schema } = replicas;
  const { processingAccountId } = await a.world();
  await createPayment(a, { account: processingAccountId });
  await using database = await connectTo(schema);
  await database.client.query("UPDATE world SET record = jsonb_set(record, '{startTime}', '0')");
  expect(await database.useTimes()).toEqual({});
  const before = Date.now();
  const next = await another({ removeUnusedAfter: "PT10S" });
  await eventually(async () => (await database.useTimes())[processingAccountId] ?? 0).toBeGreaterThan(before - 5_000);
  expect(await isThere(next, processingAccountId)).toBe(true);
});

test("a use during the removal of other worlds is stored, and keeps its world", async () => {
  await using replicas = await withWorlds(2);
  const { removing, ids, schema } = replicas;
  const [first = "", second = ""] = ids;
  await using database = await connectTo(schema);
  await eventually(async () => Object.keys(await database.useTimes()).sort()).toEqual(
    expect.arrayContaining(ids.toSorted()),
  );
  await database.client.query("BEGIN");
  await database.client.query("SELECT FROM world WHERE key = $1 FOR UPDATE", [first]);
  await using other = await connectTo(schema);
  await other.leaveUnused(ids);
  await eventually(database.isWaitedFor).toBe(true);
  const { id } = await createPayment(removing, { account: second });
  await eventually(async () => (await other.useTimes())[second]).toBeGreaterThan(0);
  await database.client.query("COMMIT");
  await eventually(() => isThere(removing, first)).toBe(false);
  expect((await get(removing, `/v1/payments/${id}`)).status).toBe(200);
});

test("a replica that closes removes no more worlds", async () => {
  await using replicas = await withWorlds(5);
  const { a, removing, ids, schema } = replicas;
  await using database = await connectTo(schema);
  await eventually(async () => Object.keys(await database.useTimes()).length).toBeGreaterThanOrEqual(ids.length);
  await database.client.query("BEGIN");
  await database.client.query("SELECT FROM world WHERE key = $1 FOR UPDATE", [ids[0]]);
  await using other = await connectTo(schema);
  await other.leaveUnused(ids);
  await eventually(database.isWaitedFor).toBe(true);
  const closed = removing.close();
  await database.client.query("COMMIT");
  await closed;
  const left = await Promise.all(ids.slice(1).map((id) => isThere(a, id)));
  expect(left).toEqual(ids.slice(1).map(() => true));
});
