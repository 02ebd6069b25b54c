import { expect, test } from "vitest";
import { rehearse } from "../../src/rehearsal/rehearse.ts";
import { openMerchant } from "./merchant.ts";
import { orderMutants } from "./mutants/order.ts";
import { outageMutants } from "./mutants/outage.ts";

const ids = ["webhook_before_create_answer", "api_down_at_webhook", "killed_at_answer", "killed_in_the_middle"];
const mutantOf = (id: string) => [...orderMutants, ...outageMutants].find(({ fails }) => fails.includes(id));

/** Plays a case against its mutant. */
async function play(id: string, hasJobs: boolean) {
  using merchant = await openMerchant("exemplary", mutantOf(id));
  const { jobs, ...plan } = merchant.plan;
  const given = hasJobs && jobs !== undefined ? { ...plan, jobs } : plan;
  const { cases } = await rehearse(given, { directory: merchant.directory, only: [id] });
  return cases.map(({ verdict, sentence }) => [verdict, sentence?.replace(/^.*: /, "")]);
}

test.for(ids)("%s fails for an order that nothing makes paid", async (id) => {
  expect(await play(id, false)).toEqual([["fail", 'the order says "unpaid".']]);
});

test("an order that only the jobs make paid is a warning", async () => {
  const sentence = 'the order says "unpaid" until the jobs of the server run.';
  expect(await play("api_down_at_webhook", true)).toEqual([["warn", sentence]]);
});
