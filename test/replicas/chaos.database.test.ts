import { expect, test } from "vitest";
import { runChaos } from "../chaos/run.ts";
import { takeSchema } from "../support/postgres-schemas.ts";
import { isFull } from "../support/scope.ts";

/** The load in milliseconds, and how many times a replica is killed meanwhile. */
const [loadMs, kills] = isFull ? [30_000, 6] : [4_000, 1];

test("what was promised under load holds after one of three replicas was killed", { timeout: 120_000 }, async () => {
  const { url, name: schema, release } = await takeSchema();
  const told: string[] = [];
  const findings = await runChaos({
    url,
    schema,
    seed: "test",
    loadMs,
    clients: 6,
    kills,
    tell: (line) => told.push(line),
  });
  expect(findings.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  const count = (what: string) => findings.find((finding) => finding.what.startsWith(what))?.count;
  for (const what of ["payments answered 201", "payments captured, and told of", "refunds answered 201"]) {
    expect(count(what), what).toBeGreaterThan(0);
  }
  expect(told).toContainEqual(expect.stringMatching(/^replica [123] was killed and serves again$/));
  await release();
});
