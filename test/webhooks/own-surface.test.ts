import { expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, get } from "../support/merchant.ts";

const paths = [
  "/_sandbox/reset",
  "/_sandbox/clock/advance",
  "/_sandbox/settle",
  "/_sandbox/worlds",
  "/inspector/reset",
  "/inspector/clock",
];

const attemptsOf = async (sandbox: Sandbox) =>
  (await get(sandbox, "/_sandbox/notifications")).body.data.flatMap(
    ({ attempts }: { attempts: { answer: { status: number; body: string } }[] }) => attempts,
  );

test.each(paths)("a webhook to the sandbox's own %s is refused, and changes nothing", async (path) => {
  await using sandbox = await frozenSandbox();
  const url = await sandbox.listen();
  await sandbox.change({ webhookUrl: url + path });
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  expect((await get(sandbox, `/_sandbox/payments/${id}`)).body.status).toBe("captured");
  const [attempt, ...more] = await attemptsOf(sandbox);
  expect(more).toEqual([]);
  expect(attempt.answer.status).toBe(403);
  expect(attempt.answer.body).toContain("A webhook of a sandbox does nothing here");
});

test("a webhook of one sandbox does nothing on the control surface of another one", async () => {
  await using target = await frozenSandbox();
  await using sandbox = await frozenSandbox({ webhook: `${await target.listen()}/_sandbox/reset` });
  const { id } = await createPaidPayment(target);
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect((await attemptsOf(sandbox))[0].answer.status).toBe(403);
  expect((await get(target, `/_sandbox/payments/${id}`)).status).toBe(200);
});
