import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const key = "order-1001-a";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const create = `/v1/payments?idempotencyKey=${key}`;

test("a hundred equal concurrent requests create one payment and get equal answers", async () => {
  await using sandbox = await frozenSandbox();
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(sandbox, create, paymentRequest())));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(201);
  expect((await get(sandbox, "/v1/payments")).body.data).toHaveLength(1);
});

test("a hundred equal concurrent refund requests create one refund", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPaidPayment(sandbox);
  const refund = () => post(sandbox, `/v1/payments/${id}/refunds?idempotencyKey=${key}`, { merchantReference: "r" });
  const answers = await Promise.all(Array.from({ length: 100 }, refund));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(201);
});

test("a replay returns the stored answer after the payment has changed", async () => {
  await using sandbox = await frozenSandbox();
  const first = await post(sandbox, create, paymentRequest());
  await sandbox.payments.act(first.body.id, "pay");
  const again = await post(sandbox, create, paymentRequest());
  expect([again.status, again.text]).toEqual([201, first.text]);
  expect((await get(sandbox, first.body.trackingUrl)).body.status).toBe("captured");
});

test("equal requests without a key create separate payments", async () => {
  await using sandbox = await frozenSandbox();
  const ids = [
    await post(sandbox, "/v1/payments", paymentRequest()),
    await post(sandbox, "/v1/payments", paymentRequest()),
  ];
  expect(new Set(ids.map(({ body }) => body.id)).size).toBe(2);
});

describe("a request with a used key", () => {
  test.each([
    [
      "members in another order, and other blanks",
      201,
      JSON.stringify(Object.fromEntries(Object.entries(paymentRequest()).reverse()), null, 4),
    ],
    ["200 written as 2e2", 201, JSON.stringify(paymentRequest()).replace("200", "2e2")],
    ["another amount", 409, JSON.stringify(paymentRequest({ amount: 201 }))],
    ["another flow", 409, JSON.stringify(paymentRequest({ flowType: "mobile_redirect" }))],
    ["an additional unknown member", 409, JSON.stringify({ ...paymentRequest(), colour: "teal" })],
  ])("%s: %i", async (_, status, body) => {
    await using sandbox = await frozenSandbox();
    const first = await post(sandbox, create, paymentRequest());
    const answer = await post(sandbox, create, body);
    expect(answer.status).toBe(status);
    if (status === 201) expect(answer.text).toBe(first.text);
    else expect(answer.body).toEqual({ reason: { code: "idempotency_key_conflict", description: expect.any(String) } });
    expect((await get(sandbox, "/v1/payments")).body.data).toHaveLength(1);
  });

  test("ignores other query parameters", async () => {
    await using sandbox = await frozenSandbox();
    const first = await post(sandbox, create, paymentRequest());
    expect((await post(sandbox, `${create}&colour=teal`, paymentRequest())).text).toBe(first.text);
  });

  test("a refund key cannot be used for a refund of another payment", async () => {
    await using sandbox = await frozenSandbox();
    const [one, other] = [await createPaidPayment(sandbox), await createPaidPayment(sandbox)];
    const refund = (id: string) =>
      post(sandbox, `/v1/payments/${id}/refunds?idempotencyKey=${key}`, { merchantReference: "r" });
    expect((await refund(one.id)).status).toBe(201);
    expect((await refund(other.id)).body.reason.code).toBe("idempotency_key_conflict");
  });
});

describe("the same key can be used", () => {
  test("in each world", async () => {
    await using sandbox = await frozenSandbox();
    const here = await post(sandbox, create, paymentRequest());
    const there = await post(sandbox, create, paymentRequest({ account }));
    expect([here.status, there.status]).toEqual([201, 201]);
    expect(here.body.id).not.toBe(there.body.id);
  });

  test("for a payment and for a refund", async () => {
    await using sandbox = await frozenSandbox();
    const { body } = await post(sandbox, create, paymentRequest());
    await sandbox.payments.act(body.id, "pay");
    const refund = await post(sandbox, `/v1/payments/${body.id}/refunds?idempotencyKey=${key}`, {
      merchantReference: "r",
    });
    expect(refund.status).toBe(201);
  });
});

