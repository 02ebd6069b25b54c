import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { connectSandbox, verifyWebhook } from "../../src/index.ts";
import { withDemoShop } from "../support/demo-shop.ts";
import { paymentRequest } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";
import { onTls, pairFor } from "../support/tls-clients.ts";

const pair = readFileSync(new URL("../../fixtures/keys/self-signed.pem", import.meta.url), "utf8");
const fixture = new URL("../../fixtures/keys/self-signed.pem", import.meta.url).pathname;

describe.each([
  ["a certificate that the sandbox makes", {}],
  ["a certificate from files", { tlsCert: fixture, tlsKey: fixture }],
])("with %s", (_, options) => {
  test("a payment is created, shown, paid and notified over HTTPS, and all URLs are https", async () => {
    const receiver = await startReceiver();
    await using at = await onTls({ ...options, webhook: receiver.url });
    const { send, sandbox, url } = at;
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(sandbox.credentials.baseUrl).toBe(url);
    const body = JSON.stringify(paymentRequest());
    const created = await send("/v1/payments", { method: "POST", body });
    expect(created.status).toBe(201);
    const { id, nextStep } = JSON.parse(created.text);
    const page = nextStep.redirect.url as string;
    expect(page).toMatch(new RegExp(`^${url}/pay/`));
    const shown = await send(page);
    expect([shown.status, shown.text]).toEqual([200, expect.stringContaining("order-1001")]);
    expect(shown.text).not.toContain("http://127");
    const act = await send(`/_sandbox/payments/${id}/actions`, { method: "POST", body: '{ "action": "pay" }' });
    expect(act.status).toBe(200);
    await sandbox.settle();
    expect(JSON.parse((await send(`/v1/payments/${id}`)).text)).toMatchObject({ status: "captured" });
    const [webhook] = receiver.received;
    expect(JSON.parse(webhook?.body ?? "")).toMatchObject({ payload: { id, status: "captured" } });
    const { hmacKey } = sandbox.credentials;
    const received = { signature: webhook?.signatures ?? [], body: webhook?.body ?? "", hmacKey, url: receiver.url };
    expect(verifyWebhook(received)).toBe(true);
    await receiver.close();
  });

  test("the documents and the inspector name the https address", async () => {
    await using at = await onTls(options);
    for (const target of ["/docs", "/"]) {
      const { status, text } = await at.send(target);
      expect([target, status, text.includes(`http://127.0.0.1:${at.port}`)]).toEqual([target, 200, false]);
    }
    expect(JSON.parse((await at.send("/openapi.json")).text)).toMatchObject({ servers: [{ url: at.url }] });
  });

  test("an order of the demo shop is paid, notified and refunded", () =>
    withDemoShop(
      { ...options, ...(Object.keys(options).length === 0 ? { tls: "self-signed" } : {}) },
      async ({ url, buy, act, order, visit, settle, advance }) => {
        expect(url).toMatch(/^https:/);
        const { number, page } = await buy("beans");
        expect((await visit(page)).status).toBe(200);
        await act(number, "pay");
        const paid = await order(number);
        expect(paid.state).toBe("paid");
        expect(paid.entries).toContainEqual(expect.stringMatching(/webhook/i));
        await visit(`/demo/orders/${number}/refunds`, { attempt: "1", what: "all" });
        await advance("PT1M");
        await settle();
        expect((await order(number)).refunds).toEqual([expect.stringMatching(/refunded$/)]);
      },
    ));
});

test("the demo shop also works with a certificate that does not name the address of this machine", () =>
  withDemoShop({ ...pairFor("127.0.0.1"), publicUrl: "https://sandbox.example.com" }, async ({ buy, act, order }) => {
    const { number } = await buy("beans");
    await act(number, "pay");
    expect((await order(number)).state).toBe("paid");
  }));

describe("the client of the library", () => {
  test("connects with the CA, opens worlds and gets their webhooks", async () => {
    await using at = await onTls();
    await using client = await connectSandbox(at.url, { ca: at.ca });
    const received: string[] = [];
    await using world = await client.world({
      webhook: async (request) => {
        received.push(((await request.json()) as { payload: { status: string } }).payload.status);
        return new Response(null, { status: 204 });
      },
    });
    const body = paymentRequest({ account: world.processingAccountId });
    const { id } = (await (await world.request("POST", "/v1/payments", body)).json()) as { id: string };
    await world.payments.act(id, "pay");
    await world.settle();
    expect(received).toEqual(["captured"]);
    const missing = await world.fetch("/nothing", { method: "HEAD" });
    expect([missing.status, await missing.text()]).toEqual([404, ""]);
  });

  test.each([
    ["without the CA", undefined],
    ["with another CA", pair],
  ])("rejects %s", async (_, ca) => {
    await using at = await onTls();
    await expect(connectSandbox(at.url, { ca })).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(
        /^No sandbox answers at https:.*; name its CA: --ca FILE of a command, the option ca/,
      ),
    });
  });
});

test("a session of the inspector has a cookie that is only sent over HTTPS, whatever the host is called", async () => {
  const adminToken = "a secret of at least sixteen".replaceAll(" ", "-");
  await using at = await onTls({ adminToken });
  for (const host of ["127.0.0.1", "localhost"]) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = `token=${adminToken}`;
    const target = `https://${host}:${at.port}/inspector/sign-in`;
    const { status, headers: lines } = await at.send(target, { method: "POST", headers, body });
    expect(status).toBe(303);
    expect(lines["set-cookie"]).toEqual([expect.stringMatching(/^sandbox_session_\d+=.*; Secure/)]);
  }
});
