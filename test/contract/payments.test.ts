import { describe, expect, onTestFinished, test } from "vitest";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";
import {
  answerOf,
  createPaidPayment,
  createPayment,
  frozenSandbox,
  get,
  paymentRequest,
  post,
} from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";
import { levels } from "./levels.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;

describe.each(levels)("set $level", ({ open }) => {
  test.each<[rule: string, value: string, action: "pay" | "cancel" | "expire" | "fail", status: string]>([
    ["paidStatus", "captured", "pay", "captured"],
    ["paidStatus", "approved", "pay", "approved"],
    ["cancelledStatus", "aborted", "cancel", "aborted"],
    ["cancelledStatus", "cancelled", "cancel", "cancelled"],
    ["cancelledStatus", "declined", "cancel", "declined"],
    ["cancelledStatus", "cancelled", "expire", "aborted"],
    ["expiredStatus", "aborted", "expire", "aborted"],
    ["expiredStatus", "declined", "expire", "declined"],
    ["expiredStatus", "failed", "expire", "failed"],
    ["expiredStatus", "failed", "cancel", "aborted"],
    ["failedStatus", "failed", "fail", "failed"],
    ["failedStatus", "rejected", "fail", "rejected"],
    ["failedStatus", "declined", "fail", "declined"],
  ])("with %s %s, a payment after %s is %s by track, by id, in the list and in the webhook", async (...row) => {
    const [rule, value, action, status] = row;
    const receiver = await startReceiver();
    onTestFinished(() => receiver.close());
    const world = await open({ [rule]: value } as Contract, { webhookUrl: receiver.url });
    const created = await post(world, "/v1/payments", world.order());
    expect(created.body.status).toBe("pending");
    const { id, trackingUrl } = created.body;
    await world.payments.act(id, action);
    const list = await answerOf(await world.request("GET", "/v1/payments"));
    const own = ({ pay: "captured", cancel: "aborted", expire: "aborted", fail: "failed" } as const)[action];
    await world.notifications.waitFor({ paymentId: id, status: own });
    await world.settle();
    expect([
      (await get(world, trackingUrl)).body.status,
      (await get(world, `/v1/payments/${id}`)).body.status,
      list.body.data[0].status,
      JSON.parse(receiver.received[0]?.body ?? "").payload.status,
    ]).toEqual([status, status, status, status]);
    expect((await world.payments.get(id)).status, "the handle keeps the sandbox's word").toBe(own);
  });

  test.each([
    ["shown", true],
    ["hidden", false],
  ] as const)("with reasonWhenFinal %s, the reason of an ended payment is there: %s", async (value, isThere) => {
    const world = await open({ reasonWhenFinal: value });
    const { body } = await post(world, "/v1/payments", world.order());
    expect(body.reason.code, "a pending payment always has its reason").toBe("required_next_step");
    await world.payments.act(body.id, "decline");
    expect("reason" in (await get(world, body.trackingUrl)).body).toBe(isThere);
  });

  test.each([201, 200] as const)("with createStatus %i, payments and refunds are created with it", async (status) => {
    const world = await open({ createStatus: status });
    const payment = await post(world, "/v1/payments?idempotencyKey=order-1001", world.order());
    await world.payments.act(payment.body.id, "pay");
    const again = await post(world, "/v1/payments?idempotencyKey=order-1001", world.order());
    const refunds = `/v1/payments/${payment.body.id}/refunds?idempotencyKey=refund-1001`;
    const refund = await post(world, refunds, { merchantReference: "refund" });
    const refundAgain = await post(world, refunds, { merchantReference: "refund" });
    expect([payment, again, refund, refundAgain].map((answer) => answer.status)).toEqual(Array(4).fill(status));
    expect([again.text, refundAgain.text]).toEqual([payment.text, refund.text]);
  });

  test.each<[members: NonNullable<Contract["createMembers"]>, added: object]>([
    [[], {}],
    [["amount"], { amount: { value: 200, currency: "hkd" } }],
    [["updateTime", "createTime"], { updateTime: "2026-01-05T09:00:00.000Z", createTime: "2026-01-05T09:00:00.000Z" }],
    [
      ["paymentMethod"],
      {
        paymentMethod: {
          type: "alipay_hk",
          alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
        },
      },
    ],
  ])("with createMembers %j, a creation is answered with these members at the end", async (createMembers, added) => {
    const world = await open({ createMembers });
    const { body, status } = await post(world, "/v1/payments", world.order());
    const { trackingUrl, ...rest } = body;
    expect(status).toBe(201);
    expect(Object.keys(body).slice(6)).toEqual(Object.keys(added));
    expect(rest).toMatchObject(added);
    expect(Object.keys((await get(world, trackingUrl)).body), "the track has the usual members").toHaveLength(6);
  });
});