describe("a refused request does not use its key", () => {
  test("for a payment", async () => {
    await using sandbox = await frozenSandbox();
    expect((await post(sandbox, create, paymentRequest({ amount: 60_000 }))).status).toBe(400);
    expect((await get(sandbox, `/v1/requests/payments?idempotencyKey=${key}`)).status).toBe(404);
    expect((await post(sandbox, create, paymentRequest())).status).toBe(201);
  });

  test("for a refund", async () => {
    await using sandbox = await frozenSandbox();
    const payment = await post(sandbox, "/v1/payments", paymentRequest());
    const target = `/v1/payments/${payment.body.id}/refunds?idempotencyKey=${key}`;
    expect((await post(sandbox, target, { merchantReference: "r" })).body.reason.code).toBe("payment_not_refundable");
    await sandbox.payments.act(payment.body.id, "pay");
    expect((await post(sandbox, target, { merchantReference: "r" })).status).toBe(201);
  });
});

test("a key expires after exactly one week of the world's time", async () => {
  await using sandbox = await frozenSandbox();
  const first = await post(sandbox, create, paymentRequest());
  await sandbox.clock.advance("P6DT23H59M59.999S");
  expect((await post(sandbox, create, paymentRequest())).text).toBe(first.text);
  await sandbox.clock.advance("PT0.001S");
  expect((await get(sandbox, `/v1/requests/payments?idempotencyKey=${key}`)).status).toBe(404);
  const second = await post(sandbox, create, paymentRequest({ amount: 5 }));
  expect(second.status).toBe(201);
  expect((await post(sandbox, create, paymentRequest({ amount: 5 }))).text).toBe(second.text);
});

describe("the length of a key", () => {
  test.each([
    ["1234567", 400],
    ["12345678", 201],
    ["x".repeat(50), 201],
    ["x".repeat(51), 400],
    ["", 400],
    ["%E8%A8%82%E5%96%AE12345", 400],
    ["%E8%A8%82%E5%96%AE123456", 201],
  ])("%s: %i", async (text, status) => {
    await using sandbox = await frozenSandbox();
    const answer = await post(sandbox, `/v1/payments?idempotencyKey=${text}`, paymentRequest());
    expect(answer.status).toBe(status);
    if (status === 201) return;
    expect(answer.body.reason.code).toBe("invalid_request");
    expect(answer.body.errors).toEqual([
      { path: "idempotencyKey", code: "invalid_request", description: "idempotencyKey must have 8 to 50 characters." },
    ]);
  });

  test("errors in the key and in the body are returned together", async () => {
    await using sandbox = await frozenSandbox();
    const { body } = await post(sandbox, "/v1/payments?idempotencyKey=short", paymentRequest({ amount: 0.01 }));
    expect(body.reason.code).toBe("invalid_request");
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(["idempotencyKey", "amount.value"]);
  });
});

describe("the lookup of a request by its key", () => {
  test("returns the stored answer, not the current status", async () => {
    await using sandbox = await frozenSandbox();
    const first = await post(sandbox, create, paymentRequest());
    await sandbox.payments.act(first.body.id, "pay");
    const refund = await post(sandbox, `/v1/payments/${first.body.id}/refunds?idempotencyKey=refund-key`, {
      merchantReference: "r",
    });
    await sandbox.clock.advance("PT2S");
    const found = await get(sandbox, `/v1/requests/payments?idempotencyKey=${key}`);
    expect([found.status, found.text]).toEqual([200, first.text]);
    expect((await get(sandbox, "/v1/requests/refunds?idempotencyKey=refund-key")).text).toBe(refund.text);
    expect((await get(sandbox, "/v1/requests/payments?idempotencyKey=refund-key")).status).toBe(404);
  });

  test("uses the world of the account, or the newest request in the merchant's worlds", async () => {
    await using sandbox = await frozenSandbox();
    const here = await post(sandbox, create, paymentRequest());
    const there = await post(sandbox, create, paymentRequest({ account }));
    const find = async (query = "") => (await get(sandbox, `/v1/requests/payments?idempotencyKey=${key}${query}`)).text;
    expect(await find()).toBe(there.text);
    expect(await find(`&processingAccountId=${account}`)).toBe(there.text);
    expect(await find("&processingAccountId=2HdN2jq6XWmlkhqRC2gDTNYCvNH")).toBe(here.text);
  });

  test.each([
    ["", "idempotencyKey"],
    ["?idempotencyKey=short", "idempotencyKey"],
    [`?idempotencyKey=${key}&processingAccountId=x`, "processingAccountId"],
  ])("/v1/requests/payments%s has an error at %s", async (query, path) => {
    await using sandbox = await frozenSandbox();
    const { status, body } = await get(sandbox, `/v1/requests/payments${query}`);
    expect([status, body.reason.code, body.errors[0].path]).toEqual([400, "invalid_request", path]);
  });
});

