import { createServer } from "node:net";
import { Client } from "pg";
import { afterEach, describe, expect, inject, test } from "vitest";
import { ConfigError, createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { createPaidPayment, createPayment, get } from "../support/merchant.ts";
import { startPostgresProxy } from "../support/postgres-proxy.ts";
import { takeSchema } from "../support/postgres-schemas.ts";
import { makeUser } from "../support/postgres-users.ts";
import { killPrograms, startProgram } from "../support/program.ts";
import { account, eventually, receiverUntilEnd, storedIn, together } from "../support/replicas.ts";

afterEach(killPrograms);

/** Database of this test run. */
function database() {
  const found = inject("database");
  if (found === undefined) throw new Error("there is no PostgreSQL for this test");
  return found;
}

/** URL and name of a schema that does not exist yet. */
function freshSchema() {
  const { url, run } = database();
  return { url, name: `${run}_${process.pid}_${Math.random().toString(36).slice(2)}` };
}

async function query(text: string) {
  const client = new Client({ connectionString: database().url });
  await client.connect();
  return client.query(text).finally(() => client.end());
}

/** Error message of a start with these options. */
async function errorOf(options: SandboxOptions): Promise<string> {
  const opening = createSandbox(options).then((sandbox) => sandbox.close());
  await expect(opening).rejects.toBeInstanceOf(ConfigError);
  return opening.then(
    () => "",
    ({ message }: Error) => message,
  );
}

test("five concurrent starts on a new schema succeed, with the same keys and one demo world", async () => {
  const fresh = storedIn(freshSchema());
  const sandboxes = await together(5, () => createSandbox({ ...fresh, storeConnections: 2 }));
  const [first] = sandboxes as [Sandbox, ...Sandbox[]];
  const { id } = await createPayment(first);
  for (const sandbox of sandboxes) {
    expect(sandbox.credentials).toEqual(first.credentials);
    expect((await get(sandbox, "/v1/payments")).body.data).toMatchObject([{ id }]);
  }
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
});

test("schemas of one database are independent", async () => {
  await using receiver = await receiverUntilEnd();
  const schemas = await Promise.all([takeSchema(), takeSchema()]);
  const [one, other] = await Promise.all(schemas.map((schema) => createSandbox(storedIn(schema))));
  if (one === undefined || other === undefined) throw new Error("there are two");
  await one.change({ webhookUrl: receiver.url });
  const { id } = await createPaidPayment(one);
  await createPayment(one, { account });
  await one.settle();
  expect(receiver.received).toHaveLength(1);
  expect((await get(other, `/v1/payments/${id}`)).status).toBe(404);
  expect((await get(other, `/_sandbox/worlds/${account}`)).status).toBe(404);
  expect((await get(other, "/_sandbox/requests")).body.data.map(({ target }: { target: string }) => target)).toEqual([
    `/v1/payments/${id}`,
  ]);
  expect((await other.settings()).webhookUrl).toBeUndefined();
  await other.reset();
  expect((await get(one, `/v1/payments/${id}`)).body.status).toBe("captured");
  await Promise.all([one.close(), other.close()]);
  await Promise.all(schemas.map((schema) => schema.release()));
});

test("a schema of a newer program is refused and not changed", async () => {
  const schema = freshSchema();
  const { name } = schema;
  const fresh = storedIn(schema);
  const sandbox = await createSandbox(fresh);
  const { id } = await createPayment(sandbox);
  await sandbox.close();
  await query(`INSERT INTO ${name}.sandbox_version VALUES (99)`);
  const error = await errorOf(fresh);
  expect(error).toMatch(new RegExp(`^The store cannot be used: .*schema ${name} has version 99 .*up to version \\d+:`));
  await query(`DELETE FROM ${name}.sandbox_version WHERE version = 99`);
  await using again = await createSandbox(fresh);
  expect((await get(again, `/v1/payments/${id}`)).status).toBe(200);
});

test("a start waits for a migration by another program, longer than the store timeout", async () => {
  const schema = await takeSchema();
  await (await createSandbox(storedIn(schema))).close();
  const other = new Client({ connectionString: schema.url });
  await other.connect();
  await other.query(`BEGIN; LOCK TABLE ${schema.name}.sandbox_version IN EXCLUSIVE MODE`);
  const starting = createSandbox({ ...storedIn(schema), storeTimeout: "PT1S" });
  const waitingQueries = `SELECT FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%${schema.name}%' AND now() - query_start > interval '1.5 s'`;
  await eventually(async () => (await query(waitingQueries)).rowCount).toBe(1);
  await other.query("COMMIT");
  await other.end();
  const sandbox = await starting;
  expect((await get(sandbox, "/_sandbox/ready")).status).toBe(200);
  await sandbox.close();
  await schema.release();
});

test("a user without the right to create schemas can use an existing one", async () => {
  const schema = freshSchema();
  await using user = await makeUser(schema);
  await using sandbox = await createSandbox({ ...storedIn(schema), store: user.url });
  const { id } = await createPaidPayment(sandbox);
  expect((await get(sandbox, `/v1/payments/${id}`)).body.status).toBe("captured");
  const error = await errorOf({ store: user.url, storeSchema: `${schema.name}_other` });
  expect(error).toContain("permission denied");
});

test("a user without the right to write gets a sentence, also if the schema exists", async () => {
  const schema = freshSchema();
  await (await createSandbox(storedIn(schema))).close();
  await using user = await makeUser(schema);
  await user.query(`REVOKE INSERT ON ALL TABLES IN SCHEMA ${schema.name} FROM ${user.name}`);
  const error = await errorOf({ ...storedIn(schema), store: user.url });
  expect(error).toMatch(/^The store cannot be used: permission denied for table \w+\.$/);
});

test("serve ends with 1 and one sentence if the database falls silent during the start", async () => {
  const schema = await takeSchema();
  await using proxy = await startPostgresProxy(schema.url);
  proxy.holdAt('"seed"');
  const store = ["--store", proxy.url, "--store-schema", schema.name, "--store-timeout", "PT1S"];
  const { code, out, err } = await startProgram(["--port", "0", ...store]).ended;
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^The store cannot be used: .*\.\n$/m);
  await schema.release();
});

