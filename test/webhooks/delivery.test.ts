import { describe, expect, test } from "vitest";
import { createSandbox, type NotificationResource, type Sandbox, verifyWebhook } from "../../src/index.ts";
import { verifyWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { gate, heldWebhook, startReceiver } from "../support/receiver.ts";

/** A function endpoint that collects its notifications. */
function collector() {
  const received: { request: Request; body: string }[] = [];
  const webhook = async (request: Request) => {
    received.push({ request, body: await request.clone().text() });
    return new Response(null, { status: 204 });
  };
  const notifications = () => received.map(({ body }) => JSON.parse(body) as NotificationResource);
  return { received, webhook, notifications };
}

async function refund(sandbox: Sandbox, id: string, value?: number) {
  const amount = value === undefined ? {} : { amount: { value, currency: "hkd" } };
  return post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "refund-1", ...amount });
}

describe("one notification is sent", () => {
  test.each([
    ["pay", "captured"],
    ["decline", "declined"],
    ["cancel", "aborted"],
    ["expire", "aborted"],
    ["fail", "failed"],
  ] as const)("when a payment leaves pending by %s", async (action, status) => {
    const { webhook, notifications } = collector();
    await using sandbox = await frozenSandbox({ webhook });
    const { id, trackingUrl } = await createPayment(sandbox, { amount: 128.5 });
    await sandbox.settle();
    expect(notifications()).toEqual([]);

    await sandbox.payments.act(id, action);
    await sandbox.clock.advance("P1D");
    expect(notifications()).toHaveLength(1);
    expect(notifications()[0]).toEqual({
      id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
      type: "payment",
      live: false,
      createTime: "2026-01-05T09:00:00.000Z",
      payload: (await get(sandbox, `/v1/payments/${id}`)).body,
    });
    expect(notifications()[0]?.payload).toMatchObject({ id, status, trackingUrl, amount: { value: 128.5 } });
  });

  test("when a payment expires, with that time", async () => {
    const { webhook, notifications } = collector();
    await using sandbox = await frozenSandbox({ webhook });
    await createPayment(sandbox);
    await sandbox.clock.advance("P1D");
    expect(notifications()).toMatchObject([
      { createTime: "2026-01-05T09:30:00.000Z", payload: { status: "aborted", reason: { code: "expired" } } },
    ]);
  });

  test("when a refund leaves pending, but not for its payment", async () => {
    const { webhook, notifications } = collector();
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPaidPayment(sandbox);
    const { body } = await refund(sandbox, id, 50);
    await sandbox.clock.advance("P1D");
    expect(notifications().map(({ type }) => type)).toEqual(["payment", "refund"]);
    expect(notifications()[1]).toMatchObject({ createTime: "2026-01-05T09:00:02.000Z", live: false });
    expect(notifications()[1]?.payload).toEqual({
      id: body.id,
      merchantReference: "refund-1",
      status: "refunded",
      trackingUrl: body.trackingUrl,
      paymentId: id,
      amount: { value: 50, currency: "hkd" },
      createTime: "2026-01-05T09:00:00.000Z",
      updateTime: "2026-01-05T09:00:02.000Z",
    });
  });
});

test("only payments and refunds have notifications, and none while they are pending", async () => {
  const { webhook, notifications } = collector();
  await using sandbox = await frozenSandbox({ webhook });
  const { id } = await createPayment(sandbox);
  await sandbox.settle();
  expect(notifications()).toEqual([]);

  await sandbox.payments.act(id, "pay");
  const operations = ["increments", "captures", "cancels"].map((operation) => `/v1/payments/${id}/${operation}`);
  for (const target of [...operations, "/v1/credits", "/v1/tokens"]) {
    expect((await post(sandbox, target, {})).body.reason.code).toBe("operation_not_supported");
  }
  await refund(sandbox, id);
  await sandbox.clock.advance("P1D");
  expect(notifications().map(({ type, payload }) => [type, payload.status])).toEqual([
    ["payment", "captured"],
    ["refund", "refunded"],
  ]);
});

