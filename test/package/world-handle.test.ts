import { describe, expect, test } from "vitest";
import { SandboxError, signRequest, verifyWebhook, type WorldHandle } from "../../src/index.ts";
import { handles } from "../support/handles.ts";
import { answerOf, createPaidPayment, createPayment, get, paymentRequest } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";

const nine = "2026-01-05T09:00:00.000Z";
const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

const create = (world: WorldHandle, amount?: number) =>
  createPayment(world, { account: world.processingAccountId, ...(amount === undefined ? {} : { amount }) });
const createPaid = (world: WorldHandle) => createPaidPayment(world, { account: world.processingAccountId });
const statusOf = async (world: WorldHandle, { trackingUrl }: { trackingUrl: string }) =>
  (await get(world, trackingUrl)).body.status;

describe.each(handles)("a handle %s", (_, open) => {
  test("opens a world with a merchant whose keys work, and that shares nothing with the demo world", async () => {
    await using sandbox = await open({ auth: "require" });
    const world = await sandbox.world();
    const { kid, privateKey } = world.credentials;
    const body = JSON.stringify(paymentRequest({ account: world.processingAccountId }));
    const signature = signRequest({ method: "POST", target: "/v1/payments", body, kid, privateKey });
    const headers = { "X-Signature": signature };
    const created = await answerOf(await sandbox.fetch("/v1/payments", { method: "POST", body, headers }));
    expect(created.status).toBe(201);
    expect(await world.payments.act(created.body.id, "pay")).toMatchObject({ id: created.body.id, status: "captured" });
    expect(world.processingAccountId).not.toBe(sandbox.processingAccountId);
    expect(world.credentials.hmacKey).not.toBe(sandbox.credentials.hmacKey);
    expect(sandbox.processingAccountId).toBe(demo);
    expect(world.credentials).toMatchObject({
      processingAccountId: world.processingAccountId,
      baseUrl: sandbox.credentials.baseUrl,
    });
  });

  test("advances the clocks of fifty worlds at once, each by another duration", async () => {
    await using sandbox = await open();
    const worlds = await Promise.all(Array.from({ length: 50 }, () => sandbox.world()));
    const payments = await Promise.all(worlds.map((world) => create(world)));
    await Promise.all(worlds.map((world, index) => world.clock.advance(`PT${index}M`)));
    const statuses = await Promise.all(payments.map((payment) => statusOf(sandbox, payment)));
    expect(statuses).toEqual(worlds.map((_, index) => (index < 30 ? "pending" : "aborted")));
    expect(await worlds[7]?.clock.now()).toBe("2026-01-05T09:07:00.000Z");
    expect(await sandbox.clock.now()).toBe(nine);
  });

  test("advances a clock by a duration and to an instant, freezes it in the future, and runs it", async () => {
    await using sandbox = await open();
    const { clock } = await sandbox.world();
    expect(await clock.advance("PT1M")).toEqual({ now: "2026-01-05T09:01:00.000Z", ran: 0 });
    expect(await clock.advance({ to: "2026-01-05T18:00:00+08:00" })).toEqual({
      now: "2026-01-05T10:00:00.000Z",
      ran: 0,
    });
    expect(await clock.freeze("2026-01-06T00:00:00Z")).toEqual({ now: "2026-01-06T00:00:00.000Z", ran: 0 });
    const { now } = await clock.run();
    expect([now, (await clock.now()) >= now]).toEqual(["2026-01-06T00:00:00.000Z", true]);
    const stopped = await clock.freeze();
    expect(await clock.now()).toBe(stopped.now);
  });

  test("opens a world with given settings, clock and id", async () => {
    await using sandbox = await open({ clock: "running" });
    const processingAccountId = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
    const world = await sandbox.world({ processingAccountId, clock: nine, settings: { expiryMs: 60_000 } });
    const payment = await createPayment(sandbox, { account: processingAccountId });
    expect(await world.clock.advance("PT1M")).toEqual({ now: "2026-01-05T09:01:00.000Z", ran: 1 });
    expect(await statusOf(sandbox, payment)).toBe("aborted");
  });

  test("has the merchantName of its options, before that of its settings", async () => {
    await using sandbox = await open();
    await using named = await sandbox.world({ merchantName: "Harbour Coffee", settings: { merchantName: "Another" } });
    expect((await named.settings()).merchantName).toBe("Harbour Coffee");
    const wrong = sandbox.world({ merchantName: "" });
    await expect(wrong).rejects.toThrow('The setting merchantName is ""; expected a text that is not empty.');
  });

  test("reads and writes settings in code form, and null removes the endpoint", async () => {
    await using sandbox = await open({ settings: { merchantName: "Harbour Coffee" } });
    const world = await sandbox.world({
      settings: { expiryMs: 90_061_001, amountMax: 128.5 },
      webhook: "http://127.0.0.1:9/hook",
    });
    const settings = await world.settings();
    expect(settings).toEqual({
      merchantName: "Harbour Coffee",
      webhookUrl: "http://127.0.0.1:9/hook",
      webhookTimeoutMs: 30_000,
      webhookTls: "verify",
      expiryMs: 90_061_001,
      outcomeDelayMs: 2_000,
      refundDelayMs: 2_000,
      refundWindowMs: 365 * 86_400_000,
      amountMax: 128.5,
      magicAmounts: true,
      returnDelayMs: 2_000,
    });
    const { webhookUrl: _gone, ...others } = settings;
    const changed = await world.change({ webhookUrl: null, magicAmounts: false, refundDelayMs: 0 });
    expect(changed).toEqual({ ...others, magicAmounts: false, refundDelayMs: 0 });
    expect(await world.settings()).toEqual(changed);
    expect(await world.change({ webhookUrl: "http://127.0.0.1:9/new" })).toMatchObject({
      webhookUrl: "http://127.0.0.1:9/new",
    });
    await expect(world.change({ expiryMs: -1 })).rejects.toThrow("The setting expiryMs is -1; expected a whole number");
  });

  test("resets one world without the others, and removes it by a reset of the sandbox", async () => {
    await using sandbox = await open();
    const [one, other] = [await sandbox.world(), await sandbox.world()];
    const [mine, theirs] = [await create(one), await create(other)];
    await one.clock.advance("PT1M");
    await one.reset();
    expect(await one.clock.now()).toBe(nine);
    expect((await get(sandbox, mine.trackingUrl)).status).toBe(404);
    expect((await get(sandbox, theirs.trackingUrl)).status).toBe(200);
    await sandbox.reset();
    await expect(other.clock.now()).rejects.toMatchObject({ code: "not_found" });
    await expect(other.settle()).rejects.toMatchObject({ code: "not_found" });
    await expect(other.payments.list()).rejects.toMatchObject({ code: "not_found" });
  });

  test("removes a disposed world, also after its removal, but not the demo world", async () => {
    await using sandbox = await open();
    const gone: WorldHandle[] = [];
    {
      await using one = await sandbox.world();
      await using other = await sandbox.world();
      gone.push(one, other);
      await other.remove();
    }
    for (const world of gone) await expect(world.clock.now()).rejects.toMatchObject({ code: "not_found" });
    await expect(gone[0]?.remove()).rejects.toMatchObject({ code: "not_found" });
    await expect(sandbox.remove()).rejects.toMatchObject({ code: "action_not_allowed" });
  });

  test("can have a URL as a world's webhook while the sandbox's is a function", async () => {
    const receiver = await startReceiver();
    const paths: string[] = [];
    await using sandbox = await open({
      webhook: (request) => {
        paths.push(new URL(request.url).pathname);
        return new Response();
      },
    });
    const world = await sandbox.world({ settings: { webhookUrl: receiver.url } });
    const third = await sandbox.world({ settings: { webhookUrl: "http://127.0.0.1:9/" }, webhook: receiver.url });
    for (const one of [sandbox, world, third]) {
      await createPaid(one);
      await one.settle();
    }
    expect([paths.length, receiver.received.length]).toEqual([1, 2]);
    await receiver.close();
  });

  test("queues scenarios of a world for the next requests", async () => {
    await using sandbox = await open();
    const world = await sandbox.world();
    const own = { on: "refund", outcome: "fail", after: "PT5M" } as const;
    expect(await world.scenarios.next("declined_risk", { times: 2 })).toEqual([
      { scenario: "declined_risk", times: 2 },
    ]);
    const queue = [
      { scenario: "declined_risk", times: 2 },
      { scenario: own, times: 1 },
    ];
    expect(await world.scenarios.next(own)).toEqual(queue);
    expect([await world.scenarios.queue(), await sandbox.scenarios.queue()]).toEqual([queue, []]);
    const payment = await create(world);
    await world.clock.advance("PT2S");
    expect(await statusOf(world, payment)).toBe("declined");
    expect(await world.scenarios.queue()).toEqual([{ scenario: "declined_risk", times: 1 }, queue[1]]);
    await world.scenarios.clear();
    expect(await world.scenarios.queue()).toEqual([]);
    const catalogue = await world.scenarios.catalogue();
    expect(catalogue.find(({ name }) => name === "declined_risk")).toMatchObject({
      amount: 8888.03,
      on: "payment",
      outcome: "decline",
      reason: "risk_rejected",
    });
    await expect(world.scenarios.next("paid", { times: 0 })).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("acts on, reads and lists payments", async () => {
    await using sandbox = await open();
    const world = await sandbox.world();
    const [first, second] = [await create(world, 10), await create(world, 20)];
    await create(sandbox);
    expect(await world.payments.act(first.id, "scan")).toMatchObject({ id: first.id, status: "pending" });
    expect(await world.payments.act(first.id, "decline", "insufficient_funds")).toMatchObject({
      status: "declined",
      reason: { code: "insufficient_funds" },
      amount: { value: 10, currency: "hkd" },
    });
    await world.payments.act(second.id, "pay", { wallet: "mainland", return: "never" });
    const view = await world.payments.get(second.id);
    expect(view).toMatchObject({
      processingAccountId: world.processingAccountId,
      status: "captured",
      wallet: "mainland",
      amounts: { captured: 20, refunded: 0, reserved: 0, left: 20 },
      refunds: [],
      ledger: [{ kind: "payment_captured" }],
      timeline: [{ kind: "call" }, { kind: "created", time: nine }, { kind: "status", action: "pay" }, {}],
    });
    expect(view.pages.pay).toBe(second.nextStep.redirect.url);
    const idsOf = ({ data }: Awaited<ReturnType<typeof world.payments.list>>) => data.map(({ id }) => id);
    expect(idsOf(await world.payments.list())).toEqual([second.id, first.id]);
    expect(idsOf(await world.payments.list({ status: "declined" }))).toEqual([first.id]);
    expect(idsOf(await world.payments.list({ merchantReference: "another" }))).toEqual([]);
    const page = await world.payments.list({ limit: 1 });
    expect(idsOf(page)).toEqual([second.id]);
    expect(idsOf(await world.payments.list({ cursor: page.nextCursor as string }))).toEqual([first.id]);
  });

  test("waits for a payment in real time", async () => {
    await using sandbox = await open();
    const world = await sandbox.world();
    const { id } = await create(world);
    const captured = world.payments.waitFor(id, "captured", { timeoutMs: 20_000 });
    await world.payments.act(id, "pay");
    expect(await captured).toMatchObject({ id, status: "captured", amounts: { left: 200 } });
    await expect(world.payments.waitFor(id, "refunded", { timeoutMs: 1 })).rejects.toMatchObject({
      code: "not_reached",
      details: { present: { status: "captured" } },
    });
    await expect(world.payments.waitFor(id, "declined")).rejects.toThrow("It can no longer happen.");
  });

  test("starts refunds at the provider and ends them", async () => {
    await using sandbox = await open();
    const world = await sandbox.world();
    const { id } = await createPaid(world);
    const part = await world.payments.refund(id, { amount: 50.5, merchantReference: "refund-1" });
    expect(part).toMatchObject({
      paymentId: id,
      status: "pending",
      amount: { value: 50.5, currency: "hkd" },
      merchantReference: "refund-1",
    });
    expect(await world.refunds.act(part.id, "fail")).toMatchObject({ id: part.id, status: "failed" });
    const whole = await world.payments.refund(id);
    expect(whole).toMatchObject({ status: "pending", amount: { value: 200 } });
    expect(await world.refunds.act(whole.id, "succeed")).toMatchObject({ status: "refunded" });
    expect(await world.payments.get(id)).toMatchObject({ status: "refunded", amounts: { refunded: 200, left: 0 } });
    await expect(world.refunds.act(whole.id, "fail")).rejects.toMatchObject({ code: "action_not_allowed" });
  });

  test("lists, awaits, reads and resends notifications", async () => {
    const bodies: string[] = [];
    await using sandbox = await open({
      webhook: async (request) => {
        bodies.push(await request.text());
        return new Response("noted");
      },
    });
    const world = await sandbox.world();
    const { id } = await createPaid(world);
    const notification = await world.notifications.waitFor(
      { type: "payment", status: "captured", paymentId: id, merchantReference: "order-1001" },
      { timeoutMs: 20_000 },
    );
    expect(notification).toMatchObject({
      type: "payment",
      paymentId: id,
      state: "delivered",
      createTime: nine,
      attempts: [{ startedAt: nine, requestBody: bodies[0], answer: { status: 200, body: "noted" } }],
    });
    await world.notifications.resend(notification.id);
    await world.settle();
    expect(await world.notifications.get(notification.id)).toMatchObject({ attempts: [{}, { manual: true }] });
    expect(bodies).toEqual([bodies[0], bodies[0]]);
    const idsOf = async (query: Parameters<typeof world.notifications.list>[0]) =>
      (await world.notifications.list(query)).data.map(({ id }) => id);
    expect(await idsOf({ paymentId: id, state: "delivered", limit: 1 })).toEqual([notification.id]);
    expect(await idsOf({ state: "retrying" })).toEqual([]);
    await expect(
      world.notifications.waitFor({ refundId: "2HdN2jq6XWmlkhqRC2gDTNYCvNH" }, { timeoutMs: 1 }),
    ).rejects.toMatchObject({ code: "not_reached" });
  });

  test("lists and counts requests", async () => {
    await using sandbox = await open();
    const world = await sandbox.world();
    const { trackingUrl } = await create(world, 25);
    await get(world, trackingUrl);
    const { data } = await world.requests.list({ limit: 1 });
    expect(data).toMatchObject([{ method: "GET", target: trackingUrl, status: 200, signature: "unsigned" }]);
    const match = { method: "POST", path: "/v1/payments", status: 201, body: { amount: { value: 25 } } };
    expect(await world.requests.verify({ match })).toEqual({ count: 1 });
    expect(await world.requests.verify({ match: { path: "/v1/*" }, atLeast: 1, atMost: 2 })).toEqual({ count: 1 });
    await expect(world.requests.verify({ match: { ...match, status: 400 }, exactly: 1 })).rejects.toMatchObject({
      code: "not_matched",
      details: { count: 0, nearest: [{ differences: [{ path: "status", expected: 400, actual: 201 }] }, {}] },
    });
  });

  test.each(["the demo world", "a world of its own"])("rotates and retires HMAC keys of %s", async (which) => {
    const received: { signature: string | null; body: string; url: string }[] = [];
    await using sandbox = await open({
      webhook: async (request) => {
        const signature = request.headers.get("x-signature");
        received.push({ signature, body: await request.text(), url: request.url });
        return new Response();
      },
    });
    const world = which === "the demo world" ? sandbox : await sandbox.world();
    const { hmacKey: old, hmacKid: oldKid, privateKey } = world.credentials;
    const rotated = await world.keys.rotate({ overlap: "PT2H" });
    expect(world.credentials).toEqual(rotated);
    expect(rotated).toMatchObject({ privateKey, hmacKeys: [{ kid: oldKid, key: old }, {}] });
    expect(rotated.hmacKey).not.toBe(old);
    const retired = await world.keys.retire(oldKid);
    expect(world.credentials).toEqual(retired);
    expect(retired.hmacKeys).toEqual([{ kid: rotated.hmacKid, key: rotated.hmacKey }]);
    await createPaid(world);
    await world.settle();
    const verified = [rotated.hmacKey, old].map((hmacKey) =>
      received.map((request) => verifyWebhook({ ...request, hmacKey })),
    );
    expect(verified).toEqual([[true], [false]]);
    await expect(world.keys.retire(rotated.hmacKid)).rejects.toMatchObject({ code: "action_not_allowed" });
  });

  test("takes a snapshot of a world and restores it", async () => {
    await using sandbox = await open();
    const world = await sandbox.world();
    const payment = await create(world);
    const snapshot = await world.snapshot();
    await world.clock.advance("PT1H");
    expect(await statusOf(world, payment)).toBe("aborted");
    await world.restore(JSON.parse(JSON.stringify(snapshot)));
    expect([await statusOf(world, payment), await world.clock.now()]).toEqual(["pending", nine]);
    expect(await world.clock.advance("PT30M")).toEqual({ now: "2026-01-05T09:30:00.000Z", ran: 1 });
  });

  test("does not follow redirects in fetch", async () => {
    await using sandbox = await open();
    const world = await sandbox.world();
    const { nextStep } = await create(world);
    const page = new URL(nextStep.redirect.url);
    expect((await world.fetch(page)).status).toBe(200);
    expect(await (await sandbox.fetch(new Request(page))).text()).toContain("HK$");
    const form = { method: "POST", body: new URLSearchParams({ action: "pay" }) };
    const answer = await sandbox.fetch(new Request(`${page.href.replace("/pay/", "/wallet/")}/actions`, form));
    expect([answer.status, answer.headers.get("location")]).toEqual([303, expect.stringContaining("/wallet/")]);
    expect((await sandbox.fetch("/_sandbox/clock")).status).toBe(200);
  });

  test("rejects like fetch if a scenario cuts the connection, and the payment exists", async () => {
    await using sandbox = await open();
    await sandbox.scenarios.next("response_lost");
    await expect(create(sandbox)).rejects.toBeInstanceOf(TypeError);
    expect((await sandbox.payments.list()).data).toMatchObject([{ status: "pending" }]);
  });

  test("throws an error with the code, the message and the whole body", async () => {
    await using sandbox = await open();
    const refused = await sandbox.clock.advance({ to: "2025-01-01T00:00:00Z" }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SandboxError);
    const description = `to would take the clock back from ${nine}.`;
    expect(refused).toMatchObject({
      name: "SandboxError",
      code: "invalid_request",
      message: description,
      details: { reason: { code: "invalid_request" }, errors: [{ path: "to", description }] },
    });
    await expect(sandbox.payments.get("../clock")).rejects.toMatchObject({
      code: "not_found",
      message: "There is nothing here.",
      details: { reason: { code: "not_found" } },
    });
  });

  test.each([
    [{ processingAccountId: "x" }, "invalid_request", "KSUID"],
    [{ processingAccountId: demo }, "action_not_allowed", "open"],
    [{ clock: "noon" }, "invalid_request", "running"],
    [{ settings: { expiryMs: -1 } }, "invalid_request", "expiryMs"],
    [{ settings: { expiry: "PT1M" } as object }, "invalid_request", "expiry is unknown"],
    [{ webhook: "nope" }, "invalid_request", "webhookUrl"],
  ])("does not open a world with %j", async (options, code, words) => {
    await using sandbox = await open();
    await expect(sandbox.world(options)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });
});