describe("a profile", () => {
  test("without rules changes nothing: a creation has the six members of the provider's example", async () => {
    await using sandbox = await createSandbox({ settings: { contract: {} } });
    const { status, body } = await post(sandbox, "/v1/payments", paymentRequest());
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(["id", "merchantReference", "status", "trackingUrl", "reason", "nextStep"]);
  });

  test("stays with the payment that was created under it", async () => {
    await using sandbox = await frozenSandbox({ settings: { contract: { paidStatus: "approved" } } });
    const before = await createPaidPayment(sandbox);
    await sandbox.change({ contract: { paidStatus: "captured" } });
    const after = await createPaidPayment(sandbox);
    const statuses = [before, after].map(async ({ id }) => (await get(sandbox, `/v1/payments/${id}`)).body.status);
    expect(await Promise.all(statuses)).toEqual(["approved", "captured"]);
  });

  test("survives a snapshot and its restore, with its payments and the statuses of its answers", async () => {
    await using sandbox = await frozenSandbox({
      settings: { contract: { createStatus: 200, paidStatus: "approved" } },
    });
    const target = "/v1/payments?idempotencyKey=order-1001";
    const { body } = await post(sandbox, target, paymentRequest());
    await sandbox.payments.act(body.id, "pay");
    const snapshot = await sandbox.snapshot();
    await sandbox.reset();
    await sandbox.restore(snapshot);
    expect((await get(sandbox, `/v1/payments/${body.id}`)).body.status).toBe("approved");
    expect((await post(sandbox, target, paymentRequest())).status).toBe(200);
    expect((await sandbox.settings()).contract).toEqual({ createStatus: 200, paidStatus: "approved" });
  });

  test("of a world adds to that of the sandbox, and a change to that of the world", async () => {
    await using sandbox = await createSandbox({ settings: { contract: { createStatus: 200 } } });
    const world = await sandbox.world({ settings: { contract: { paidStatus: "approved" } } });
    expect((await world.settings()).contract).toEqual({ createStatus: 200, paidStatus: "approved" });
    expect((await world.change({ contract: { createStatus: 201 } })).contract, "a default is no change").toEqual({
      paidStatus: "approved",
    });
    expect((await world.change({ contract: null })).contract).toBeUndefined();
    expect((await sandbox.settings()).contract).toEqual({ createStatus: 200 });
  });

  test("of another merchant does not show in the answers to a foreign key", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const stranger = await sandbox.world();
    const world = await sandbox.world({ settings: { contract: { createStatus: 200 } } });
    const refused = await stranger.request(
      "POST",
      "/v1/payments",
      paymentRequest({ account: world.processingAccountId }),
    );
    expect(refused.status).toBe(400);
  });

  test("is followed by the OpenAPI document of the sandbox", async () => {
    const contract = { createStatus: 200, createMembers: ["amount"], paidStatus: "approved" } as const;
    await using sandbox = await createSandbox({ settings: { contract } });
    const { paths, components } = (await get(sandbox, "/openapi.json")).body;
    const { responses } = paths["/v1/payments"].post;
    expect(Object.keys(responses)).toContain("200");
    expect(Object.keys(responses)).not.toContain("201");
    expect(responses[200].content["application/json"].schema.$ref).toBe("#/components/schemas/CreatedPayment");
    expect(responses[200].description).toBe("The pending payment.");
    const stored = paths["/v1/requests/payments"].get.responses[200];
    expect(stored.content["application/json"].schema.$ref).toBe("#/components/schemas/CreatedPayment");
    expect(components.schemas.CreatedPayment.required).toContain("amount");
    const { "x-sandbox-values": values } = components.schemas.TrackedPayment.properties.status;
    expect(values).toContain("approved");
    expect(values).not.toContain("captured");
  });
});

describe("a rule that is not allowed is refused by its name", () => {
  test.each([
    [{ createStatus: 202 }, "contract.createStatus", "is 202; expected 201 or 200"],
    [{ createStatus: "200" }, "contract.createStatus", 'is "200"; expected 201 or 200'],
    [{ paidStatus: "paid" }, "contract.paidStatus", 'is "paid"; expected captured or approved'],
    [
      { createMembers: ["amount", "amount"] },
      "contract.createMembers",
      'is ["amount","amount"]; expected a list of amount, createTime, updateTime, paymentMethod, each at most once',
    ],
    [[], "contract", "is []; expected an object of rules, see docs/reference/contract.md"],
  ])("%j", async (contract, path, complaint) => {
    await using sandbox = await createSandbox();
    for (const [method, target] of [
      ["POST", "/_sandbox/worlds"],
      ["PATCH", `/_sandbox/worlds/${sandbox.processingAccountId}`],
    ] as const) {
      const answer = await sandbox.fetch(target, { method, body: JSON.stringify({ settings: { contract } }) });
      expect(answer.status).toBe(400);
      const { errors } = (await answer.json()) as { errors: { path: string; description: string }[] };
      expect(errors).toEqual([
        { path: `settings.${path}`, code: "invalid_request", description: `settings.${path} ${complaint}.` },
      ]);
    }
    await expect(createSandbox({ settings: { contract: contract as never } })).rejects.toThrow(`${path} ${complaint}`);
  });

  test("and an unknown rule with the list of all rules", async () => {
    const opened = createSandbox({ settings: { contract: { createCode: 200 } as never } });
    await expect(opened).rejects.toThrow("contract.createCode is unknown; expected one of createStatus, ");
  });

  test("and nothing changes", async () => {
    await using sandbox = await createSandbox();
    await expect(sandbox.change({ contract: { createStatus: 204 as never } })).rejects.toThrow("createStatus");
    expect((await createPayment(sandbox)).nextStep).toBeDefined();
  });
});
