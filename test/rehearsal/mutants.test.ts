import { expect, test } from "vitest";
import { cases } from "../../src/rehearsal/cases.ts";
import { mutants } from "./mutants/mutants.ts";

test("each case is on the list of a mutant, and each list names cases that exist", () => {
  const ids = cases.map(({ id }) => id);
  const named = mutants.flatMap(({ fails }) => fails);
  expect(ids.filter((id) => !named.includes(id))).toEqual([]);
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});