test("a key conflict has precedence over the state of the payment", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPaidPayment(sandbox);
  const target = `/v1/payments/${id}/refunds?idempotencyKey=${key}`;
  await post(sandbox, target, { merchantReference: "r" });
  const answer = await post(sandbox, target, { merchantReference: "r", amount: { value: 9999, currency: "hkd" } });
  expect([answer.status, answer.body.reason.code]).toEqual([409, "idempotency_key_conflict"]);
});

test("a key can be used again after a reset", async () => {
  await using sandbox = await frozenSandbox();
  await post(sandbox, create, paymentRequest());
  await sandbox.reset();
  expect((await post(sandbox, create, paymentRequest({ amount: 5 }))).status).toBe(201);
});

describe("a key in the wrong place has no effect, as the diagnosis of the 201 says", () => {
  const places: readonly (readonly [place: string, query: string, headers: Record<string, string>])[] = [
    ["header Idempotency-Key", "", { "Idempotency-Key": key }],
    ["header Idempotency-Key", "", { "idempotency-key": key }],
    ["header X-Idempotency-Key", "", { "X-Idempotency-Key": key }],
    ["header IdempotencyKey", "", { IdempotencyKey: key }],
    ["query parameter idempotency_key", `?idempotency_key=${key}`, {}],
    ["query parameter idempotencykey", `?idempotencykey=${key}`, {}],
    ["query parameter idempotency-key", `?a=b&idempotency-key=${key}`, {}],
    ["query parameter IdempotencyKey", `?IdempotencyKey=${key}`, {}],
  ];
  const adviceOn = (place: string) =>
    `The ${place} has no effect, so a repetition of this request creates another one: send the key as the query ` +
    "parameter idempotencyKey.";
  const diagnosisOf = ({ headers }: { readonly headers: Headers }) => headers.get("X-Sandbox-Diagnosis");

  test.each(places)("%s (%s %o)", async (place, query, headers) => {
    await using sandbox = await frozenSandbox({ auth: "off" });
    await using listening = await frozenSandbox({ auth: "off" });
    const url = await listening.listen();
    const send = (target: string, body: object) => post(sandbox, target, body, headers);
    const overSocket = (target: string, body: object) =>
      fetch(url + target, { method: "POST", body: JSON.stringify(body), headers });
    const first = await send(`/v1/payments${query}`, paymentRequest());
    const second = await send(`/v1/payments${query}`, paymentRequest());
    expect([first.status, second.status, second.body.id === first.body.id]).toEqual([201, 201, false]);
    for (const answer of [first, second, await overSocket(`/v1/payments${query}`, paymentRequest())]) {
      expect(diagnosisOf(answer)).toBe(adviceOn(place));
    }
    await sandbox.payments.act(first.body.id, "pay");
    const refund = await send(`/v1/payments/${first.body.id}/refunds${query}`, { merchantReference: "r" });
    expect([refund.status, diagnosisOf(refund)]).toEqual([201, adviceOn(place)]);
    const logged = (await get(sandbox, "/_sandbox/requests")).body.data;
    expect(logged.map(({ diagnosis }: { diagnosis: string }) => diagnosis)).toEqual(Array(3).fill(adviceOn(place)));
  });

  test("together with the note on an unsigned request", async () => {
    await using sandbox = await frozenSandbox();
    const answer = await post(sandbox, "/v1/payments", paymentRequest(), { "Idempotency-Key": key });
    expect(diagnosisOf(answer)).toBe(
      `${adviceOn("header Idempotency-Key")} Also unsigned: the provider would answer 401.`,
    );
  });

  test("in the inspector too", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/v1/payments", paymentRequest(), { "Idempotency-Key": key });
    const page = await get(sandbox, "/inspector/requests?requests=all");
    expect(page.text).toContain("The header Idempotency-Key has no effect");
  });

  test("but not if the key is in the right place too", async () => {
    await using sandbox = await frozenSandbox({ auth: "off" });
    const target = `/v1/payments?idempotency_key=other&idempotencyKey=${key}`;
    const answer = await post(sandbox, target, paymentRequest(), { "Idempotency-Key": key });
    expect([answer.status, diagnosisOf(answer)]).toEqual([201, null]);
  });

  test.each([
    ["a creation that is refused", (sandbox: Sandbox) => post(sandbox, "/v1/payments", {}, { "Idempotency-Key": key })],
    ["a read", (sandbox: Sandbox) => get(sandbox, `/v1/payments?idempotency_key=${key}`, { "Idempotency-Key": key })],
    ["a creation without a key", (sandbox: Sandbox) => post(sandbox, "/v1/payments?key=x", paymentRequest())],
  ])("nor for %s", async (_name, send) => {
    await using sandbox = await frozenSandbox({ auth: "off" });
    expect(diagnosisOf(await send(sandbox))).toBeNull();
  });
});
