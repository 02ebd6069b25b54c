import { describe, expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { frozenSandbox } from "../support/merchant.ts";

describe("refuses operations that Alipay HK does not support", () => {
  test.each([
    ["POST", "/v1/payments/x/increments", "increments"],
    ["GET", "/v1/requests/increments?idempotencyKey=12345678", "increments"],
    ["GET", "/v1/tracks/increments/x", "increments"],
    ["POST", "/v1/payments/x/captures", "captures"],
    ["GET", "/v1/requests/captures", "captures"],
    ["GET", "/v1/tracks/captures/x", "captures"],
    ["POST", "/v1/payments/x/cancels", "cancels"],
    ["GET", "/v1/requests/cancels", "cancels"],
    ["GET", "/v1/tracks/cancels/x", "cancels"],
    ["POST", "/v1/credits", "credits"],
    ["GET", "/v1/credits/x", "credits"],
    ["GET", "/v1/requests/credits", "credits"],
    ["GET", "/v1/tracks/credits/x", "credits"],
    ["POST", "/v1/tokens", "tokens"],
    ["GET", "/v1/tokens/x", "tokens"],
    ["PATCH", "/v1/tokens/x", "tokens"],
    ["GET", "/v1/requests/tokens", "tokens"],
  ])("%s %s: %s", async (method, target, operation) => {
    await using sandbox = await frozenSandbox();
    const answer = await sandbox.fetch(target, { method, ...(method === "GET" ? {} : { body: "not even JSON" }) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      reason: {
        code: "operation_not_supported",
        description: `Alipay HK (alipay_hk) does not support ${operation}.`,
      },
    });
  });
});

test("returns 405 for other methods of these paths, and 404 for paths that the provider does not have", async () => {
  await using sandbox = await frozenSandbox();
  const answer = await sandbox.fetch("/v1/credits", { method: "DELETE" });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  expect((await sandbox.fetch("/v1/disputes")).status).toBe(404);
});

test("a missing required signature has precedence", async () => {
  await using sandbox = await createSandbox({ auth: "require" });
  expect((await sandbox.fetch("/v1/credits", { method: "POST" })).status).toBe(401);
});
