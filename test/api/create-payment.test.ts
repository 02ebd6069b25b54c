import { describe, expect, test } from "vitest";
import { withSandbox } from "../../src/index.ts";
import { frozenSandbox, get, paymentRequest, post, seedExchange } from "../support/merchant.ts";

test("the exact bytes of the provider's example request get the provider's example response", () =>
  withSandbox({}, async (sandbox) => {
    const { method, target, body } = seedExchange.request;
    const response = await sandbox.fetch(target, { method, body });
    const answer = (await response.json()) as Record<string, unknown>;
    const example = JSON.parse(seedExchange.response.body) as Record<string, unknown>;

    expect(response.status).toBe(201);
    expect(Object.keys(answer)).toEqual(Object.keys(example));
    expect(answer).toEqual({
      ...example,
      id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
      trackingUrl: expect.stringMatching(/^\/v1\/tracks\/payments\/[\w-]{24}$/),
      nextStep: {
        type: "redirect",
        redirect: { method: "get", url: expect.stringMatching(/^http:\/\/localhost\/pay\/[\w-]{24}$/) },
      },
    });
    const example2 = example as { nextStep: { redirect: object } };
    expect(Object.keys(answer.nextStep as object)).toEqual(Object.keys(example2.nextStep));
    expect(Object.keys((answer.nextStep as { redirect: object }).redirect)).toEqual(
      Object.keys(example2.nextStep.redirect),
    );
  }));

/** The example request with one member changed; `undefined` removes it. */
function withMember(path: string, value: unknown): object {
  const request = paymentRequest();
  const names = path.split(".");
  const last = names.pop() ?? "";
  const holder = names.reduce<Record<string, unknown>>(
    (object, name) => object[name] as Record<string, unknown>,
    request,
  );
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return request;
}

const reference255 = "r".repeat(255);
const returnUrl = "paymentMethod.alipayHk.returnUrl";
const flowType = "paymentMethod.alipayHk.flowType";

describe("accepts valid values of each member", () => {
  test.each([
    ["processingAccountId", "0ujtsYcgvSTl8PAuAdqWYSMnLOv"],
    ["processingAccountId", "aWgEPTl1tmebfsQzFP4bxwgy80V"],
    ["merchantReference", "r"],
    ["merchantReference", reference255],
    ["merchantReference", "訂單 1001 🧾"],
    ["merchantReference", "🧾".repeat(255)],
    ["amount.value", 0.1],
    ["amount.value", 0.29],
    ["amount.value", 128.5],
    ["amount.value", 50000],
    ["amount.currency", "hkd"],
    ["paymentMethod.type", "alipay_hk"],
    [returnUrl, "http://localhost:3000/back"],
    [returnUrl, "HTTPS://merchant.site/a?b=c&d=%20#e"],
    [returnUrl, "https://merchant.site/訂單"],
    [returnUrl, "https://merchant.site/?mail=a@b.hk"],
    [flowType, "qr_link"],
    [flowType, "mobile_redirect"],
  ])("%s: %j", (path, value) =>
    withSandbox({}, async (sandbox) => {
      expect((await post(sandbox, "/v1/payments", withMember(path, value))).status).toBe(201);
    }),
  );
});

describe("refuses invalid values of each member with a code and a path", () => {
  const invalid = "invalid_request";
  test.each([
    ["processingAccountId", undefined, invalid],
    ["processingAccountId", 1, invalid],
    ["processingAccountId", "", invalid],
    ["processingAccountId", "2HdN2jq6XWmlkhqRC2gDTNYCvN", invalid],
    ["processingAccountId", "2HdN2jq6XWmlkhqRC2gDTNYCvN-", invalid],
    ["processingAccountId", "zzzzzzzzzzzzzzzzzzzzzzzzzzz", invalid],
    ["merchantReference", undefined, invalid],
    ["merchantReference", null, invalid],
    ["merchantReference", "", invalid],
    ["merchantReference", `${reference255}r`, invalid],
    ["merchantReference", "line\nbreak", invalid],
    ["merchantReference", "\u0000", invalid],
    ["amount", undefined, invalid],
    ["amount", [200, "hkd"], invalid],
    ["amount.value", undefined, invalid],
    ["amount.value", "200", invalid],
    ["amount.value", null, invalid],
    ["amount.value", 0.123, invalid],
    ["amount.value", 0.1 + 0.2, invalid],
    ["amount.value", 0.09, "amount_below_minimum"],
    ["amount.value", 0, "amount_below_minimum"],
    ["amount.value", -200, "amount_below_minimum"],
    ["amount.value", 50000.01, "amount_above_maximum"],
    ["amount.value", 1e21, "amount_above_maximum"],
    ["amount.value", 1e300, "amount_above_maximum"],
    ["amount.value", Number.MAX_VALUE, "amount_above_maximum"],
    ["amount.value", -1e21, "amount_below_minimum"],
    ["amount.currency", undefined, invalid],
    ["amount.currency", 344, invalid],
    ["amount.currency", "HKD", "unsupported_currency"],
    ["amount.currency", "cny", "unsupported_currency"],
    ["paymentMethod", undefined, invalid],
    ["paymentMethod", "alipay_hk", invalid],
    ["paymentMethod.type", undefined, invalid],
    ["paymentMethod.type", {}, invalid],
    ["paymentMethod.type", "alipay_cn", "unsupported_payment_method"],
    ["paymentMethod.alipayHk", undefined, invalid],
    ["paymentMethod.alipayHk", null, invalid],
    [returnUrl, undefined, invalid],
    [returnUrl, 7, invalid],
    [returnUrl, "", invalid],
    [returnUrl, "/complete-payment", invalid],
    [returnUrl, "ftp://merchant.site/", invalid],
    [returnUrl, "javascript:alert(1)", invalid],
    [returnUrl, "https:merchant.site", invalid],
    [returnUrl, "https://", invalid],
    [returnUrl, "https://merchant.site/a b", invalid],
    [returnUrl, "https://merchant.site/a\tb", invalid],
    [returnUrl, "https://user:secret@merchant.site/", invalid],
    [returnUrl, "https://@merchant.site/", invalid],
    [flowType, undefined, invalid],
    [flowType, "QR_LINK", invalid],
    [flowType, true, invalid],
  ])("%s: %j is %s", (path, value, code) =>
    withSandbox({}, async (sandbox) => {
      const { status, body } = await post(sandbox, "/v1/payments", withMember(path, value));
      expect(status).toBe(400);
      expect(body.reason).toEqual({ code, description: expect.any(String) });
      expect(body.errors).toEqual([{ path, code, description: expect.any(String) }]);
    }),
  );
});

