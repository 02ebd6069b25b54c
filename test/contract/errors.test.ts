import { describe, expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { get, paymentRequest, post } from "../support/merchant.ts";
import { levels } from "./levels.ts";

const sibling = "2HdN2jq6XWmlkhqRC2gDTNYCvNI";

describe.each(levels)("set $level", ({ open }) => {
  test.each([400, 422] as const)("with errorStatus %i, it is the status of each refused body", async (errorStatus) => {
    const world = await open({ errorStatus }, { amountMax: 500 });
    const order = world.order();
    const refusals = [
      ["invalid_request", { ...order, merchantReference: "" }],
      ["unsupported_payment_method", { ...order, paymentMethod: { ...order.paymentMethod, type: "card" } }],
      ["unsupported_currency", { ...order, amount: { value: 200, currency: "usd" } }],
      ["amount_below_minimum", world.order({ amount: 0.01 })],
      ["amount_above_maximum", world.order({ amount: 501 })],
    ] as const;
    for (const [code, body] of refusals) {
      const answer = await post(world, "/v1/payments", body);
      expect([answer.body.reason.code, answer.status]).toEqual([code, errorStatus]);
    }
    const { id } = (await post(world, "/v1/payments", order)).body;
    expect((await post(world, `/v1/payments/${id}/refunds`, {})).status).toBe(errorStatus);
  });

  test.each([400, 422] as const)("with errorStatus %i, other refusals keep their status", async (errorStatus) => {
    const world = await open({ errorStatus });
    const { id } = (await post(world, "/v1/payments", world.order())).body;
    const target = "/v1/payments?idempotencyKey=order-1001";
    await post(world, target, world.order());
    const answers = [
      await post(world, `/v1/payments/${id}/refunds`, { merchantReference: "refund" }),
      await post(world, `/v1/payments/${id}/captures`, {}),
      await post(world, target, world.order({ amount: 300 })),
      await get(world, `/v1/payments?processingAccountId=${world.processingAccountId}&limit=0`),
      await get(world, `/v1/payments/${sibling}`),
    ];
    expect(answers.map(({ status, body }) => [body.reason.code, status])).toEqual([
      ["payment_not_refundable", 400],
      ["operation_not_supported", 400],
      ["idempotency_key_conflict", 409],
      ["invalid_request", 400],
      ["not_found", 404],
    ]);
  });

  test.each([400, 404, 405] as const)("with unsupportedStatus %i, operations are refused with it", async (status) => {
    const world = await open({ unsupportedStatus: status });
    const { id } = (await post(world, "/v1/payments", world.order())).body;
    const account = world.processingAccountId;
    const answers = [
      await post(world, `/v1/payments/${id}/captures`, {}),
      await post(world, "/v1/credits", { processingAccountId: account }),
      await get(world, `/v1/requests/captures?processingAccountId=${account}`),
    ];
    expect(answers.map((answer) => [answer.body.reason.code, answer.status])).toEqual(
      Array(3).fill(["operation_not_supported", status]),
    );
    expect(answers[0]?.headers.has("allow")).toBe(status === 405);
  });
});

describe("a request that names no world follows the profile of the sandbox", () => {
  test.each([
    ["malformed JSON", "{", 422],
    ["an unknown account", JSON.stringify(paymentRequest({ account: sibling })), 422],
  ])("%s", async (_, body, status) => {
    await using sandbox = await createSandbox({ accounts: "listed", settings: { contract: { errorStatus: 422 } } });
    const world = await sandbox.world({ settings: { contract: { errorStatus: 400 } } });
    expect((await post(world, "/v1/payments", body)).status).toBe(status);
    expect(
      (await post(world, "/v1/payments", paymentRequest({ account: world.processingAccountId, amount: 0 }))).status,
    ).toBe(400);
  });
});

test.each([
  [400, "The request is refused."],
  [404, expect.stringMatching(/^Alipay HK does not have this operation/)],
  [405, expect.stringMatching(/^Alipay HK does not have this operation/)],
] as const)("the OpenAPI document with unsupportedStatus %i says what it means", async (status, description) => {
  await using sandbox = await createSandbox({ settings: { contract: { unsupportedStatus: status } } });
  const { paths } = (await get(sandbox, "/openapi.json")).body;
  const { responses } = paths["/v1/payments/{paymentId}/captures"].post;
  expect(responses[status]).toMatchObject({ description, "x-codes": ["operation_not_supported"] });
});
