import { describe, test } from "vitest";
import { cases as allCases } from "../../src/rehearsal/cases.ts";
import { type RehearsalOptions, rehearse } from "../../src/rehearsal/rehearse.ts";
import { isFull } from "../support/scope.ts";
import { openMerchant } from "./merchant.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { mutants } from "./mutants/mutants.ts";

const behindProxy = allCases.filter(({ needs }) => needs.includes("publicUrl")).map(({ id }) => id);

/** The cases that are played against a mutant: in the full mode all, otherwise its own one. */
function choiceFor({ fails, plays = [], plan }: Mutant): Pick<RehearsalOptions, "only" | "skip"> {
  if (isFull) return plan?.publicUrl === undefined ? { skip: behindProxy } : {};
  return { only: [fails[0] as string, ...plays] };
}

/**
 * Tests that the cases of a mutant's list find its wrong line.
 * @param index the share of the mutants in this file of tests: files run at the same time.
 */
export function describeMatrix(index: number, shares: number): void {
  const own = mutants.filter((_, position) => position % shares === index);
  describe.concurrent(`a wrong line is found by ${isFull ? "every case of its list" : "its own case"}:`, () => {
    test.for(own.map((mutant) => [mutant.fails[0], mutant.replace, mutant] as const))(
      "%s finds %s",
      { timeout: 300_000 },
      async ([, , mutant], { expect }) => {
        using merchant = await openMerchant(mutant.merchant ?? "exemplary", mutant, mutant.plan);
        const options = { directory: merchant.directory, seed: "matrix", ...choiceFor(mutant) };
        const { cases } = await rehearse(merchant.plan, options);
        const found = cases.filter(({ verdict }) => verdict === "fail" || verdict === "warn").map(({ id }) => id);
        const expected = isFull ? mutant.fails : mutant.fails.slice(0, 1);
        expect(expected.filter((id) => !found.includes(id))).toEqual([]);
      },
    );
  });
}
