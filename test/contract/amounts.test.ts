import { describe, expect, onTestFinished, test } from "vitest";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";
import { answerOf, get, paymentRequest, post } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";
import { levels } from "./levels.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

describe.each(levels)("set $level", ({ open }) => {
  test.each([
    { amountUnit: "major", sent: 8.2, refunded: 3.05 },
    { amountUnit: "minor", sent: 820, refunded: 305 },
  ] as const)("with amountUnit $amountUnit, HKD 8.20 is $sent everywhere", async ({ amountUnit, sent, refunded }) => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    const contract: Contract = { amountUnit, createMembers: ["amount"] };
    const world = await open(contract, { webhookUrl: receiver.url });
    const created = await post(world, "/v1/payments", world.order({ amount: sent }));
    await world.payments.act(created.body.id, "pay");
    const amount = { value: refunded, currency: "hkd" };
    await post(world, `/v1/payments/${created.body.id}/refunds`, { merchantReference: "refund", amount });
    await world.clock.advance("PT2S");
    const { data } = (await answerOf(await world.request("GET", "/v1/transactions"))).body;
    const payloads = receiver.received.map(({ body }) => JSON.parse(body).payload.amount.value);
    expect({
      created: created.body.amount.value,
      read: (await get(world, `/v1/payments/${created.body.id}`)).body.amount.value,
      transactions: data.map((transaction: { amount: { value: number } }) => transaction.amount.value),
      payloads,
    }).toEqual({ created: sent, read: sent, transactions: [refunded, sent], payloads: [sent, refunded] });
    const own = await world.payments.get(created.body.id);
    expect([own.amount.value, own.amounts.left], "the handle uses major HKD").toEqual([8.2, 5.15]);
    const page = await get(world, `/pay/${created.body.nextStep.redirect.url.split("/pay/")[1]}`);
    expect(page.text, "and so do the pages").toContain("8.20");
  });

  test.each([
    { amountUnit: "major", value: 8.205, sentence: "must have at most two decimals" },
    { amountUnit: "minor", value: 820.5, sentence: "must be a whole number of cents" },
    { amountUnit: "major", value: 0.09, sentence: "must be at least 0.1" },
    { amountUnit: "minor", value: 9, sentence: "must be at least 10" },
  ] as const)("with amountUnit $amountUnit, $value is refused: $sentence", async ({ amountUnit, value, sentence }) => {
    const world = await open({ amountUnit });
    const { status, body } = await post(world, "/v1/payments", world.order({ amount: value }));
    expect([status, body.errors[0].path, body.errors[0].description]).toEqual([
      400,
      "amount.value",
      `amount.value ${sentence}.`,
    ]);
  });

  test.each([
    { amountMin: 0.01, unit: "major", least: 0.01, refused: 0 },
    { amountMin: 0.1, unit: "major", least: 0.1, refused: 0.09 },
    { amountMin: 1, unit: "minor", least: 100, refused: 99 },
  ] as const)("with amountMin $amountMin, $least is the least and $refused is refused", async (row) => {
    const world = await open({ amountMin: row.amountMin, amountUnit: row.unit });
    expect((await post(world, "/v1/payments", world.order({ amount: row.least }))).status).toBe(201);
    const refused = await post(world, "/v1/payments", world.order({ amount: row.refused }));
    expect([refused.status, refused.body.reason.code]).toEqual([400, "amount_below_minimum"]);
  });
});

test("an amount selects a scenario by its money, in either unit", async () => {
  await using sandbox = await createSandbox({
    clock: "2026-01-05T09:00:00.000Z",
    settings: { contract: { amountUnit: "minor" } },
  });
  const { body } = await post(sandbox, "/v1/payments", paymentRequest({ amount: 888_801 }));
  await sandbox.clock.advance("PT2S");
  expect((await sandbox.payments.get(body.id)).status).toBe("declined");
});

test("a repeated create is validated under the profile that the world has now", async () => {
  await using sandbox = await createSandbox({ clock: "2026-01-05T09:00:00.000Z" });
  const key = "idempotencyKey=order-1001";
  const create = (amount: number) => post(sandbox, `/v1/payments?${key}`, paymentRequest({ amount }));
  const first = await create(8.2);
  await sandbox.change({ contract: { amountUnit: "minor", errorStatus: 422 } });
  const repeated = await create(8.2);
  expect([repeated.status, repeated.body.reason.code]).toEqual([422, "invalid_request"]);
  expect((await get(sandbox, `/v1/requests/payments?${key}`)).body, "the first response").toEqual(first.body);
  await sandbox.change({ contract: { amountUnit: "major" } });
  expect((await create(8.2)).body).toEqual(first.body);
});

describe("an amountMin above the maximum of a payment is refused", () => {
  const complaint = (amountMin: number, amountMax = 5) =>
    `contract.amountMin is ${amountMin}; expected at most amountMax, which is ${amountMax}`;
  test("in the options", async () => {
    const settings = { amountMax: 5, contract: { amountMin: 5.01 } };
    await expect(createSandbox({ settings })).rejects.toThrow(complaint(5.01));
  });

  test("in a new world, and by each change that brings it about", async () => {
    await using sandbox = await createSandbox({ settings: { amountMax: 5 } });
    await expect(sandbox.world({ settings: { contract: { amountMin: 6 } } })).rejects.toThrow(complaint(6));
    await sandbox.change({ contract: { amountMin: 5 } });
    await expect(sandbox.change({ contract: { amountMin: 5.01 } })).rejects.toThrow(complaint(5.01));
    await expect(sandbox.change({ amountMax: 4 })).rejects.toThrow(complaint(5, 4));
    expect((await sandbox.settings()).amountMax).toBe(5);
  });

  test.each(["settings", "opening.settings"])("in the %s of a snapshot", async (place) => {
    await using sandbox = await createSandbox();
    const world = await sandbox.world({ settings: { amountMax: 5 } });
    const snapshot = (await snapshotOf(sandbox, world.processingAccountId)).body;
    const settings = place === "settings" ? snapshot.settings : snapshot.opening.settings;
    settings.contract = { amountMin: 5.01 };
    const { status, body } = await putBack(sandbox, snapshot);
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([
      {
        path: `${place}.contract.amountMin`,
        description: expect.stringContaining("is 5.01; expected at most amountMax, which is 5"),
      },
    ]);
  });
});