test("lists all errors, and takes the code from the error with the highest precedence", () =>
  withSandbox({}, async (sandbox) => {
    const body = { ...paymentRequest({ amount: 0.01 }), merchantReference: 5 };
    const answer = await post(sandbox, "/v1/payments", { ...body, amount: { value: 0.01, currency: "usd" } });
    expect(answer.body.reason.code).toBe("invalid_request");
    expect(answer.body.errors.map(({ path, code }: { path: string; code: string }) => [path, code])).toEqual([
      ["merchantReference", "invalid_request"],
      ["amount.value", "amount_below_minimum"],
      ["amount.currency", "unsupported_currency"],
    ]);
  }));

test("refuses another payment method without errors about the members of alipay_hk", () =>
  withSandbox({}, async (sandbox) => {
    const request = { ...paymentRequest(), paymentMethod: { type: "card", card: {} } };
    const { body } = await post(sandbox, "/v1/payments", request);
    expect(body.errors).toEqual([
      { path: "paymentMethod.type", code: "unsupported_payment_method", description: expect.any(String) },
    ]);
  }));

test.each([
  ["nothing", ""],
  ["not JSON", "{"],
  ["an array", "[]"],
  ["a string", '"payment"'],
  ["null", "null"],
])("refuses a body that is %s, with an empty path", (_, text) =>
  withSandbox({}, async (sandbox) => {
    const { status, body } = await post(sandbox, "/v1/payments", text);
    expect([status, body.reason.code]).toEqual([400, "invalid_request"]);
    expect(body.errors).toEqual([{ path: "", code: "invalid_request", description: expect.any(String) }]);
  }),
);

test("refuses a body that is not UTF-8", () =>
  withSandbox({}, async (sandbox) => {
    const response = await sandbox.fetch("/v1/payments", { method: "POST", body: new Uint8Array([0x7b, 0xff, 0x7d]) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ path: "", description: "The body is not UTF-8." }] });
  }));

test("ignores unknown members, query parameters and the content type, and uses the last duplicate member", () =>
  withSandbox({}, async (sandbox) => {
    const text = JSON.stringify({ ...paymentRequest(), colour: "teal" }).replace("{", '{"merchantReference":"first",');
    const answer = await post(sandbox, "/v1/payments?colour=teal", text, { "Content-Type": "text/plain" });
    expect([answer.status, answer.body.merchantReference]).toEqual([201, "order-1001"]);
  }));

test("accepts a body of 64 KiB and refuses one more byte", () =>
  withSandbox({}, async (sandbox) => {
    const text = JSON.stringify(paymentRequest());
    expect((await post(sandbox, "/v1/payments", text.padEnd(64 * 1024))).status).toBe(201);
    const { status, body } = await post(sandbox, "/v1/payments", text.padEnd(64 * 1024 + 1));
    expect([status, body.reason.code]).toEqual([413, "payload_too_large"]);
  }));

test("the first payment of an unknown account creates a world only if accounts are open", async () => {
  const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
  await withSandbox({}, async (sandbox) => {
    expect((await get(sandbox, `/_sandbox/clock?processingAccountId=${account}`)).status).toBe(404);
    expect((await post(sandbox, "/v1/payments", paymentRequest({ account }))).status).toBe(201);
    expect((await get(sandbox, `/_sandbox/clock?processingAccountId=${account}`)).status).toBe(200);
  });
  await withSandbox({ accounts: "listed" }, async (sandbox) => {
    const { status, body } = await post(sandbox, "/v1/payments", paymentRequest({ account }));
    expect([status, body.reason.code]).toEqual([400, "unknown_processing_account"]);
    expect(body.errors[0].path).toBe("processingAccountId");
    expect((await post(sandbox, "/v1/payments", paymentRequest())).status).toBe(201);
  });
});

test("a refused payment creates no world", () =>
  withSandbox({}, async (sandbox) => {
    const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
    await post(sandbox, "/v1/payments", paymentRequest({ account, amount: 60000 }));
    expect((await get(sandbox, `/_sandbox/clock?processingAccountId=${account}`)).status).toBe(404);
  }));

test("ids sort by the world's time, and each payment has its own id, track and page", async () => {
  await using sandbox = await frozenSandbox();
  const first = (await post(sandbox, "/v1/payments", paymentRequest())).body;
  await sandbox.clock.advance("PT1S");
  const second = (await post(sandbox, "/v1/payments", paymentRequest())).body;
  expect(first.id < second.id).toBe(true);
  expect(first.trackingUrl).not.toBe(second.trackingUrl);
  expect(first.nextStep.redirect.url).not.toBe(second.nextStep.redirect.url);
});
