import { describe, expect, test } from "vitest";
import { createSandbox, type SandboxOptions, signRequest, verifyResponse, withSandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, get, paymentRequest, post } from "../support/merchant.ts";

test("two sandboxes in one process share nothing", async () => {
  await using one = await createSandbox();
  await using other = await createSandbox();
  const { trackingUrl } = await createPayment(one);
  expect((await get(one, trackingUrl)).status).toBe(200);
  expect((await get(other, trackingUrl)).status).toBe(404);
});

test("withSandbox returns the function's result, and closes the sandbox even if it throws", async () => {
  expect(await withSandbox({}, async ({ credentials }) => credentials.kid)).toMatch(/^[0-9A-Za-z]{27}$/);
  let url = "";
  const failing = withSandbox({}, async (sandbox) => {
    url = await sandbox.listen();
    throw new Error("the test failed");
  });
  await expect(failing).rejects.toThrow("the test failed");
  await expect(fetch(url)).rejects.toThrow();
});

test("a sandbox listens once, on any free port, and answers there and in process", async () => {
  await using sandbox = await createSandbox();
  const url = await sandbox.listen({ port: 0 });
  expect(sandbox.credentials.baseUrl).toBe(url);
  await expect(sandbox.listen()).rejects.toThrow("listens already");
  expect((await fetch(`${url}/_sandbox/health`)).status).toBe(200);
  expect((await sandbox.fetch(new Request(`${url}/_sandbox/health`))).status).toBe(200);
  expect((await sandbox.fetch(new URL(`${url}/_sandbox/health`))).status).toBe(200);
});

test("of two concurrent calls of listen one succeeds, and none after closing", async () => {
  const sandbox = await createSandbox();
  const asked = await Promise.allSettled([sandbox.listen(), sandbox.listen()]);
  expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  await sandbox.close();
  await expect(sandbox.listen()).rejects.toThrow("The sandbox is closed.");
});

test("the maximum of an amount is given in HKD", async () => {
  await using sandbox = await createSandbox({ settings: { amountMax: 300 } });
  const create = (amount: number) => post(sandbox, "/v1/payments", paymentRequest({ amount }));
  expect((await create(300)).status).toBe(201);
  expect((await create(300.01)).body.reason.description).toBe("The amount is above the maximum, HKD 300.00.");
});

test("a sandbox can be closed more than once", async () => {
  const sandbox = await createSandbox();
  const url = await sandbox.listen();
  await Promise.all([sandbox.close(), sandbox.close()]);
  await sandbox.close();
  await expect(fetch(url)).rejects.toThrow();
});

test("signRequest creates the required signature, and verifyResponse accepts that of the response", async () => {
  await using sandbox = await createSandbox({ auth: "require" });
  const { kid, privateKey, hmacKey } = sandbox.credentials;
  const body = JSON.stringify(paymentRequest());
  const signature = signRequest({ method: "POST", target: "/v1/payments", body, kid, privateKey });
  const answer = await sandbox.fetch("/v1/payments", { method: "POST", body, headers: { "X-Signature": signature } });
  const text = await answer.text();
  expect(answer.status).toBe(201);
  expect(verifyResponse({ signature: answer.headers.get("X-Signature"), body: text, hmacKey })).toBe(true);
  expect(verifyResponse({ signature: answer.headers.get("X-Signature"), body: text, hmacKey: ["old", hmacKey] })).toBe(
    true,
  );
  expect(verifyResponse({ signature: answer.headers.get("X-Signature"), body: `${text} `, hmacKey })).toBe(false);
  expect(verifyResponse({ signature: null, body: text, hmacKey })).toBe(false);
});

