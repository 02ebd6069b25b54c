import { expect, test } from "vitest";
import { cases as allCases } from "../../src/rehearsal/cases.ts";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { isFull } from "../support/scope.ts";
import { openMerchant } from "./merchant.ts";

/** Right designs besides the exemplary one, with the cases whose fault they make impossible. */
const all: readonly [name: string, doesNotApply: readonly string[]][] = [
  ["trusting", ["api_down_at_webhook", "killed_in_the_middle"]],
  ["hints", []],
  ["on-payment", []],
  ["queueing", []],
];
/** Outside the full mode, the one that differs most. */
const designs = isFull ? all : all.slice(-1);

const behindProxy = allCases.filter(({ needs }) => needs.includes("publicUrl")).map(({ id }) => id);

test.each(designs)("the design %s passes every case that applies to it", { timeout: 300_000 }, async (name, others) => {
  using merchant = await openMerchant(name);
  const { cases, outcome } = await rehearse(merchant.plan, { directory: merchant.directory, skip: behindProxy });
  const notPassed = cases.filter(({ verdict }) => verdict !== "pass");
  expect(
    notPassed.filter(({ reason }) => reason !== "does_not_apply").map(({ id, sentence }) => [id, sentence]),
  ).toEqual([]);
  expect(notPassed.map(({ id }) => id)).toEqual(others);
  expect(outcome).toBe("pass");
});