test("but not for a refused action", async () => {
  const { webhook, notifications } = collector();
  await using sandbox = await frozenSandbox({ webhook });
  const { id } = await createPaidPayment(sandbox);
  await expect(sandbox.payments.act(id, "cancel")).rejects.toMatchObject({ code: "action_not_allowed" });
  await sandbox.settle();
  expect(notifications()).toHaveLength(1);
});

test("as a signed JSON POST that two implementations verify", async () => {
  const receiver = await startReceiver();
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  const { hmacKey, hmacKid } = sandbox.credentials;
  await createPaidPayment(sandbox);
  await sandbox.settle();

  const [webhook, ...others] = receiver.received;
  if (webhook === undefined) throw new Error("no webhook arrived");
  expect(others).toEqual([]);
  expect([webhook.method, webhook.path, webhook.headers["content-type"]]).toEqual([
    "POST",
    "/webhooks",
    "application/json",
  ]);
  expect(webhook.signatures).toHaveLength(1);
  const signature = webhook.signatures[0] ?? "";
  expect(await verifyWithJose(signature, webhook.body, hmacKey)).toMatchObject({
    alg: "HS256",
    kid: hmacKid,
    aud: receiver.url,
  });
  expect(verifyWebhook({ signature, body: webhook.body, hmacKey, url: receiver.url })).toBe(true);
  expect(verifyWebhook({ signature, body: `${webhook.body} `, hmacKey, url: receiver.url })).toBe(false);
  await receiver.close();
});

describe("the API never waits for a webhook", () => {
  test("POST /v1/payments and the payer's click do not wait for a receiver", async () => {
    const held = gate();
    const receiver = await startReceiver(async (response) => {
      await held.opened;
      response.writeHead(204).end();
    });
    await using sandbox = await createSandbox({ webhook: receiver.url });
    const url = await sandbox.listen();
    const create = () => fetch(`${url}/v1/payments`, { method: "POST", body: JSON.stringify(paymentRequest()) });

    const first = (await (await create()).json()) as { trackingUrl: string; nextStep: { redirect: { url: string } } };
    const wallet = first.nextStep.redirect.url.replace("/pay/", "/wallet/");
    const click = await fetch(`${wallet}/actions`, {
      method: "POST",
      body: new URLSearchParams({ action: "pay" }),
      redirect: "manual",
    });
    expect(click.status).toBe(303);
    await receiver.arrived(1);

    expect((await create()).status).toBe(201);
    expect((await fetch(first.nextStep.redirect.url)).status).toBe(200);
    expect(await (await fetch(`${url}${first.trackingUrl}`)).json()).toMatchObject({ status: "captured" });
    held.open();
    await sandbox.settle();
    expect(receiver.received).toHaveLength(1);
    await receiver.close();
  });

  test("but settle waits for the receiver's answer", async () => {
    const held = gate();
    const order: string[] = [];
    await using sandbox = await frozenSandbox({
      webhook: async () => {
        await held.opened;
        order.push("answered");
        return new Response();
      },
    });
    await createPaidPayment(sandbox);
    const settled = sandbox.settle().then(() => order.push("settled"));
    await get(sandbox, "/_sandbox/health");
    held.open();
    await settled;
    expect(order).toEqual(["answered", "settled"]);
  });

  test("a handler can call the API during an advance", async () => {
    const seen: string[] = [];
    let sandbox: Sandbox | undefined;
    const webhook = async (request: Request) => {
      const { payload } = (await request.json()) as NotificationResource;
      const tracked = await get(sandbox as Sandbox, payload.trackingUrl);
      seen.push(tracked.body.status);
      if (seen.length === 1) await createPaidPayment(sandbox as Sandbox);
      return new Response();
    };
    sandbox = await frozenSandbox({ webhook });
    await createPayment(sandbox);
    await sandbox.clock.advance("PT30M");
    expect(seen).toEqual(["aborted", "captured"]);
    await sandbox.close();
  });

  test("the API answers other requests while a handler runs during an advance", async () => {
    const { webhook, arrived, letGo } = heldWebhook();
    await using sandbox = await frozenSandbox({ webhook });
    const { id } = await createPayment(sandbox);
    const advanced = sandbox.clock.advance("PT30M");
    await arrived;
    expect((await get(sandbox, `/v1/payments/${id}`)).body.status).toBe("aborted");
    const other = await createPaidPayment(sandbox);
    expect((await refund(sandbox, other.id)).status).toBe(201);
    letGo();
    expect(await advanced).toMatchObject({ now: "2026-01-05T09:30:00.000Z" });
  });

  test("a receiver can acknowledge after its own request to the API", async () => {
    const answered = gate();
    const receiver = await startReceiver(async (response) => {
      await answered.opened;
      response.writeHead(204).end();
    });
    await using sandbox = await createSandbox({ webhook: receiver.url });
    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, "pay");
    await receiver.arrived(1);
    expect((await refund(sandbox, id)).status).toBe(201);
    answered.open();
    await sandbox.settle();
    expect((await get(sandbox, "/_sandbox/notifications")).body.data).toMatchObject([{ state: "delivered" }]);
    await receiver.close();
  });
});