describe("a wrong option is refused with its name", () => {
  test.each<[object, string]>([
    [{ auth: "maybe" }, 'The option auth is "maybe"; expected verify, require or off.'],
    [{ colour: "teal" }, "The option colour is unknown"],
    [{ clock: "noon" }, "The option clock"],
    [{ webhook: "not a url" }, "The option webhookUrl"],
    [{ webhookUrl: "http://localhost/" }, "The option webhookUrl is unknown"],
    [{ port: 5 }, "The option port is unknown"],
    [{ toString: "x" }, "The option toString is unknown"],
    [{ publicUrl: "https://sandbox.example.com/a//b" }, "The option publicUrl"],
    [{ publicUrl: "https://sandbox.example.com/a/../b" }, "The option publicUrl"],
    [{ publicUrl: "https://sandbox.example.com/a;b" }, "The option publicUrl"],
    [{ publicUrl: 'https://sandbox.example.com/"' }, "The option publicUrl"],
    [{ publicUrl: "https://sandbox.example.com?q=1" }, "The option publicUrl"],
    [{ settings: { webhookUrl: "nope" } }, 'The setting webhookUrl is "nope"; expected an http or https URL'],
    [{ settings: { webhookTimeoutMs: 2 ** 31 } }, "The setting webhookTimeoutMs is 2147483648"],
    [{ settings: { amountMax: 0.05 } }, "The setting amountMax is 0.05; expected an amount in HKD"],
    [{ settings: { expiry: 5 } }, "The setting expiry is unknown; expected one of merchantName"],
    [{ settings: { expiryMs: -1 } }, "The setting expiryMs is -1; expected a whole number of milliseconds"],
    [{ settings: { merchantName: 5 } }, "The setting merchantName is 5; expected a text"],
  ])("%j", async (options, sentence) => {
    const refused = createSandbox(options as SandboxOptions);
    await expect(refused).rejects.toMatchObject({ name: "ConfigError" });
    await expect(refused).rejects.toThrow(sentence);
  });
});

test("a world can have its own webhook function until it is removed", async () => {
  const received: string[] = [];
  const receive = (name: string) => (request: Request) => {
    received.push(`${name} ${new URL(request.url).origin}`);
    return new Response();
  };
  await using sandbox = await createSandbox({ clock: "2026-01-05T09:00:00Z", webhook: receive("sandbox") });
  const [one, other, third] = [
    await sandbox.world({ webhook: receive("one") }),
    await sandbox.world({ webhook: receive("other") }),
    await sandbox.world(),
  ];
  const { webhookUrl } = await one.settings();
  for (const world of [one, other, third, sandbox]) {
    await createPaidPayment(world, { account: world.processingAccountId });
    await world.settle();
  }
  const origin = "http://webhook.localhost";
  expect(received).toEqual([`one ${origin}`, `other ${origin}`, `sandbox ${origin}`, `sandbox ${origin}`]);
  await one.reset();
  expect(await one.settings()).toMatchObject({ webhookUrl });
  await one.remove();
  await third.change({ webhookUrl: webhookUrl as string });
  await createPaidPayment(third, { account: third.processingAccountId });
  await third.settle();
  expect(received).toHaveLength(4);
  const { data } = await third.notifications.list({ limit: 1 });
  expect(data).toMatchObject([{ state: "retrying", attempts: [{ error: expect.stringContaining(`${webhookUrl}`) }] }]);
});

test("the webhook function of a world that could not be opened is discarded", async () => {
  await using sandbox = await createSandbox();
  const webhook = () => new Response();
  await expect(sandbox.world({ webhook, clock: "noon" })).rejects.toMatchObject({ code: "invalid_request" });
  await expect(sandbox.world({ webhook, settings: { amountMax: 0 } })).rejects.toThrow("The setting amountMax is 0");
  const { webhookUrl } = await (await sandbox.world({ webhook })).settings();
  expect(webhookUrl).toMatch(/^http:\/\/webhook\.localhost\//);
});

test("the base URL is that of the port once the sandbox listens", async () => {
  await using sandbox = await createSandbox();
  const world = await sandbox.world();
  expect([sandbox, world].map(({ credentials }) => credentials.baseUrl)).toEqual(Array(2).fill("http://localhost"));
  const url = await sandbox.listen();
  expect([sandbox, world].map(({ credentials }) => credentials.baseUrl)).toEqual([url, url]);
});
