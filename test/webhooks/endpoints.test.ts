import { describe, expect, test } from "vitest";
import { type Sandbox, verifyWebhook } from "../../src/index.ts";
import { inProcessEndpoints } from "../../src/platform/in-process.ts";
import { httpSender, type OutgoingWebhook } from "../../src/platform/sender.ts";
import { createPaidPayment, frozenSandbox } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { gate, startReceiver } from "../support/receiver.ts";

const change = (sandbox: Sandbox, settings: object) =>
  sandbox.fetch(`/_sandbox/worlds/${sandbox.processingAccountId}`, {
    method: "PATCH",
    body: JSON.stringify({ settings }),
  });

describe("an endpoint with a self-signed certificate", () => {
  test("is refused, and the attempt has the reason", async () => {
    const receiver = await startReceiver(undefined, "https");
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const error =
      "the certificate was refused: self-signed certificate " +
      '(the setting webhookTls "accept_any" skips this check)';
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying", attempts: [{ error }] }]);
    expect(receiver.received).toEqual([]);
    await receiver.close();
  });

  test("is accepted by a world with accept_any", async () => {
    const receiver = await startReceiver(undefined, "https");
    await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTls: "accept_any" } });
    const { hmacKey } = sandbox.credentials;
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "delivered" }]);
    expect(receiver.received).toHaveLength(1);
    for (const { signatures, body } of receiver.received) {
      expect(verifyWebhook({ signature: signatures, body, hmacKey, url: receiver.url })).toBe(true);
    }
    await receiver.close();
  });

  test("is checked at each attempt, and an unchecked connection is not reused", async () => {
    const receiver = await startReceiver(undefined, "https");
    await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTls: "accept_any" } });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await change(sandbox, { webhookTls: "verify" });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying" }, { state: "delivered" }]);
    await change(sandbox, { webhookTls: "accept_any" });
    await sandbox.clock.advance("PT2M");
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
    await receiver.close();
  });
});

test.each([
  ["TLSv1.2", "delivered"],
  ["TLSv1.1", "retrying"],
] as const)("for an endpoint that speaks only %s, the notification is %s", async (version, state) => {
  // Such an old version also needs the ciphers of its time.
  const tls = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const receiver = await startReceiver(undefined, "https", tls);
  await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTls: "accept_any" } });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  expect(await notificationsOf(sandbox)).toMatchObject([{ state }]);
  expect(receiver.received).toHaveLength(state === "delivered" ? 1 : 0);
  await receiver.close();
});

test("https to a plain HTTP server has its own error", async () => {
  const receiver = await startReceiver();
  await using sandbox = await frozenSandbox({ webhook: receiver.url.replace("http:", "https:") });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const error = expect.stringMatching(/^the endpoint does not speak TLS: \S/);
  expect(await notificationsOf(sandbox)).toMatchObject([{ attempts: [{ error }] }]);
  await receiver.close();
});

describe("a function as endpoint", () => {
  test("a function URL without a function is an error", async () => {
    let calls = 0;
    await using sandbox = await frozenSandbox({
      webhook: () => {
        calls += 1;
        return new Response();
      },
    });
    await change(sandbox, { webhookUrl: "http://webhook.localhost/7" });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const error = "no function is registered at http://webhook.localhost/7";
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying", attempts: [{ error }] }]);
    expect(calls).toBe(0);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("the shop is broken");
      },
      "the shop is broken",
    ],
    ["rejects", () => Promise.reject(new Error("the shop is broken")), "the shop is broken"],
    ["returns nothing", () => undefined as unknown as Response, "the function returned no Response"],
    ["never answers", () => new Promise<Response>(() => undefined), "no response within 50 ms"],
    [
      "starts an answer and never ends it",
      () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(3)) })),
      "the response, with status 200, did not end within 50 ms",
    ],
  ])("that %s: the attempt has the error", async (_, webhook, error) => {
    await using sandbox = await frozenSandbox({ webhook, settings: { webhookTimeoutMs: 50 } });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "retrying", attempts: [{ error }] }]);
  });

  test("that answers without end is accepted after 4 KiB and cancelled", async () => {
    const stopped = gate();
    const webhook = () =>
      new Response(
        new ReadableStream({
          pull: (body) => body.enqueue(new Uint8Array(1024).fill(120)),
          cancel: stopped.open,
        }),
      );
    await using sandbox = await frozenSandbox({ webhook });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await stopped.opened;
    const answer = { status: 200, body: "x".repeat(4096) };
    expect(await notificationsOf(sandbox)).toMatchObject([{ state: "delivered", attempts: [{ answer }] }]);
  });
});

describe("several functions", () => {
  const post = (url: string): OutgoingWebhook => ({
    url,
    headers: { "x-signature": ["one", "two"] },
    body: "{}",
    tls: "verify",
    timeoutMs: 1000,
    signal: new AbortController().signal,
    lease: "lease 1",
  });
  const named = (name: string) => async (request: Request) =>
    new Response(`${name}: ${await request.text()} ${request.headers.get("x-signature")}`, { status: 201 });

  test("each has its own URL and is called for that URL only", async () => {
    const endpoints = inProcessEndpoints();
    const urls = ["a", "b", "c"].map((name) => endpoints.add(named(name)));
    expect(urls).toEqual(urls.map(() => expect.stringMatching(/^http:\/\/webhook\.localhost\/[\w-]{24}$/)));
    expect(new Set(urls).size).toBe(3);
    const sender = endpoints.sender(httpSender());
    const answers = await Promise.all(urls.map((url) => sender.send(post(url))));
    expect(answers).toMatchObject(
      ["a", "b", "c"].map((name) => ({ answer: { status: 201, body: `${name}: {} one, two` } })),
    );
  });

  test("a removed function is not called, and its URL is not used again", async () => {
    const endpoints = inProcessEndpoints();
    const urls = ["a", "b"].map((name) => endpoints.add(named(name)));
    const [first = "", second = ""] = urls;
    const sender = endpoints.sender(httpSender());
    endpoints.remove(second);
    endpoints.remove("http://webhook.localhost/unknown");
    expect(await sender.send(post(second))).toEqual({ error: `no function is registered at ${second}` });
    expect(await sender.send(post(first))).toMatchObject({ answer: { status: 201 } });
    expect(urls).not.toContain(endpoints.add(named("c")));
  });

  test("requests to other URLs use a socket", async () => {
    const receiver = await startReceiver();
    const endpoints = inProcessEndpoints();
    endpoints.add(named("a"));
    const sender = endpoints.sender(httpSender());
    expect(await sender.send(post(receiver.url))).toMatchObject({ answer: { status: 204, body: "" } });
    expect(receiver.received.map(({ signatures }) => signatures)).toEqual([["one", "two"]]);
    sender.close();
    await receiver.close();
  });
});
