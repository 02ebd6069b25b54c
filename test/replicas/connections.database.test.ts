import { Client } from "pg";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, get } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import type { Schema } from "../support/postgres-schemas.ts";
import { makeUser } from "../support/postgres-users.ts";
import { eventually, holdingReceiver, together, twoReplicas, twoReplicasOneByProxy } from "../support/replicas.ts";

/** Opens a connection of the test's own to the database of the replicas. */
async function outside({ url }: Schema) {
  const client = new Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** Database URL with the schema's name as application name, to count the connections of one replica. */
function namedUrl({ url, name }: Schema): string {
  const named = new URL(url);
  named.searchParams.set("application_name", name);
  return named.href;
}

const connectionsOf = async (client: Client, { name }: Schema) =>
  (await client.query("SELECT FROM pg_stat_activity WHERE application_name = $1", [name])).rowCount;

test("a replica has at most storeConnections connections and a listening one, under concurrent requests", async () => {
  await using replicas = await twoReplicas();
  const { schema, another } = replicas;
  await using client = await outside(schema);
  const third = await another({ store: namedUrl(schema), storeConnections: 3 });
  const answers = await together(100, () => get(third, "/v1/payments"));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await connectionsOf(client, schema)).toBe(3 + 1);
});

test("a replica has at most twice storeConnections connections while the database does not answer", async () => {
  await using replicas = await twoReplicas();
  const { schema, another } = replicas;
  await using client = await outside(schema);
  await using other = await outside(schema);
  const third = await another({ store: namedUrl(schema), storeConnections: 3, storeTimeout: "PT0.5S" });
  const tables = ["payment", "merchant", "world", "credential"].map((kind) => `"${schema.name}".${kind}`);
  await other.query(`BEGIN; LOCK TABLE ${tables.join(", ")} IN ACCESS EXCLUSIVE MODE`);
  for (let waits = 0; waits < 5; ) {
    const start = performance.now();
    const answers = await together(10, () => get(third, "/v1/payments"));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500]));
    // Between two timeouts, requests are refused at once.
    if (performance.now() - start > 250) waits += 1;
    // The database may still list connections that the replica has closed.
    expect(await connectionsOf(client, schema)).toBeLessThanOrEqual(2 * 3 + 1);
  }
  await other.query("COMMIT");
  await eventually(async () => (await get(third, "/v1/payments")).status).toBe(200);
});

test("a replica whose listening connection is silent does not count as dead", async () => {
  await using receiver = await holdingReceiver();
  await using replicas = await twoReplicasOneByProxy({ webhook: receiver.url });
  const { a, b, schema, proxy } = replicas;
  await using client = await outside(schema);
  await createPaidPayment(a);
  await receiver.arrived(1);
  const heartbeatTimes = async () => {
    const { rows } = await client.query(`SELECT (record->>'beatTime')::float8 AS time FROM "${schema.name}".replica`);
    return rows.map(({ time }) => time as number);
  };
  const begin = Math.max(...(await heartbeatTimes()));
  proxy.silenceListeners();
  // Both send heartbeats for longer than it takes to detect a dead replica.
  await eventually(async () => Math.min(...(await heartbeatTimes())), 20_000).toBeGreaterThan(begin + 7_000);
  receiver.letGo();
  await Promise.all([a.settle(), b.settle()]);
  const [{ state, attempts }] = await notificationsOf(b);
  expect([state, attempts.length, receiver.received.length]).toEqual(["delivered", 1, 1]);
});

test("a read-only database counts as unavailable, and an attempt in that time is stored later", async () => {
  await using receiver = await holdingReceiver();
  await using replicas = await twoReplicas();
  const { a, b, schema, another } = replicas;
  await using user = await makeUser(schema);
  const third = await another({ store: user.url, limits: { storeRetryMs: 50 } });
  // No other replica is left that could take over its work.
  await Promise.all([a.close(), b.close()]);
  await third.change({ webhookUrl: receiver.url });
  await createPaidPayment(third);
  await receiver.arrived(1);
  await user.query(`ALTER ROLE ${user.name} SET default_transaction_read_only = on`);
  await user.cut();
  const readiness = async (sandbox: Sandbox) => {
    const { status, body } = await get(sandbox, "/_sandbox/ready");
    return `${status} ${body.status}`;
  };
  await eventually(() => readiness(third)).toBe("503 store_unavailable");
  receiver.letGo();
  await expect(createPayment(third)).rejects.toThrow();
  expect((await get(third, "/_sandbox/ready")).status).toBe(503);
  await user.query(`ALTER ROLE ${user.name} RESET default_transaction_read_only`);
  await user.cut();
  await eventually(() => readiness(third)).toBe("200 ready");
  await third.settle();
  const [{ state, attempts }] = await notificationsOf(third);
  expect([state, attempts.length, receiver.received.length]).toEqual(["delivered", 1, 1]);
  await third.close();
});

test("reads that have to wait for a connection are answered, however many wait", async () => {
  await using replicas = await twoReplicas();
  const third = await replicas.another({ storeConnections: 2 });
  const answers = await together(400, () => get(third, "/v1/payments"));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});
