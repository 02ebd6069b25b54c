import { expect, test, vi } from "vitest";
import { createPaidPayment, frozenSandbox } from "../support/merchant.ts";
import { notificationsOf, resend } from "../support/notifications.ts";

/** The lines of the log about webhooks, from here on. */
function webhookLines(): () => string[] {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  return () => write.mock.calls.map(([line]) => String(line).trimEnd()).filter((line) => line.includes("webhook"));
}

/** An endpoint that fails twice, and then acknowledges. */
function recovering() {
  const responses = [() => new Response(null, { status: 500 }), () => Promise.reject(new Error("the shop is broken"))];
  return () => responses.shift()?.() ?? new Response(null, { status: 204 });
}

test("each attempt is one line: endpoint, result, which attempt, and when the next one comes", async () => {
  const lines = webhookLines();
  await using sandbox = await frozenSandbox({ webhook: recovering(), log: "pretty" });
  const { id } = await createPaidPayment(sandbox);
  await sandbox.clock.advance("PT7M");
  const [{ id: notificationId }] = await notificationsOf(sandbox);
  await resend(sandbox, notificationId);
  await sandbox.settle();
  const { webhookUrl: url } = await sandbox.settings();
  expect(lines().filter((line) => line.startsWith("webhook"))).toEqual([
    `webhook POST ${url} 500, attempt 1 of 22 for payment ${id}, next attempt 2026-01-05T09:02:00.000Z`,
    `webhook POST ${url} failed (the shop is broken), attempt 2 of 22 for payment ${id}, ` +
      "next attempt 2026-01-05T09:07:00.000Z",
    `webhook POST ${url} 204, attempt 3 of 22 for payment ${id}, delivered`,
    `webhook POST ${url} 204, extra attempt for payment ${id}, delivered`,
  ]);
});

test("as JSON a line has the same as members", async () => {
  const lines = webhookLines();
  await using sandbox = await frozenSandbox({ webhook: recovering(), log: "json" });
  const { id: paymentId } = await createPaidPayment(sandbox);
  await sandbox.settle();
  const [{ id: notificationId }] = await notificationsOf(sandbox);
  const attempts = lines()
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "webhook");
  expect(attempts).toMatchObject([
    {
      ...{
        url: (await sandbox.settings()).webhookUrl,
        status: 500,
        attempt: 1,
        state: "retrying",
        notificationId,
        paymentId,
      },
      nextAttemptTime: "2026-01-05T09:02:00.000Z",
    },
  ]);
});

test("the silent log has none", async () => {
  const lines = webhookLines();
  await using sandbox = await frozenSandbox({ webhook: recovering() });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect(lines()).toEqual([]);
});
