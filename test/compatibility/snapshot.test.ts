import { expect, test } from "vitest";
import { frozenSandbox, post } from "../support/merchant.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";
import { earlierViews, publicUrl, readFixture, worlds } from "./fixtures.ts";
import { expectToWork } from "./goes-on.ts";
import { viewsOf } from "./views.ts";

test("a restored snapshot of version 0.1 is the same world, which can be used", async () => {
  await using sandbox = await frozenSandbox({ publicUrl });
  await post(sandbox, "/_sandbox/worlds", { processingAccountId: worlds.full });
  const snapshot = readFixture("snapshot-0.1.json");
  expect((await putBack(sandbox, snapshot, "?webhookUrl=restore")).body).toEqual({
    mode: "frozen",
    now: "2026-01-11T00:00:03.000Z",
  });
  expect((await snapshotOf(sandbox, worlds.full)).text).toBe(snapshot.trimEnd());
  const views = earlierViews("snapshot-0.1.views.json", worlds.full);
  expect(await viewsOf(sandbox, worlds.full)).toEqual(views);
  await expectToWork(sandbox, views);
});
