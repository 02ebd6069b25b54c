import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, expect, test } from "vitest";
import type { SignedResponse } from "../../src/http/middleware/sign-response.ts";
import { createSandbox } from "../../src/index.ts";
import { responseComplaints, type SentWebhook, webhookComplaints } from "../support/contract.ts";
import { createPaidPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

const headers = { "content-type": "application/json", "x-signature": "header..signature" };
const payment = {
  id: "27yiW9MgzBtwiodreuNOXk0rtIw",
  merchantReference: "order-1001",
  status: "captured",
  trackingUrl: "/v1/tracks/payments/track",
};
const refusal = { reason: { code: "not_found", description: "There is nothing here." } };

function answer(changes: Partial<Omit<SignedResponse, "body">> & { readonly body?: unknown } = {}): SignedResponse {
  const { body = payment, ...rest } = changes;
  const right = { method: "GET", path: "/v1/tracks/payments/track", status: 200, headers, contract: undefined };
  return { ...right, ...rest, body: JSON.stringify(body) };
}

describe("a response that conforms to the document is accepted", () => {
  test.each([
    ["a payment", answer()],
    ["a refusal", answer({ status: 404, body: refusal })],
    ["HEAD, which has no body", { ...answer({ method: "HEAD" }), body: "" }],
    ["a path that does not exist", answer({ path: "/v1/nothing", status: 404, body: refusal })],
    [
      "a method that the path does not have",
      answer({
        method: "PUT",
        status: 405,
        headers: { ...headers, allow: "GET, HEAD" },
        body: { reason: { ...refusal.reason, code: "method_not_allowed" } },
      }),
    ],
  ])("%s", (_, response) => expect(responseComplaints(response)).toEqual([]));
});

describe("a response that does not conform to the document is reported", () => {
  const code = (name: string) => ({ reason: { ...refusal.reason, code: name } });
  test.each([
    ["an additional member", answer({ body: { ...payment, colour: "teal" } }), '"additionalProperty":"colour"'],
    [
      "an additional nested member",
      answer({ body: { ...payment, reason: { code: "expired", description: "", hint: "" } } }),
      '"additionalProperty":"hint"',
    ],
    ["a missing member", answer({ body: { ...payment, id: undefined } }), '"missingProperty":"id"'],
    ["a payment status that Alipay HK does not use", answer({ body: { ...payment, status: "approved" } }), "/status"],
    ["a malformed id", answer({ body: { ...payment, id: "1" } }), "/id must match"],
    ["an unknown code", answer({ status: 404, body: code("gone") }), "/reason/code"],
    ["a code of the control surface", answer({ status: 404, body: code("clock_busy") }), "/reason/code"],
    ["a code with another status", answer({ status: 404, body: code("invalid_request") }), "with this status"],
    ["an additional member in a refusal", answer({ status: 404, body: { ...refusal, stack: "" } }), '"stack"'],
    ["an undocumented status", answer({ status: 202 }), "202, which is not documented"],
    ["a 409 of an operation without a key", answer({ status: 409, body: refusal }), "409, which is not documented"],
    ["an undocumented path", answer({ path: "/v1/wallets", status: 200 }), "200, which is not documented"],
    ["an undocumented method", answer({ method: "DELETE", status: 204 }), "204, which is not documented"],
    ["another content type", answer({ headers: { ...headers, "content-type": "text/plain" } }), "content type"],
    ["no signature", answer({ headers: { "content-type": "application/json" } }), "x-signature is missing"],
    ["an additional header", answer({ headers: { ...headers, "x-trace": "1" } }), "x-trace is not documented"],
    [
      "an Allow header with methods that the path does not have",
      answer({
        method: "PUT",
        status: 405,
        headers: { ...headers, allow: "GET, POST" },
        body: code("method_not_allowed"),
      }),
      "Allow is GET, POST",
    ],
  ])("%s", (_, response, complaint) => expect(responseComplaints(response).join()).toContain(complaint));
});

describe("webhooks", () => {
  const notification = {
    id: "27yiW9MgzBtwiodreuNOXk0rtIw",
    type: "payment",
    live: false,
    createTime: "2026-01-05T09:00:00.000Z",
    payload: {
      ...payment,
      amount: { value: 200, currency: "hkd" },
      createTime: "2026-01-05T09:00:00.000Z",
      updateTime: "2026-01-05T09:00:00.000Z",
    },
  };
  const sent = (body: object, lines = ["header..signature"]): SentWebhook => ({
    url: "https://merchant.site/",
    headers: { "x-signature": lines },
    body: JSON.stringify(body),
  });

  test("a webhook that conforms to the document is accepted", () => {
    expect(webhookComplaints(sent(notification))).toEqual([]);
  });

  test.each([
    ["an additional member", sent({ ...notification, attempt: 1 }), '"attempt"'],
    ["a payload of the other type", sent({ ...notification, type: "refund" }), '"missingProperty":"paymentId"'],
    ["real money", sent({ ...notification, live: true }), "/live"],
    ["another type", sent({ ...notification, type: "dispute" }), "dispute is not documented"],
    ["no signature", sent(notification, []), "x-signature is missing"],
  ])("%s is reported", (_, webhook, complaint) => expect(webhookComplaints(webhook).join()).toContain(complaint));
});

describe("all tests are checked against the document", () => {
  /** Collects the messages that a channel publishes during a run. */
  async function publishedDuring<T>(name: string, run: () => Promise<unknown>): Promise<T[]> {
    const messages: T[] = [];
    const listen = (message: unknown) => void messages.push(message as T);
    subscribe(name, listen);
    await run().finally(() => unsubscribe(name, listen));
    return messages;
  }

  test("the channels have subscribers", () => {
    expect(channel("alipay-hk-sandbox.response").hasSubscribers).toBe(true);
    expect(channel("alipay-hk-sandbox.webhook").hasSubscribers).toBe(true);
  });

  test("responses and refusals are published in process and over a socket", async () => {
    await using sandbox = await createSandbox();
    const url = await sandbox.listen();
    const answers: string[] = [];
    const messages = await publishedDuring<SignedResponse>("alipay-hk-sandbox.response", async () => {
      answers.push((await post(sandbox, "/v1/payments", paymentRequest())).text);
      answers.push(await (await fetch(`${url}/v1/payments/x?a=b`)).text());
      await get(sandbox, "/_sandbox/health");
    });
    expect(messages.map(({ method, path, status }) => [method, path, status])).toEqual([
      ["POST", "/v1/payments", 201],
      ["GET", "/v1/payments/x", 404],
    ]);
    expect(messages.map(({ body }) => body)).toEqual(answers);
    for (const { headers } of messages) expect(headers["x-signature"]).toMatch(/^[\w-]+\.\.[\w-]+$/);
  });

  test("webhooks are published when they are sent", async () => {
    const arrived: string[] = [];
    const handler = async (request: Request) => {
      arrived.push(await request.text());
      return new Response();
    };
    await using sandbox = await frozenSandbox({ webhook: handler });
    const messages = await publishedDuring<SentWebhook>("alipay-hk-sandbox.webhook", async () => {
      await createPaidPayment(sandbox);
      await sandbox.settle();
    });
    expect(messages.map(({ body }) => body)).toEqual(arrived);
    expect(messages).toHaveLength(1);
  });
});
