import { onTestFinished } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { PostgresStore } from "../../src/store/postgres.ts";
import { takeSchema } from "../support/postgres-schemas.ts";
import { describeStore } from "./conformance.ts";

describeStore("the store in PostgreSQL", async () => {
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
});
