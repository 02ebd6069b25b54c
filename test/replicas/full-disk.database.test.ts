import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startReplica } from "../../scripts/replicas.ts";
import type { Sandbox } from "../../src/index.ts";
import { get, paymentRequest, post } from "../support/merchant.ts";
import { type Schema, takeSchema } from "../support/postgres-schemas.ts";
import { eventually } from "../support/replicas.ts";

/** Controls a simulated full disk: while it is full, the tables refuse writes with the error of a full disk. */
async function diskOf({ url, name }: Schema) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const onEachTable = (statement: string) =>
    client.query(`DO $$ DECLARE found text; BEGIN
      FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = '${name}' LOOP
        EXECUTE format('${statement}', found);
      END LOOP;
    END $$`);
  await client.query(`CREATE SEQUENCE "${name}".refused`);
  await client.query(`CREATE FUNCTION "${name}".refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM nextval('"${name}".refused');
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
  END $$`);
  return {
    fill: () =>
      onEachTable(
        `CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON "${name}".%I
          FOR EACH ROW EXECUTE FUNCTION "${name}".refuse()`,
      ),
    free: () => onEachTable(`DROP TRIGGER full_disk ON "${name}".%I`),
    /** Number of writes that were refused. */
    refused: async () => {
      const { rows } = await client.query(`SELECT last_value::int AS count FROM "${name}".refused`);
      return rows[0].count as number;
    },
    /** Restores the schema. */
    [Symbol.asyncDispose]: async () => {
      await client.query(`DROP FUNCTION "${name}".refuse CASCADE; DROP SEQUENCE "${name}".refused`);
      await client.end();
    },
  };
}

test("a full disk is logged with its reason, and the replica is not ready until the database can write", async () => {
  const schema = await takeSchema();
  const logged: string[] = [];
  const { url, kill } = await startReplica({ url: schema.url, schema: schema.name, port: 0 }, ({ message }) => {
    logged.push(message);
  });
  onTestFinished(async () => {
    await kill();
    await schema.release();
  });
  await using disk = await diskOf(schema);
  const replica = { fetch: ((path, init) => fetch(url + path, init)) as Sandbox["fetch"] };
  const createStatus = async () => (await post(replica, "/v1/payments", paymentRequest())).status;
  const readiness = async () => {
    const { status, body } = await get(replica, "/_sandbox/ready");
    return `${status} ${body.status}`;
  };
  expect(await createStatus()).toBe(201);

  await disk.fill();
  expect(await createStatus()).toBe(500);
  expect(await readiness()).toBe("503 store_unavailable");
  const before = await disk.refused();
  // The replica repeats its write.
  await eventually(async () => {
    await readiness();
    return disk.refused();
  }).toBeGreaterThan(before + 3);
  expect(await readiness()).toBe("503 store_unavailable");
  expect(logged).toEqual([expect.stringContaining("could not extend file: No space left on device")]);

  await disk.free();
  await eventually(readiness).toBe("200 ready");
  expect(await createStatus()).toBe(201);
  expect(logged.slice(1)).toEqual(["The database is reachable again."]);
});
