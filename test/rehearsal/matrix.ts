import { describe, test } from "vitest";
import { cases as allCases } from "../../src/rehearsal/cases.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { isFull } from "../support/scope.ts";
import { openMerchant } from "./merchant.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { mutants } from "./mutants/mutants.ts";

const behindProxy = allCases.filter(({ needs }) => needs.includes("publicUrl")).map(({ id }) => id);

/** The full mode plays every fifth of the other cases against a mutant: all of them need ten minutes. */
const part = process.env.SANDBOX_TEST_MATRIX === "all" ? 1 : 5;

/**
 * The cases that are played against a mutant: its own one; in the full mode also the others of its list, and a part of
 * all others, which changes from mutant to mutant.
 */
function casesFor({ fails, plays = [], plan }: Mutant, position: number): string[] {
  if (!isFull) return [fails[0] as string, ...plays];
  const others = allCases.filter((_, index) => index % part === position % part).map(({ id }) => id);
  const skipped = plan?.publicUrl === undefined ? behindProxy : [];
  return [...new Set([...fails, ...plays, ...others])].filter((id) => !skipped.includes(id));
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
        const only = casesFor(mutant, mutants.indexOf(mutant));
        const { cases } = await rehearse(merchant.plan, { directory: merchant.directory, seed: "matrix", only });
        expect(cases.filter(({ reason }) => reason === "sandbox_fault")).toEqual([]);
        const found = cases.filter(({ verdict }) => verdict === "fail" || verdict === "warn").map(({ id }) => id);
        const expected = isFull ? mutant.fails : mutant.fails.slice(0, 1);
        expect(expected.filter((id) => !found.includes(id))).toEqual([]);
      },
    );
  });
}
