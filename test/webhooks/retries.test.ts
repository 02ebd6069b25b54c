import { describe, expect, test } from "vitest";
import { type Sandbox, verifyWebhook } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { heldWebhook, startReceiver } from "../support/receiver.ts";

/** The provider's table: start of each of the 22 attempts, since the first attempt. */
const table = [
  ...[
    "0:00",
    "0:02",
    "0:07",
    "0:15",
    "0:30",
    "1:00",
    "2:00",
    "4:00",
    "8:00",
    "16:00",
    "24:00",
    "32:00",
    "40:00",
    "48:00",
  ],
  ...["56:00", "64:00", "72:00", "80:00", "88:00", "96:00", "104:00", "112:00"],
];

interface NotificationView {
  id: string;
  state: string;
  nextAttemptTime?: string;
  attempts: { startedAt: string; manual?: true; answer?: { status: number } }[];
}

const first = async (sandbox: Sandbox) =>
  (await get(sandbox, "/_sandbox/notifications")).body.data[0] as NotificationView;
const resend = (sandbox: Sandbox, id: string) => post(sandbox, `/_sandbox/notifications/${id}/resend`, "");

/** A handler that returns these statuses in order, and repeats the last one. */
function answering(...statuses: number[]) {
  let calls = 0;
  return async () => {
    calls += 1;
    return new Response(null, { status: statuses[Math.min(calls, statuses.length) - 1] ?? 500 });
  };
}

