import { Client } from "pg";
import { expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { createPayment, get } from "../support/merchant.ts";
import { takeSchema } from "../support/postgres-schemas.ts";

const hourMs = 3_600_000;

test("the real clock is that of the database, not of the machine", async () => {
  const { url, name, release } = await takeSchema();
  const client = new Client({ connectionString: url });
  await client.connect();
  // Puts the clock of the database an hour ahead.
  await client.query(`CREATE SCHEMA "${name}_time"`);
  await client.query(`CREATE FUNCTION "${name}_time".clock_timestamp() RETURNS timestamptz LANGUAGE sql
    AS $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$`);
  const ahead = new URL(url);
  ahead.searchParams.set("options", `-c search_path=${name}_time,pg_catalog`);
  {
    await using sandbox = await createSandbox({ store: ahead.href, storeSchema: name });
    const before = Date.now();
    const { id } = await createPayment(sandbox);
    const { createTime } = (await get(sandbox, `/v1/payments/${id}`)).body;
    const aheadMs = Date.parse(createTime) - before;
    expect(aheadMs).toBeGreaterThan(hourMs - 60_000);
    expect(aheadMs).toBeLessThan(hourMs + 60_000);
  }
  await client.query(`DROP SCHEMA "${name}_time" CASCADE`);
  await client.end();
  await release();
});
