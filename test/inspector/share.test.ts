import { describe, expect, test } from "vitest";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { paymentPage, testids, textsOf } from "./reading.ts";

const linkIn = (html: string) => /id="payment-link">([^<]*)</.exec(html)?.[1];

const wrongSignature = `eyJhbGciOiJFUzI1NiJ9..${"A".repeat(86)}`;

describe("the link to a payment", () => {
  test.each([
    [{}, /^http:\/\/127\.0\.0\.1:\d+\/inspector\/payments\//],
    [{ publicUrl: "https://pay.example.com/sandbox" }, /^https:\/\/pay\.example\.com\/sandbox\/inspector\/payments\//],
  ])("is absolute, and leads to its page from any world: %j", async (options, pattern) => {
    await using sandbox = await frozenSandbox(options);
    await sandbox.listen();
    const { processingAccountId: account } = await sandbox.world();
    const { id } = await createPayment(sandbox, { account });
    const link = linkIn(await paymentPage(sandbox, id)) ?? "";
    expect(link).toMatch(pattern);
    expect(link.endsWith(`/inspector/payments/${id}`)).toBe(true);
  });
});

describe("the export of a payment", () => {
  test("as JSON is the response of the control surface, as a file", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const file = await get(sandbox, `/inspector/payments/${id}/export.json`);
    expect(file.body).toEqual((await get(sandbox, `/_sandbox/payments/${id}`)).body);
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="payment-${id}.json"`);
    expect(file.headers.get("cache-control")).toBe("no-store");
  });

  test("as HAR has its requests and webhook attempts, in order, with headers and bodies", async () => {
    await using sandbox = await frozenSandbox({
      webhook: async () => new Response("busy", { status: 503, headers: { "Content-Type": "text/plain" } }),
    });
    const { id } = await createPayment(sandbox);
    const target = `/v1/payments/${id}?x=1&y=%C3%A9`;
    await get(sandbox, target, { "X-Signature": wrongSignature });
    await sandbox.clock.advance("PT1M");
    await sandbox.payments.act(id, "pay");
    await sandbox.settle();
    const part = { merchantReference: "退款", amount: { value: 1, currency: "hkd" } };
    await sandbox.clock.advance("PT1S");
    await post(sandbox, `/v1/payments/${id}/refunds`, part);
    const { headers, body } = await get(sandbox, `/inspector/payments/${id}/export.har`);
    expect(headers.get("content-disposition")).toBe(`attachment; filename="payment-${id}.har"`);
    expect(body.log).toMatchObject({
      version: "1.2",
      creator: { name: "alipay-hk-sandbox", version: expect.any(String) },
    });
    const [created, read, webhook, refund, ...others] = body.log.entries;
    expect(others).toEqual([]);
    expect(created).toMatchObject({
      startedDateTime: "2026-01-05T09:00:00.000Z",
      request: { method: "POST", url: "http://localhost/v1/payments", postData: { mimeType: "application/json" } },
      response: { status: 201, content: { text: expect.stringContaining(id) } },
    });
    expect(read).toMatchObject({
      request: {
        url: `http://localhost${target}`,
        headers: [{ name: "X-Signature", value: wrongSignature }],
        queryString: [
          { name: "x", value: "1" },
          { name: "y", value: "é" },
        ],
        bodySize: 0,
      },
      response: { status: 401 },
      comment: expect.any(String),
    });
    expect(read.request).not.toHaveProperty("postData");
    expect(webhook).toMatchObject({
      startedDateTime: "2026-01-05T09:01:00.000Z",
      request: { method: "POST", postData: { text: expect.stringContaining(id) } },
      response: { status: 503, content: { text: "busy", size: 4 } },
    });
    expect(webhook.request.headers.map(({ name }: { name: string }) => name)).toContain("x-signature");
    const text = JSON.stringify(part);
    expect(refund.request).toMatchObject({ postData: { text }, bodySize: Buffer.byteLength(text) });
    for (const { time, timings, cache, request, response } of body.log.entries) {
      expect([time, cache]).toEqual([timings.send + timings.wait + timings.receive, {}]);
      for (const half of [request, response]) expect(half).toMatchObject({ cookies: [], httpVersion: "HTTP/1.1" });
    }
  });

  test("as HAR says that an attempt had no response", async () => {
    await using sandbox = await frozenSandbox({ webhook: () => Promise.reject(new Error("down")) });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.settle();
    const { entries } = (await get(sandbox, `/inspector/payments/${id}/export.har`)).body.log;
    expect(entries.at(-1)).toMatchObject({ response: { status: 0, content: { text: "" } }, comment: "down" });
  });

  test.each(["json", "har"])("as %s needs a payment and the admin token", async (format) => {
    await using sandbox = await frozenSandbox({ adminToken: "a-secret-of-the-tests" });
    const { id } = await createPayment(sandbox);
    const unknown = await get(sandbox, `/inspector/payments/none/export.${format}`);
    expect([unknown.status, testids(unknown.text)]).toEqual([404, expect.arrayContaining(["not-found"])]);
    const url = await sandbox.listen();
    const refused = await fetch(`${url}/inspector/payments/${id}/export.${format}`);
    expect([refused.status, textsOf(await refused.text(), "sign-in")]).toEqual([401, ["Sign in"]]);
  });
});
