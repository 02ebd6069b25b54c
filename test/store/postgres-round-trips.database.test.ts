import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, get, paymentRequest, post } from "../support/merchant.ts";
import { type PostgresProxy, startPostgresProxy } from "../support/postgres-proxy.ts";
import { type Schema, takeSchema } from "../support/postgres-schemas.ts";

/** Times that a request is sent. The smallest count is that of the request: polls of the sandbox add to others. */
const repeats = 5;

/** A request, and what it needs. */
interface Measured {
  readonly name: string;
  /** Round trips until the response. */
  readonly roundTrips: number;
  /** @returns the function that sends the request once. */
  prepare(sandbox: Sandbox): Promise<() => Promise<{ readonly status: number; readonly text: string }>>;
}

let keys = 0;
const newKey = () => {
  keys += 1;
  return `00000000-0000-4000-8000-${String(keys).padStart(12, "0")}`;
};
const create = (sandbox: Sandbox, key: string) => post(sandbox, `/v1/payments?idempotencyKey=${key}`, paymentRequest());
const refund = { merchantReference: "refund-1001", amount: { value: 10, currency: "hkd" } };

const requests: readonly Measured[] = [
  { name: "POST /v1/payments", roundTrips: 2, prepare: async (sandbox) => () => create(sandbox, newKey()) },
  {
    name: "POST /v1/payments with a key again",
    roundTrips: 2,
    prepare: async (sandbox) => {
      await create(sandbox, "the-same-key");
      return () => create(sandbox, "the-same-key");
    },
  },
  {
    name: "GET /v1/payments/{id}",
    roundTrips: 4,
    prepare: async (sandbox) => {
      const { id } = await createPayment(sandbox);
      return () => get(sandbox, `/v1/payments/${id}`);
    },
  },
  { name: "GET /v1/payments", roundTrips: 3, prepare: async (sandbox) => () => get(sandbox, "/v1/payments") },
  {
    name: "POST /v1/payments/{id}/refunds",
    roundTrips: 6,
    prepare: async (sandbox) => {
      const { id } = await createPaidPayment(sandbox, { amount: 1_000 });
      return () => post(sandbox, `/v1/payments/${id}/refunds?idempotencyKey=${newKey()}`, refund);
    },
  },
  {
    name: "GET /v1/tracks/payments/{id}",
    roundTrips: 5,
    prepare: async (sandbox) => {
      const { trackingUrl } = await createPayment(sandbox);
      return () => get(sandbox, trackingUrl);
    },
  },
];

let schema: Schema;
let proxy: PostgresProxy;
let sandbox: Sandbox;
beforeAll(async () => {
  schema = await takeSchema();
  proxy = await startPostgresProxy(schema.url);
  // The clock is frozen, so that nothing becomes due.
  const clock = "2026-01-05T09:00:00.000Z";
  sandbox = await createSandbox({ store: proxy.url, storeSchema: schema.name, storeConnections: 2, clock });
});
afterAll(async () => {
  await sandbox?.close();
  await proxy?.[Symbol.asyncDispose]();
  await schema?.release();
});

test.each(requests)("$name makes at most $roundTrips round trips to the database", async ({ roundTrips, prepare }) => {
  const counts: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const send = await prepare(sandbox);
    // Writes the request log, so that it does not count for the next request.
    await get(sandbox, "/_sandbox/requests?limit=1");
    const before = proxy.roundTrips();
    const answer = await send();
    expect(answer.status, answer.text).toBeLessThan(300);
    counts.push(proxy.roundTrips() - before);
  }
  expect(Math.min(...counts)).toBeLessThanOrEqual(roundTrips);
});
