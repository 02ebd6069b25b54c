import { describe, test } from "vitest";
import { cases as allCases } from "../../src/rehearsal/cases.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { isFull } from "../support/scope.ts";
import { openMerchant } from "./merchant.ts";
import { mutants } from "./mutants/mutants.ts";

const behindProxy = allCases.filter(({ needs }) => needs.includes("publicUrl")).map(({ id }) => id);

/** Mutants of one file of tests: files run at the same time. Outside the full mode, only the first of them. */
function share(index: number, of: number) {
  const own = mutants.filter((_, position) => position % of === index);
  return isFull ? own : own.slice(0, 1);
}

/** Plays the whole rehearsal against each mutant of a share: all cases of its list must find it. */
export function describeMatrix(index: number, of: number): void {
  describe.concurrent("the whole rehearsal finds, by every case of its list,", () => {
    test.for(share(index, of).map((mutant) => [mutant.replace, mutant] as const))(
      "%s",
      { timeout: 300_000 },
      async ([, mutant], { expect }) => {
        using merchant = await openMerchant(mutant.merchant ?? "exemplary", mutant, mutant.plan);
        const skip = mutant.plan?.publicUrl === undefined ? behindProxy : [];
        const { cases } = await rehearse(merchant.plan, { directory: merchant.directory, skip, seed: "matrix" });
        const found = cases.filter(({ verdict }) => verdict === "fail" || verdict === "warn").map(({ id }) => id);
        expect(mutant.fails.filter((id) => !found.includes(id))).toEqual([]);
      },
    );
  });
}