test("without an acknowledgement, 22 attempts are made at the times of the provider's table", async () => {
  const receiver = await startReceiver((response) => response.writeHead(500).end());
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  const began = performance.now();
  await sandbox.clock.advance("P10D");
  console.log(`22 failed attempts over 112 hours took ${Math.round(performance.now() - began)} ms`);

  const { state, nextAttemptTime, attempts } = await first(sandbox);
  const since = attempts.map(({ startedAt }) => (Date.parse(startedAt) - Date.parse("2026-01-05T09:00:00Z")) / 60_000);
  const shown = since.map((minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`);
  expect(shown).toEqual(table);
  expect([state, nextAttemptTime]).toEqual(["exhausted", undefined]);
  expect(receiver.received).toHaveLength(22);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  await receiver.close();
});

test("each attempt has a new signature by the real clock, also the last one after 112 hours", async () => {
  const receiver = await startReceiver((response) => response.writeHead(500).end());
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  const { hmacKey } = sandbox.credentials;
  await createPaidPayment(sandbox);
  await sandbox.clock.advance("PT112H");
  for (const { signatures, body } of receiver.received) {
    expect(verifyWebhook({ signature: signatures, body, hmacKey, url: receiver.url })).toBe(true);
  }
  await receiver.close();
});

test("between attempts a notification is retrying and has the time of the next one", async () => {
  await using sandbox = await frozenSandbox({ webhook: answering(500, 503, 204) });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect(await first(sandbox)).toMatchObject({ state: "retrying", nextAttemptTime: "2026-01-05T09:02:00.000Z" });
  await sandbox.clock.advance("PT2M");
  expect(await first(sandbox)).toMatchObject({ state: "retrying", nextAttemptTime: "2026-01-05T09:07:00.000Z" });
  await sandbox.clock.advance("P10D");
  const { state, nextAttemptTime, attempts } = await first(sandbox);
  expect([state, nextAttemptTime]).toEqual(["delivered", undefined]);
  expect(attempts.map(({ answer }) => answer?.status)).toEqual([500, 503, 204]);
});

test("a failing notification does not delay others", async () => {
  const delivered: string[] = [];
  await using sandbox = await frozenSandbox({
    webhook: async (request) => {
      const { payload } = (await request.json()) as { payload: { id: string } };
      if (payload.id === failing.id) return new Response(null, { status: 500 });
      delivered.push(payload.id);
      return new Response();
    },
  });
  const failing = await createPaidPayment(sandbox);
  const other = await createPaidPayment(sandbox);
  await sandbox.settle();
  expect(delivered).toEqual([other.id]);
});

test("a reset removes the schedule", async () => {
  await using sandbox = await frozenSandbox({ webhook: answering(500) });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  await sandbox.reset();
  expect((await sandbox.clock.advance("P10D")).ran).toBe(0);
});

describe("resend", () => {
  test("makes an extra manual attempt, whose acknowledgement ends the schedule", async () => {
    await using sandbox = await frozenSandbox({ webhook: answering(500, 204) });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const { id } = await first(sandbox);
    const answer = await resend(sandbox, id);
    expect([answer.status, answer.body.id, answer.body.state]).toEqual([200, id, "retrying"]);
    await sandbox.settle();
    const after = await first(sandbox);
    expect(after).toMatchObject({ state: "delivered", attempts: [{}, { manual: true, answer: { status: 204 } }] });
    expect(after.nextAttemptTime).toBeUndefined();
    expect((await sandbox.clock.advance("P10D")).ran).toBe(0);
  });

  test("does not change the schedule without an acknowledgement", async () => {
    await using sandbox = await frozenSandbox({ webhook: answering(500) });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const { id } = await first(sandbox);
    await sandbox.clock.advance("PT1M");
    await resend(sandbox, id);
    await sandbox.settle();
    expect(await first(sandbox)).toMatchObject({ state: "retrying", nextAttemptTime: "2026-01-05T09:02:00.000Z" });
    await sandbox.clock.advance("P10D");
    const { state, attempts } = await first(sandbox);
    expect([state, attempts.length, attempts.filter(({ manual }) => manual).length]).toEqual(["exhausted", 23, 1]);
  });

  test.each([
    ["delivered", [204, 500], "delivered"],
    ["exhausted", Array(22).fill(500), "exhausted"],
    ["exhausted", [...Array(22).fill(500), 204], "delivered"],
  ])("works for a notification that is %s (%j) and is then %s", async (before, statuses, after) => {
    await using sandbox = await frozenSandbox({ webhook: answering(...statuses) });
    await createPaidPayment(sandbox);
    await sandbox.clock.advance("P10D");
    const { id, state, attempts } = await first(sandbox);
    expect(state).toBe(before);
    await resend(sandbox, id);
    await sandbox.settle();
    const now = await first(sandbox);
    expect([now.state, now.attempts.length]).toEqual([after, attempts.length + 1]);
  });

  test("two concurrent resends make two attempts, also during a scheduled one", async () => {
    const { webhook, arrived, letGo } = heldWebhook(500);
    await using sandbox = await frozenSandbox({
      webhook,
    });
    await createPaidPayment(sandbox);
    await arrived;
    const { id } = await first(sandbox);
    await Promise.all([resend(sandbox, id), resend(sandbox, id)]);
    letGo();
    await sandbox.settle();
    const { state, attempts } = await first(sandbox);
    expect([state, attempts.length, attempts.filter(({ manual }) => manual).length]).toEqual(["retrying", 3, 2]);
  });

  test("is refused once the notification has its maximum of attempts, made and waiting", async () => {
    await using sandbox = await frozenSandbox({ webhook: answering(500), limits: { attemptsMax: 5 } });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const { id } = await first(sandbox);
    const answers = [];
    for (let count = 0; count < 7; count += 1) answers.push(await resend(sandbox, id));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 409, 409, 409]);
    expect(answers.at(-1)?.body.reason).toEqual({
      code: "action_not_allowed",
      description: "The action resend is not possible for a notification that is at its maximum of 5 attempts.",
    });
    await sandbox.settle();
    expect((await first(sandbox)).attempts).toHaveLength(5);
    expect((await resend(sandbox, id)).status).toBe(409);
  });

  test("does not find an unknown notification, and is refused without an endpoint", async () => {
    await using sandbox = await frozenSandbox();
    expect((await resend(sandbox, "x")).status).toBe(404);
    await createPaidPayment(sandbox);
    const answer = await resend(sandbox, (await first(sandbox)).id);
    expect([answer.status, answer.body.reason.code]).toEqual([409, "action_not_allowed"]);
  });
});
