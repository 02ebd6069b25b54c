import { expect, test } from "vitest";
import { createPayment, frozenSandbox } from "../support/merchant.ts";

/** Whether the process makes every new promise slower: Node then marks each of them with an id. */
const areSlow = () => Reflect.ownKeys(Promise.resolve()).length > 0;

test("promises of the process stay fast after a function has received webhooks", async () => {
  expect(areSlow()).toBe(false);
  let calls = 0;
  await using sandbox = await frozenSandbox({
    webhook: () => {
      calls += 1;
      return new Response();
    },
  });
  const { id } = await createPayment(sandbox);
  await sandbox.payments.act(id, "pay");
  await sandbox.settle();
  expect(calls).toBe(1);
  expect(areSlow()).toBe(false);
});
