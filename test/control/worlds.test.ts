import { describe, expect, test } from "vitest";
import { type Sandbox, verifyWebhook } from "../../src/index.ts";
import { signWithJose } from "../support/jose-merchant.ts";
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

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const target = (id: string) => `/_sandbox/worlds/${id}`;

async function send(sandbox: Sandbox, method: string, path: string, body?: unknown) {
  return answerOf(await sandbox.fetch(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
}

const defaults = {
  merchantName: "Demo merchant",
  webhookTimeout: "PT30S",
  webhookTls: "verify",
  expiry: "PT30M",
  outcomeDelay: "PT2S",
  refundDelay: "PT2S",
  refundWindow: "P365D",
  amountMax: 50000,
  magicAmounts: true,
  returnDelay: "PT2S",
};

test("settings of a world are returned in the notation of files and requests", async () => {
  await using sandbox = await frozenSandbox();
  expect((await get(sandbox, target(demo))).body).toEqual({ processingAccountId: demo, settings: defaults });
  const own = { settings: { expiry: "P1DT2H3M4.005S", amountMax: 128.5, webhookUrl: "http://localhost:3000/hook" } };
  await post(sandbox, "/_sandbox/worlds", { processingAccountId: account, ...own });
  expect((await get(sandbox, target(account))).body.settings).toEqual({ ...defaults, ...own.settings });
});

describe("an expiry that is not longer than outcomeDelay", () => {
  const warning = (expiry: string, outcomeDelay: string) =>
    `expiry (${expiry}) is not longer than outcomeDelay (${outcomeDelay}): a payment expires before its scenario ` +
    "decides, unless the scenario has its own delay.";

  test.each([
    ["PT2S", undefined, [warning("PT2S", "PT2S")]],
    ["PT1M", "PT1H", [warning("PT1M", "PT1H")]],
    ["PT2.001S", undefined, undefined],
    ["PT1M", "PT59.999S", undefined],
  ])("expiry %s and outcomeDelay %s have the warnings %j", async (expiry, outcomeDelay, warnings) => {
    await using sandbox = await frozenSandbox();
    const settings = { expiry, ...(outcomeDelay === undefined ? {} : { outcomeDelay }) };
    const changed = await send(sandbox, "PATCH", target(demo), { settings });
    expect([changed.status, changed.body.warnings]).toEqual([200, warnings]);
    expect((await get(sandbox, target(demo))).body).toEqual(changed.body);
    await post(sandbox, "/_sandbox/scenarios/next", { scenario: "paid" });
    const { id } = await createPayment(sandbox);
    await sandbox.clock.advance("PT1H");
    const { status } = (await get(sandbox, `/v1/payments/${id}`)).body;
    expect(status).toBe(warnings === undefined ? "captured" : "aborted");
  });

  test("has a warning in a new world, until the expiry is longer", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: account, settings: { outcomeDelay: "PT30M" } });
    expect((await get(sandbox, target(account))).body.warnings).toEqual([warning("PT30M", "PT30M")]);
    const { body } = await send(sandbox, "PATCH", target(account), { settings: { expiry: "PT31M" } });
    expect(Object.keys(body)).toEqual(["processingAccountId", "settings"]);
  });
});

