import { describe, expect, test } from "vitest";
import { cases } from "../../src/rehearsal/cases.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";
import { mutants } from "./mutants/mutants.ts";

describe("each case finds its own mutant:", () => {
  test.for(mutants.map((mutant) => [mutant.fails[0] ?? "", mutant.replace, mutant] as const))(
    "%s finds %s",
    async ([id, , mutant]) => {
      using merchant = await openMerchant(mutant.merchant ?? "exemplary", mutant, mutant.plan);
      const only = [id, ...(mutant.plays ?? [])];
      const { cases: results } = await rehearse(merchant.plan, { directory: merchant.directory, only });
      const own = results.filter((result) => result.id === id);
      expect(own.map(({ verdict, sentence }) => [verdict, sentence])).toEqual([
        [expect.stringMatching(/^(fail|warn)$/), expect.any(String)],
      ]);
    },
  );
});

test("each case has a mutant", () => {
  const own = new Set(mutants.map(({ fails }) => fails[0]));
  expect(
    cases.map(({ id }) => id).filter((id) => !own.has(id) && !mutants.some(({ fails }) => fails.includes(id))),
  ).toEqual([]);
});