describe("a failed delivery is repeated after two minutes, to the same URL only", () => {
  const answers: [string, Parameters<typeof startReceiver>[0]][] = [
    ["answers 500", (response) => response.writeHead(500).end("no")],
    ["redirects", (response) => response.writeHead(301, { location: "/elsewhere" }).end()],
    ["resets the connection", (response) => response.destroy()],
    ["never answers", () => undefined],
  ];
  test.each(answers)("a receiver that %s", async (_, answer) => {
    const receiver = await startReceiver(answer);
    await using sandbox = await frozenSandbox({ webhook: receiver.url, settings: { webhookTimeoutMs: 1_000 } });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    await sandbox.clock.advance("PT1M59.999S");
    expect(receiver.received.map(({ path }) => path)).toEqual(["/webhooks"]);
    await sandbox.clock.advance("PT0.001S");
    expect(receiver.received.map(({ path }) => path)).toEqual(["/webhooks", "/webhooks"]);
    expect((await post(sandbox, "/v1/payments", paymentRequest())).status).toBe(201);
    await receiver.close();
  });

  test("an acknowledgement with an endless body is accepted after 4 KiB", async () => {
    const receiver = await startReceiver((response) => {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    await createPaidPayment(sandbox);
    await sandbox.clock.advance("P1D");
    expect(receiver.received).toHaveLength(1);
    await receiver.close();
  });

  test("a function that throws or never answers does not affect other deliveries", async () => {
    let calls = 0;
    await using sandbox = await frozenSandbox({
      settings: { webhookTimeoutMs: 50 },
      webhook: () => {
        calls += 1;
        if (calls === 1) throw new Error("the shop is broken");
        return new Promise(() => undefined);
      },
    });
    await createPaidPayment(sandbox);
    await createPaidPayment(sandbox);
    await sandbox.settle();
    expect(calls).toBe(2);
  });
});

test("a thousand concurrent notifications all arrive over at most 32 connections", async () => {
  let open = 0;
  let most = 0;
  const receiver = await startReceiver((response) => {
    open += 1;
    most = Math.max(most, open);
    setImmediate(() => {
      open -= 1;
      response.writeHead(204).end();
    });
  });
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  for (let count = 0; count < 1000; count += 1) await createPayment(sandbox);
  await sandbox.clock.advance("PT30M");
  expect(receiver.received).toHaveLength(1000);
  expect(most).toBeLessThanOrEqual(32);
  await receiver.close();
}, 240_000);

test("a notification is sent automatically with a running clock", async () => {
  const receiver = await startReceiver();
  await using sandbox = await createSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  await receiver.arrived(1);
  await receiver.close();
});

test("without an endpoint nothing is sent and settle returns", async () => {
  await using sandbox = await frozenSandbox();
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  expect((await get(sandbox, `/v1/payments/${id}`)).body.status).toBe("captured");
});
