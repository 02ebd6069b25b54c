import { afterAll, expect, test } from "vitest";
import { ConfigError, connectSandbox, createSandbox, SandboxError } from "../../src/index.ts";
import { createPayment } from "../support/merchant.ts";

const sandbox = await createSandbox({ clock: "2026-01-05T09:00:00Z" });
const { id } = await createPayment(sandbox);
afterAll(() => sandbox.close());

/** Options with an unknown member, as a program without types could write them. */
const colour = { colour: "teal" } as never;

const calls: Record<string, [call: () => Promise<unknown>, allowed: string]> = {
  "world()": [() => sandbox.world(colour), "processingAccountId, merchantName, settings, clock, webhook"],
  "connectSandbox()": [
    () => connectSandbox("http://127.0.0.1:9", colour),
    "adminToken, ca, clock, webhook, webhookHost",
  ],
  "listen()": [() => sandbox.listen(colour), "port, host"],
  "restore()": [() => sandbox.restore({} as never, colour), "webhookUrl"],
  "clock.advance()": [() => sandbox.clock.advance({ to: "2026-01-05T10:00:00Z", ...(colour as object) }), "to"],
  "scenarios.next()": [() => sandbox.scenarios.next("expired", colour), "times"],
  "payments.act()": [() => sandbox.payments.act(id, "pay", colour), "reason, wallet, return"],
  "payments.list()": [() => sandbox.payments.list(colour), "limit, cursor, status, merchantReference"],
  "payments.waitFor()": [() => sandbox.payments.waitFor(id, "pending", colour), "timeoutMs"],
  "payments.refund()": [() => sandbox.payments.refund(id, colour), "amount, merchantReference"],
  "notifications.list()": [() => sandbox.notifications.list(colour), "limit, cursor, paymentId, state"],
  "notifications.waitFor()": [() => sandbox.notifications.waitFor({}, colour), "timeoutMs"],
  "requests.list()": [() => sandbox.requests.list(colour), "limit, cursor"],
  "requests.verify()": [() => sandbox.requests.verify(colour), "match, atLeast, atMost, exactly"],
  "keys.rotate()": [() => sandbox.keys.rotate(colour), "overlap"],
};

test.each(Object.entries(calls))(
  "%s refuses an unknown option, and names it and the allowed ones",
  async (name, row) => {
    const [call, allowed] = row;
    const before = JSON.stringify(await sandbox.snapshot());
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({
      code: "invalid_request",
      message: `The option colour of ${name} is unknown; expected one of ${allowed}.`,
    });
    expect(JSON.stringify(await sandbox.snapshot())).toBe(before);
  },
);

test("a match of a notification refuses a member that it does not know", async () => {
  const refused = sandbox.notifications.waitFor({ reference: "order-1001" } as never);
  await expect(refused).rejects.toMatchObject({ message: expect.stringContaining("The option reference of ") });
});

test("the world of a handle cannot be changed by an option", async () => {
  const elsewhere = { processingAccountId: "0ujtsYcgvSTl8PAuAdqWYSMnLOv" } as never;
  await expect(sandbox.payments.list(elsewhere)).rejects.toMatchObject({ code: "invalid_request" });
  await expect(sandbox.payments.act(id, "pay", { action: "cancel" } as never)).rejects.toMatchObject({
    code: "invalid_request",
  });
});

test.each([
  ["an option", colour],
  ["a limit", { limits: colour }],
])("createSandbox refuses %s that it does not know", async (_, options) => {
  const error: unknown = await createSandbox(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as Error).message).toMatch(/^The (option|limit) colour is unknown; expected one of \w+, /);
});
