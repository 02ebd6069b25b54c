import { expect, test } from "vitest";
import { runChaos } from "../chaos/run.ts";
import { takeSchema } from "../support/postgres-schemas.ts";
import { isFull } from "../support/scope.ts";

/** Duration of the load, in milliseconds, and number of times that a replica is killed. */
const [loadMs, kills] = isFull ? [30_000, 6] : [4_000, 1];

test("every response under load holds after one of three replicas was killed", { timeout: 120_000 }, async () => {
  const { url, name: schema, release } = await takeSchema();
  const lines: string[] = [];
  const findings = await runChaos({
    url,
    schema,
    seed: "test",
    loadMs,
    clients: 6,
    kills,
    print: (line) => lines.push(line),
  });
  expect(findings.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  const count = (what: string) => findings.find((finding) => finding.what.startsWith(what))?.count;
  for (const what of ["payments answered 201", "payments captured, and notified", "refunds answered 201"]) {
    expect(count(what), what).toBeGreaterThan(0);
  }
  expect(lines).toContainEqual(expect.stringMatching(/^replica [123] was killed and serves again$/));
  await release();
});
