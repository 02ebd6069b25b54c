import { afterEach, expect, test, vi } from "vitest";
import { createPaidPayment, createPayment, frozenSandbox, get } from "../support/merchant.ts";

// The tests of a merchant fake the timers of the process in which their sandbox is.

afterEach(() => void vi.useRealTimers());

test("with all timers faked a wait for what does not come ends at its time", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPayment(sandbox);
  vi.useFakeTimers();
  const options = { timeoutMs: 20 };
  await expect(sandbox.payments.waitFor(id, "captured", options)).rejects.toMatchObject({ code: "not_reached" });
  await expect(sandbox.notifications.waitFor({}, options)).rejects.toMatchObject({ code: "not_reached" });
});

test("with all timers faked an endpoint that never answers is left at the time limit", async () => {
  vi.useFakeTimers();
  const webhook = () => new Promise<Response>(() => undefined);
  await using sandbox = await frozenSandbox({ webhook, settings: { webhookTimeoutMs: 20 } });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect((await sandbox.notifications.list()).data).toMatchObject([{ state: "retrying" }]);
});

test("the time of signatures is the one that a merchant in the same process sees", async () => {
  await using sandbox = await frozenSandbox();
  vi.useFakeTimers({ now: Date.parse("2031-05-06T07:08:09Z") });
  const answer = await get(sandbox, "/v1/payments?processingAccountId=2HdN2jq6XWmlkhqRC2gDTNYCvNH");
  const [header = ""] = (answer.headers.get("x-signature") ?? "").split(".");
  const { exp } = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
  expect(exp).toBe(Date.now() / 1000 + 300);
});
