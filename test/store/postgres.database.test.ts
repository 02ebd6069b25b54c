import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { PostgresStore } from "../../src/store/postgres.ts";
import { takeSchema } from "../support/postgres-schemas.ts";
import { type Gate, gate } from "../support/receiver.ts";
import { save, start, task } from "../support/records.ts";
import { describeStore } from "./conformance.ts";

describeStore("the store in PostgreSQL", openStore);

describe("a task in PostgreSQL", () => {
  test("that a unit has claimed is passed over by another, which does not wait for the first", async () => {
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

async function openStore() {
  const { url, name: schema, release } = await takeSchema();
  const store = await PostgresStore.open({
    url,
    schema,
    connectionsMax: 5,
    timeoutMs: 15_000,
    clock: systemClock,
    id: "one",
    onState: () => undefined,
  });
  onTestFinished(async () => {
    await store.close();
    await release();
  });
  return store;
}
