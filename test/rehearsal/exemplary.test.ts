import { expect, test } from "vitest";
import { cases as allCases } from "../../src/rehearsal/cases.ts";
import type { PlanInput } from "../../src/rehearsal/plan.ts";
import { type RehearsalOptions, rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";

/** Rehearses the exemplary merchant, and expects that nothing is wrong. */
async function expectPass(changes: Partial<PlanInput>, options: RehearsalOptions): Promise<void> {
  using merchant = await openMerchant("exemplary", undefined, changes);
  const { cases, outcome, preflight } = await rehearse(merchant.plan, { ...options, directory: merchant.directory });
  expect(preflight).toEqual([]);
  expect(cases.filter(({ verdict }) => verdict !== "pass").map(({ id, sentence }) => [id, sentence])).toEqual([]);
  expect(outcome).toBe("pass");
}

const behindProxy = allCases.filter(({ needs }) => needs.includes("publicUrl")).map(({ id }) => id);
/** Cases that use the URL of the endpoint, or that of the return. */
const ofUrls = allCases.filter(({ group }) => ["forged", "transport", "return"].includes(group)).map(({ id }) => id);

test("the exemplary merchant passes every case", { timeout: 300_000 }, async () => {
  await expectPass({}, { skip: behindProxy });
});

test("the exemplary merchant passes the cases of messages and returns behind a proxy", {
  timeout: 300_000,
}, async () => {
  await expectPass({ publicUrl: "https://shop.example/webhooks" }, { only: ofUrls });
});