describe("the error for an unusable database names its address and never the password", () => {
  const secret = "open-sesame";

  test.each([
    ["if nothing listens there", "127.0.0.1:1", "127.0.0.1:1/shop"],
    ["if the host is unknown", "no-such-host.invalid", "no-such-host.invalid/shop"],
  ])("%s", async (_, host, place) => {
    const error = await errorOf({ store: `postgres://keeper:${secret}@${host}/shop` });
    expect(error).toContain(`the database at ${place}:`);
    expect(error).not.toContain(secret);
    expect(error).toMatch(/^The store cannot be used: .+\.$/s);
  });

  test("if the server does not answer", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const store = `postgres://keeper:${secret}@127.0.0.1:${port}/shop`;
    const error = await errorOf({ store, storeTimeout: "PT0.2S" });
    expect(error).toContain(`127.0.0.1:${port}/shop`);
    expect(error).not.toContain(secret);
    server.close();
  });

  test.each([
    ["if the user is unknown", (url: URL) => Object.assign(url, { username: "nobody_here", password: secret })],
    ["if the database is unknown", (url: URL) => Object.assign(url, { pathname: "/no-such-shop" })],
  ])("%s", async (_, change) => {
    const url = change(new URL(database().url));
    const error = await errorOf({ store: url.href });
    expect(error).toContain(url.host + url.pathname);
    const passwords = [secret, new URL(database().url).password].filter((password) => password !== "");
    for (const password of passwords) expect(error).not.toContain(password);
  });
});

describe("an option with a wrong value is refused, with what is allowed", () => {
  const postgres = "memory, or a PostgreSQL URL such as postgres://user:password@host:5432/database, with / in";
  const names = "at most 48 lower-case letters, digits and underscores, not starting with a digit or pg_";
  const lengths = "a duration above zero, such as ";

  test.each<[string, unknown, string]>([
    ["store", "mysql://keeper:open-sesame@localhost/shop", postgres],
    ["store", "mysql://keeper:p@open-sesame@localhost/shop", postgres],
    ["store", "postgres://keeper:12/open-sesame@localhost/shop", postgres],
    ["store", "postgres://keeper:pa/open-sesame@localhost/shop", postgres],
    ["store", "postgres://keeper:pa/open-sesame@localhost/shop\n", postgres],
    ["store", "postgres://keeper:12?open-sesame@localhost/shop", postgres],
    ["store", "postgres://keeper:12#open-sesame@localhost/shop", postgres],
    ["store", "postgres:///shop?user=keeper&password=open-sesame", postgres],
    ["store", "postgres:keeper:open-sesame@localhost/shop", postgres],
    ["store", "host=localhost user=keeper password=open-sesame", postgres],
    ["store", ["postgres://keeper:open-sesame@localhost/shop"], postgres],
    ["store", "postgres", postgres],
    ["store", "", postgres],
    ["store", 5432, postgres],
    ["storeSchema", "", names],
    ["storeSchema", "Shop", names],
    ["storeSchema", "1shop", names],
    ["storeSchema", "pg_shop", names],
    ["storeSchema", 'shop"; DROP SCHEMA public; --', names],
    ["storeSchema", "s".repeat(49), names],
    ["storeConnections", 1, "a whole number from 2 to 1000"],
    ["storeConnections", 2.5, "a whole number from 2 to 1000"],
    ["storeConnections", 1001, "a whole number from 2 to 1000"],
    ["storeConnections", "many", "a whole number from 2 to 1000"],
    ["storeTimeout", "PT0S", lengths],
    ["storeTimeout", "3", lengths],
    ["storeTimeout", 3000, lengths],
    ["storeTimeout", "-PT3S", lengths],
    ["removeUnusedAfter", "P0D", lengths],
    ["removeUnusedAfter", "P1M", lengths],
    ["removeUnusedAfter", "never", lengths],
  ])("%s: %j", async (name, value, allowed) => {
    const error = await errorOf({ store: "memory", [name]: value });
    expect(error).toMatch(new RegExp(`^The option ${name} is .`));
    expect(error).toContain(`; expected ${allowed}`);
    expect(error).not.toContain("open-sesame");
  });

  test.each([
    ["mysql://keeper:open-sesame@localhost/shop", '"mysql:…"'],
    ["host=localhost", '"host…"'],
    ["postgres", '"postgres"'],
    ["", '""'],
  ])("the error for the store %j shows it as %s", async (store, shown) => {
    expect(await errorOf({ store } as SandboxOptions)).toContain(`The option store is ${shown}; expected memory`);
  });

  test("also if the store is in memory and does not use it", async () => {
    expect(await errorOf({ store: "memory", storeConnections: 0 })).toContain("The option storeConnections is 0");
  });
});
