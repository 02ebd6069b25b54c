import { sandboxTest } from "alipay-hk-sandbox/vitest";
import { order } from "./remember.ts";

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
  const payment = (await (await sandbox.fetch("/v1/payments", order(sandbox))).json()) as { id: string };
  await sandbox.payments.act(payment.id, "pay");
  await sandbox.settle();
});

test("after that", async ({ expect, world }) => {
  expect((await world.payments.list()).data).toEqual([]);
});
