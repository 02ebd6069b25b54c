import { Client } from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { frozenSandbox, post } from "../support/merchant.ts";
import { storedIn } from "../support/replicas.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";
import { earlierViews, publicUrl, readFixture, worlds } from "./fixtures.ts";
import { expectToWork } from "./goes-on.ts";
import { viewsOf } from "./views.ts";

/** Loads a dump into a schema that is removed after the test. */
async function loadSchema(dump: string) {
  const database = inject("database");
  if (database === undefined) throw new Error("there is no PostgreSQL for this test");
  const { url, run } = database;
  const name = `${run}_compatibility_${process.pid}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(async () => {
    await client.query(`DROP SCHEMA ${name} CASCADE`);
    await client.end();
  });
  await client.query(dump.replaceAll("compatibility_fixture", name));
  return { url, name };
}

test("a database of version 0.1 has the same worlds, which can be used", async () => {
  const schema = await loadSchema(readFixture("database-0.1.sql"));
  await using sandbox = await frozenSandbox({ publicUrl, seed: "compatibility", ...storedIn(schema) });
  const earlier = (id: string) => earlierViews("database-0.1.views.json", id);
  for (const id of [worlds.full, worlds.running, worlds.firstUse]) {
    expect(await viewsOf(sandbox, id)).toEqual(earlier(id));
  }

  // The replica that wrote the dump had leased the delivery. Its lease has expired, so the delivery is made.
  await expect
    .poll(async () => (await viewsOf(sandbox, worlds.delivering)).notifications[0]?.attempts.length, {
      timeout: 10_000,
    })
    .toBe(1);
  const { payments, notifications, ...others } = await viewsOf(sandbox, worlds.delivering);
  expect(earlier(worlds.delivering)).toMatchObject(others);
  expect(payments[0]?.status).toBe("captured");
  expect(notifications).toMatchObject([{ id: earlier(worlds.delivering).notifications[0]?.id, state: "retrying" }]);
  const advanced = await post(sandbox, "/_sandbox/clock/advance", {
    processingAccountId: worlds.delivering,
    by: "PT1M",
  });
  expect(advanced.body.now).toBe("2026-01-05T09:01:00.000Z");

  const snapshot = await snapshotOf(sandbox, worlds.full);
  await using other = await frozenSandbox({ publicUrl });
  await post(other, "/_sandbox/worlds", { processingAccountId: worlds.full });
  expect((await putBack(other, snapshot.text, "?webhookUrl=restore")).status).toBe(200);
  expect((await snapshotOf(other, worlds.full)).body).toEqual(snapshot.body);

  await expectToWork(sandbox, earlier(worlds.full));
});