describe("changing settings", () => {
  test("affects only later payments, in that world only", async () => {
    await using sandbox = await frozenSandbox();
    const before = await createPayment(sandbox);
    const changed = await send(sandbox, "PATCH", target(demo), { settings: { expiry: "PT1M", amountMax: 300 } });
    expect([changed.status, changed.body.settings]).toEqual([200, { ...defaults, expiry: "PT1M", amountMax: 300 }]);
    const after = await createPayment(sandbox);
    const elsewhere = await createPayment(sandbox, { account, amount: 400 });
    expect((await post(sandbox, "/v1/payments", paymentRequest({ amount: 400 }))).body.reason.code).toBe(
      "amount_above_maximum",
    );
    await sandbox.clock.advance("PT1M");
    await post(sandbox, "/_sandbox/clock/advance", { processingAccountId: account, by: "PT1M" });
    const statuses = await Promise.all(
      [before, after, elsewhere].map(async (p) => (await get(sandbox, p.trackingUrl)).body.status),
    );
    expect(statuses).toEqual(["pending", "aborted", "pending"]);
  });

  test("of the endpoint also affects later attempts for older notifications, which are signed for it", async () => {
    const old = await startReceiver((response) => response.writeHead(500).end());
    const moved = await startReceiver();
    await using sandbox = await frozenSandbox({ webhook: old.url });
    const { hmacKey } = sandbox.credentials;
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await send(sandbox, "PATCH", target(demo), { settings: { webhookUrl: moved.url } });
    await sandbox.clock.advance("P10D");
    expect([old.received.length, moved.received.length]).toEqual([1, 1]);
    for (const { signatures, body } of moved.received) {
      expect(verifyWebhook({ signature: signatures, body, hmacKey, url: moved.url })).toBe(true);
    }
    await Promise.all([old.close(), moved.close()]);
  });

  test("can remove the endpoint and set it again", async () => {
    let calls = 0;
    await using sandbox = await frozenSandbox({
      webhook: () => {
        calls += 1;
        return new Response(null, { status: calls === 1 ? 500 : 204 });
      },
    });
    const { webhookUrl } = (await get(sandbox, target(demo))).body.settings;
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect((await send(sandbox, "PATCH", target(demo), { settings: { webhookUrl: null } })).body.settings).toEqual(
      defaults,
    );
    await sandbox.clock.advance("P10D");
    const [notification] = (await get(sandbox, "/_sandbox/notifications")).body.data;
    expect([notification.state, notification.nextAttemptTime, calls]).toEqual(["no_endpoint", undefined, 1]);
    await send(sandbox, "PATCH", target(demo), { settings: { webhookUrl } });
    await post(sandbox, `/_sandbox/notifications/${notification.id}/resend`, "");
    await sandbox.settle();
    expect((await get(sandbox, "/_sandbox/notifications")).body.data[0].state).toBe("delivered");
  });

  test("a handle refuses null for a setting with a default, as it refuses other values", async () => {
    await using sandbox = await frozenSandbox();
    await expect(sandbox.change({ expiryMs: null } as never)).rejects.toThrow("expiryMs is null; expected");
  });

  test.each([
    [{ settings: { expiry: "soon" } }, "settings.expiry"],
    [{ settings: { expiryMs: 5 } }, "settings.expiryMs"],
    [{ settings: { expiry: null } }, "settings.expiry"],
    [{ settings: 5 }, "settings"],
    [{}, "settings"],
    [{ settings: {}, clock: "running" }, "clock"],
    [[], ""],
  ])("%j has an error at %j and changes nothing", async (body, path) => {
    await using sandbox = await frozenSandbox();
    const answer = await send(sandbox, "PATCH", target(demo), body);
    expect([answer.status, answer.body.reason.code, answer.body.errors[0].path]).toEqual([
      400,
      "invalid_request",
      path,
    ]);
    expect((await get(sandbox, target(demo))).body.settings).toEqual(defaults);
  });

  test("is undone by a reset", async () => {
    await using sandbox = await frozenSandbox();
    await send(sandbox, "PATCH", target(demo), { settings: { merchantName: "Harbour Coffee" } });
    await post(sandbox, "/_sandbox/reset", {});
    expect((await get(sandbox, target(demo))).body.settings).toEqual(defaults);
  });
});

describe("removing a world", () => {
  test("removes its records, its merchant and the merchant's keys", async () => {
    await using sandbox = await frozenSandbox({ auth: "require" });
    const { body } = await post(sandbox, "/_sandbox/worlds", { processingAccountId: account });
    expect((await send(sandbox, "DELETE", target(account))).status).toBe(200);
    expect((await get(sandbox, target(account))).status).toBe(404);
    const signature = await signWithJose({
      method: "GET",
      target: "/v1/payments",
      kid: body.kid,
      privateKey: body.privateKey,
    });
    expect((await get(sandbox, "/v1/payments", { "X-Signature": signature })).status).toBe(401);
    expect((await post(sandbox, "/_sandbox/worlds", { processingAccountId: account })).status).toBe(201);
  });

  test("keeps a merchant that has another world", async () => {
    await using sandbox = await frozenSandbox();
    const payment = await createPayment(sandbox, { account });
    await send(sandbox, "DELETE", target(account));
    expect((await get(sandbox, payment.trackingUrl)).status).toBe(404);
    expect((await get(sandbox, "/_sandbox/credentials")).body).toEqual(sandbox.credentials);
    const { id } = await createPayment(sandbox, { account });
    expect((await get(sandbox, "/v1/payments")).body.data.map((p: { id: string }) => p.id)).toEqual([id]);
  });

  test("is refused for the demo world and for an unknown world", async () => {
    await using sandbox = await frozenSandbox();
    const refused = await send(sandbox, "DELETE", target(demo));
    expect([refused.status, refused.body.reason.code]).toEqual([409, "action_not_allowed"]);
    expect((await send(sandbox, "DELETE", target(account))).status).toBe(404);
    expect((await send(sandbox, "PATCH", target(account), { settings: {} })).status).toBe(404);
    expect((await get(sandbox, target(account))).status).toBe(404);
  });
});
