import { expect, onTestFinished } from "vitest";
import { type Sandbox, signRequest } from "../../src/index.ts";
import { answerOf, get, post } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";
import { worlds } from "./fixtures.ts";
import { viewsOf, type WorldViews } from "./views.ts";

/**
 * Expects that the full world of a fixture can be used: its pending payment can be paid, its pending refund ends, its
 * webhook is retried, its replay answers and its key retires.
 */
export async function expectToWork(sandbox: Sandbox, before: WorldViews): Promise<void> {
  const processingAccountId = worlds.full;
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const changed = await sandbox.fetch(`/_sandbox/worlds/${processingAccountId}`, {
    method: "PATCH",
    body: JSON.stringify({ settings: { webhookUrl: receiver.url } }),
  });
  expect((await answerOf(changed)).status).toBe(200);

  const referring = (reference: string) =>
    before.payments.find((view) => view.merchantReference === reference)?.id ?? "";
  const paid = await sandbox.payments.act(referring("pending"), "pay");
  expect(paid.status).toBe("captured");
  const [refund] = before.payments.flatMap(({ refunds }) => refunds.filter(({ status }) => status === "pending"));
  const retrying = before.notifications.find(({ state }) => state === "retrying");
  const replay = before.requests.find(({ target }) => target === "/v1/payments?idempotencyKey=payment-key");
  const created = await get(sandbox, "/v1/requests/payments?idempotencyKey=payment-key", {
    "X-Signature": await signedRead(sandbox, "/v1/requests/payments?idempotencyKey=payment-key"),
  });
  expect([created.status, created.body.id]).toEqual([200, replay?.paymentId]);

  expect((await post(sandbox, "/_sandbox/clock/advance", { processingAccountId, by: "PT15M" })).status).toBe(200);
  const after = await viewsOf(sandbox, processingAccountId);
  const payment = (id: string) => after.payments.find((view) => view.id === id);
  expect(after.payments.flatMap(({ refunds }) => refunds).find(({ id }) => id === refund?.id)?.status).toBe("refunded");
  expect(payment(referring("decided later"))?.status).toBe("captured");
  expect(payment(referring("scanned"))?.status).toBe("pending");
  const delivered = after.notifications.find(({ id }) => id === retrying?.id);
  expect([delivered?.state, delivered?.attempts.length]).toEqual(["delivered", (retrying?.attempts.length ?? 0) + 1]);
  expect(receiver.received.filter(({ body }) => JSON.parse(body).id === retrying?.id)).toHaveLength(1);
  const keys = (views: WorldViews) => (views.credentials as { hmacKeys: object[] }).hmacKeys.length;
  expect([keys(before), keys(after)]).toEqual([2, 2]);
  expect((await post(sandbox, "/_sandbox/clock/advance", { processingAccountId, by: "P1D" })).status).toBe(200);
  expect(keys(await viewsOf(sandbox, processingAccountId))).toBe(1);
}

async function signedRead(sandbox: Sandbox, target: string): Promise<string> {
  const { body } = await get(sandbox, `/_sandbox/credentials?processingAccountId=${worlds.full}`);
  return signRequest({ method: "GET", target, kid: body.kid, privateKey: body.privateKey });
}
