import { expect } from "@playwright/test";
import { sandboxTest } from "alipay-hk-sandbox/playwright";
import { createOrder } from "./order.ts";

// The defect: the machine's clock fails once, when an attempt has ended.
const { now } = Date;
const test = sandboxTest({
  webhook: () => {
    Date.now = () => {
      Date.now = now;
      throw new Error("the clock of this machine is broken");
    };
    return new Response(null, { status: 204 });
  },
});

test("with a defect", async ({ sandbox }) => {
  const { id } = await createOrder(sandbox);
  await sandbox.payments.act(id, "pay");
  await sandbox.settle();
});

test("after that", async ({ world }) => {
  expect((await world.payments.list()).data).toEqual([]);
});
