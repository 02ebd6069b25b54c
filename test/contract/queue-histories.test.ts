import { randomInt } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPaidPayment, frozenSandbox } from "../support/merchant.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { isFull } from "../support/scope.ts";

const common = [
  fc.record({ do: fc.constant("pay" as const) }),
  fc.record({ do: fc.constant("pay" as const) }),
  fc.record({ do: fc.constant("answer" as const), status: fc.constantFrom(204, 500) }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(0, 1, 59, 60, 3600) }),
] as const;
const orderly = fc.oneof(...common);
const wild = fc.oneof(
  ...common,
  fc.record({ do: fc.constant("resend" as const), which: fc.nat(9) }),
  fc.record({
    do: fc.constant("change" as const),
    rule: fc.constantFrom("independent" as const, "endpoint_blocks" as const),
  }),
  fc.record({ do: fc.constant("move" as const), to: fc.constantFrom(0, 1, undefined) }),
);
type Step = typeof orderly | typeof wild extends fc.Arbitrary<infer S> ? S : never;

const schedule = fc.array(fc.constantFrom(0, 1_000, 60_000, 3_600_000), { maxLength: 4 });

/** Plays a history, then lets the endpoint accept everything for a day. @returns the notifications and the webhooks. */
async function play(steps: readonly Step[], retrySchedule: readonly number[]) {
  let status = 204;
  let open = 0;
  let most = 0;
  const sent: string[] = [];
  const answer: Parameters<typeof startReceiver>[0] = (response, { body }) => {
    sent.push(JSON.parse(body).id);
    open += 1;
    most = Math.max(most, open);
    setImmediate(() => {
      open -= 1;
      response.writeHead(status).end();
    });
  };
  const receivers: Receiver[] = [await startReceiver(answer), await startReceiver(answer)];
  const contract = { notificationQueue: "endpoint_blocks", retrySchedule } as const;
  const sandbox = await frozenSandbox({ webhook: receivers[0]?.url ?? "", settings: { contract } });
  for (const step of steps) {
    if (step.do === "pay") await createPaidPayment(sandbox);
    else if (step.do === "answer") status = step.status;
    else if (step.do === "wait") await sandbox.clock.advance(`PT${step.seconds}S`);
    else if (step.do === "change") await sandbox.change({ contract: { notificationQueue: step.rule } });
    else if (step.do === "move") {
      await sandbox.change({ webhookUrl: step.to === undefined ? null : (receivers[step.to]?.url ?? null) });
    } else {
      const { data } = await sandbox.notifications.list();
      const { webhookUrl } = await sandbox.settings();
      const chosen = data[step.which % Math.max(data.length, 1)];
      if (chosen !== undefined && webhookUrl !== undefined) await sandbox.notifications.resend(chosen.id);
    }
  }
  status = 204;
  await sandbox.clock.advance("P1D");
  const { data } = await sandbox.notifications.list({ limit: 100 });
  await sandbox.close();
  for (const receiver of receivers) await receiver.close();
  return { notifications: data.toReversed(), sent, most };
}

const { SANDBOX_TEST_RUNS = isFull ? "500" : "75", SANDBOX_TEST_SEED } = process.env;
/** A history opens a sandbox with two endpoints, so there are fewer of them than of other random histories. */
const numRuns = Math.ceil(Number(SANDBOX_TEST_RUNS) / 5);
const seed = SANDBOX_TEST_SEED === undefined ? randomInt(2 ** 31) : Number(SANDBOX_TEST_SEED);
const runs = { numRuns, seed };

test("random histories: an endpoint gets one notification after the other, each with all its attempts", {
  timeout: 300_000,
}, async () => {
  console.log(`${numRuns} random histories; to repeat them: SANDBOX_TEST_SEED=${seed}`);
  const history = fc.asyncProperty(fc.array(orderly, { maxLength: 14 }), schedule, async (steps, delays) => {
    const { notifications, sent, most } = await play(steps, delays);
    expect(sent).toEqual(notifications.flatMap(({ id, attempts }) => attempts.map(() => id)));
    expect(most).toBeLessThan(2);
    for (const { state, attempts } of notifications) {
      expect(state === "delivered" || attempts.length === delays.length + 1).toBe(true);
    }
  });
  await fc.assert(history, runs);
});

test("random histories with resends and changes of the world: no notification waits for ever", {
  timeout: 300_000,
}, async () => {
  const history = fc.asyncProperty(fc.array(wild, { maxLength: 16 }), schedule, async (steps, delays) => {
    const { notifications } = await play(steps, delays);
    for (const { state, attempts, waitsFor } of notifications) {
      expect(["delivered", "exhausted", "no_endpoint"]).toContain(state);
      expect(waitsFor).toBeUndefined();
      expect(attempts.filter(({ manual }) => manual !== true).length).toBeLessThanOrEqual(delays.length + 1);
    }
  });
  await fc.assert(history, runs);
});
