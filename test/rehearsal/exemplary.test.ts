import { expect, test } from "vitest";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";

test("the exemplary merchant passes every case", { timeout: 120_000 }, async () => {
  using merchant = await openMerchant("exemplary");
  const { cases, outcome, preflight } = await rehearse(merchant.plan, { directory: merchant.directory });
  expect(preflight).toEqual([]);
  expect(cases.filter(({ verdict }) => verdict !== "pass").map(({ id, sentence }) => [id, sentence])).toEqual([]);
  expect(outcome).toBe("pass");
});
