import { describe, expect, test } from "vitest";
import { verifyResponse, verifyWebhook } from "../../src/index.ts";
import { numbered } from "../support/ids.ts";
import { signWithJose } from "../support/jose-merchant.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { heldWebhook } from "../support/receiver.ts";
import { failing, makeBusy, putBack, repeatable, snapshotOf } from "../support/snapshots.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

describe("a restored world", () => {
  test("is byte for byte the same, in this sandbox and in another one", async () => {
    await using sandbox = await frozenSandbox({ seed: "teal", webhook: failing(3).webhook });
    await makeBusy(sandbox);
    const { text, body } = await snapshotOf(sandbox);
    for (const [kind, records] of Object.entries(body.records)) expect(records, kind).not.toEqual([]);
    expect(body).toMatchObject({ format: 1, processingAccountId: demo, clock: { mode: "frozen" } });
    expect(body.real.requests).toHaveLength(10);

    await sandbox.clock.advance("P3D");
    await createPaidPayment(sandbox);
    await post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT0S" });
    await using other = await frozenSandbox({ clock: "2030-01-01T00:00:00Z", settings: { expiryMs: 5 } });
    await createPaidPayment(other);
    for (const there of [sandbox, other]) {
      const put = await putBack(there, text, "?webhookUrl=restore");
      expect([put.status, put.body]).toEqual([200, { mode: "frozen", now: "2026-01-05T09:03:01.000Z" }]);
      expect((await snapshotOf(there)).text).toBe(text);
    }
  });

  test("continues in the same way: due tasks and the retry schedule", async () => {
    const [here, there] = [failing(3), failing(3)];
    // With the same seed both endpoints have the same URL.
    await using sandbox = await frozenSandbox({ seed: "teal", webhook: here.webhook });
    await using other = await frozenSandbox({ seed: "teal", webhook: there.webhook });
    await makeBusy(sandbox);
    await putBack(other, (await snapshotOf(sandbox)).text);
    const before = here.ids.length;
    there.ids.push(...here.ids);
    for (const each of [sandbox, other]) {
      await each.clock.advance("PT2H");
      await createPaidPayment(each);
      await each.clock.advance("P8D");
    }
    expect(here.ids.length).toBeGreaterThan(before + 15);
    expect(there.ids.length).toBe(here.ids.length);
    expect(numbered(await repeatable(other))).toBe(numbered(await repeatable(sandbox)));
  });

  test("replays responses with the same bytes for one week", async () => {
    await using sandbox = await frozenSandbox();
    const target = "/v1/payments?idempotencyKey=payment-key";
    const first = await post(sandbox, target, paymentRequest());
    await sandbox.clock.advance("P6D");
    await using other = await frozenSandbox();
    await putBack(other, (await snapshotOf(sandbox)).text);
    expect((await post(other, target, paymentRequest())).text).toBe(first.text);
    expect((await post(other, target, paymentRequest({ amount: 5 }))).status).toBe(409);
    expect((await get(other, "/v1/requests/payments?idempotencyKey=payment-key")).text).toBe(first.text);
    await other.clock.advance("P1D");
    expect((await post(other, target, paymentRequest())).body.id).not.toBe(first.body.id);
  });

  test("counts the refund window from the capture", async () => {
    await using sandbox = await frozenSandbox({ settings: { refundWindowMs: 86_400_000 } });
    const { id } = await createPaidPayment(sandbox);
    await sandbox.clock.advance("PT23H");
    await using other = await frozenSandbox();
    await putBack(other, (await snapshotOf(sandbox)).text);
    await other.clock.advance("PT2H");
    const refused = await post(other, `/v1/payments/${id}/refunds`, { merchantReference: "late" });
    expect(refused.body.reason.code).toBe("refund_window_closed");
  });

  test("has the same page URLs", async () => {
    await using sandbox = await frozenSandbox();
    const { trackingUrl, nextStep } = await createPayment(sandbox);
    await using other = await frozenSandbox();
    await putBack(other, (await snapshotOf(sandbox)).text);
    expect((await get(other, nextStep.redirect.url)).status).toBe(200);
    expect((await get(other, trackingUrl)).body.status).toBe("pending");
  });

  test("verifies its merchant's requests and signs with the same keys", async () => {
    await using sandbox = await frozenSandbox({ seed: "teal" });
    await post(sandbox, "/_sandbox/keys/rotate", {});
    const { kid, privateKey, hmacKeys } = sandbox.credentials;
    const hmacKey = hmacKeys[1]?.key ?? "";
    let webhook: { signature: string | null; body: string; url: string } | undefined;
    await using other = await frozenSandbox({
      auth: "require",
      webhook: async (request) => {
        webhook = { signature: request.headers.get("x-signature"), body: await request.text(), url: request.url };
        return new Response();
      },
    });
    await putBack(other, (await snapshotOf(sandbox)).text);
    const text = JSON.stringify(paymentRequest());
    const signature = await signWithJose({ method: "POST", target: "/v1/payments", body: text, kid, privateKey });
    const created = await post(other, "/v1/payments", text, { "X-Signature": signature });
    expect(created.status).toBe(201);
    expect(verifyResponse({ signature: created.headers.get("x-signature"), body: created.text, hmacKey })).toBe(true);
    await other.payments.act(created.body.id, "pay");
    await other.settle();
    expect(webhook && verifyWebhook({ ...webhook, hmacKey })).toBe(true);
    expect(other.credentials.kid).toBe(kid);
  });

  test("continues a running clock at its time", async () => {
    await using sandbox = await frozenSandbox({ clock: "running" });
    await sandbox.clock.advance("P1D");
    const { body } = await snapshotOf(sandbox);
    expect(body.clock).toEqual({ mode: "running" });
    await sandbox.clock.advance("P9D");
    await using other = await frozenSandbox();
    for (const there of [sandbox, other]) {
      const { now } = (await putBack(there, body)).body;
      expect(Date.parse(now) - body.real.time).toBeGreaterThanOrEqual(0);
      expect(Date.parse(now) - body.real.time).toBeLessThan(3_600_000);
    }
    await putBack(other, { ...body, real: undefined });
    expect(Math.abs(Date.parse(await other.clock.now()) - Date.now())).toBeLessThan(3_600_000);
  });

  test("does not need the measurements of the real clock", async () => {
    await using sandbox = await frozenSandbox({ webhook: failing(1).webhook });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const { body } = await snapshotOf(sandbox);
    const [{ id }] = body.records.notification;
    expect(body.real.attempts[id][0].signatures).toHaveLength(1);
    await putBack(sandbox, { ...body, real: undefined });
    expect((await snapshotOf(sandbox)).body).toEqual({
      ...body,
      real: { attempts: { [id]: [{ durationMs: 0, signatures: [] }] }, requests: [] },
    });
    await sandbox.clock.advance("PT2M");
    expect((await snapshotOf(sandbox)).body.records.notification[0].state).toBe("delivered");
  });

  test("can be reset to its own start", async () => {
    const settings = { merchantName: "Harbour Coffee" };
    await using sandbox = await frozenSandbox({ seed: "teal" });
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: account, settings, clock: "2027-01-01T00:00:00Z" });
    const fresh = (await snapshotOf(sandbox, account)).text;
    await createPayment(sandbox, { account });
    await using other = await frozenSandbox();
    await post(other, "/_sandbox/worlds", { processingAccountId: account });
    await putBack(other, (await snapshotOf(sandbox, account)).text);
    await post(other, "/_sandbox/reset", { processingAccountId: account });
    expect((await snapshotOf(other, account)).text).toBe(fresh);
  });
});

describe("work in progress", () => {
  test("a delivery counts as not made, and is made after the restore", async () => {
    const { webhook, arrived, letGo } = heldWebhook();
    await using sandbox = await frozenSandbox({ webhook });
    await createPaidPayment(sandbox);
    await arrived;
    const { body } = await snapshotOf(sandbox);
    expect(body.records.notification).toMatchObject([{ state: "due", attempts: [] }]);
    expect(body.records.task).toMatchObject([{ kind: "deliver_notification" }]);
    const { ids, webhook: counting } = failing(0);
    await using other = await frozenSandbox({ webhook: counting });
    await putBack(other, body);
    await other.settle();
    expect(ids).toEqual([body.records.notification[0].id]);
    expect((await snapshotOf(other)).body.records).toMatchObject({ notification: [{ state: "delivered" }], task: [] });
    letGo();
  });

  test("a delivery from before the restore writes nothing", async () => {
    const { webhook, arrived, letGo } = heldWebhook();
    await using sandbox = await frozenSandbox({ webhook });
    await createPaidPayment(sandbox);
    const empty = { ...(await snapshotOf(sandbox)).body, clock: { mode: "frozen", time: Date.UTC(2026, 0, 5) } };
    for (const kind of Object.keys(empty.records)) empty.records[kind] = [];
    await arrived;
    await putBack(sandbox, empty);
    letGo();
    await sandbox.settle();
    expect((await snapshotOf(sandbox)).body.records).toEqual(empty.records);
  });

  test("a wait ends", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const { text } = await snapshotOf(sandbox);
    const wait = get(sandbox, `/_sandbox/payments/${id}/wait?status=captured&timeoutMs=60000`);
    // Requests are served in order: the wait has begun when later ones are answered.
    for (const _ of [1, 2]) await get(sandbox, `/_sandbox/payments/${id}`);
    await putBack(sandbox, text);
    const { status, body } = await wait;
    expect([status, body.reason.code]).toEqual([409, "not_reached"]);
  });

  test("an advance ends", async () => {
    const { webhook, arrived } = heldWebhook();
    await using sandbox = await frozenSandbox({ webhook });
    await createPayment(sandbox);
    const { text } = await snapshotOf(sandbox);
    const move = sandbox.clock.advance("PT1H");
    move.catch(() => undefined);
    await arrived;
    await putBack(sandbox, text);
    await expect(move).rejects.toMatchObject({ code: "clock_busy" });
    expect((await snapshotOf(sandbox)).text).toBe(text);
  });

  test("an advance never writes into the restored world, in any order", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox);
    const { text } = await snapshotOf(sandbox);
    for (let turns = 0; turns < 40; turns += 1) {
      const move = turns % 2 === 0 ? sandbox.clock.advance("PT30M") : sandbox.clock.freeze("2026-01-05T09:30:00Z");
      move.catch(() => undefined);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await Promise.allSettled([move, putBack(sandbox, text)]);
      expect((await snapshotOf(sandbox)).text).toBe(text);
    }
  });
});

describe("the merchant", () => {
  test("is restored with its world, and the replaced merchant is removed if it has no other world", async () => {
    await using sandbox = await frozenSandbox({ seed: "teal" });
    const own = (await post(sandbox, "/_sandbox/worlds", { processingAccountId: account })).body;
    const { text } = await snapshotOf(sandbox, account);
    await using other = await frozenSandbox();
    await createPayment(other, { account });
    const ofDemo = (await snapshotOf(other, account)).text;
    const credentials = () => get(other, `/_sandbox/credentials?processingAccountId=${account}`);

    await putBack(other, text);
    expect((await credentials()).body).toMatchObject({ kid: own.kid, privateKey: own.privateKey });
    expect((await get(other, "/v1/payments")).body.data).toEqual([]);

    await putBack(other, ofDemo);
    expect((await credentials()).body).toEqual({ ...other.credentials, processingAccountId: account });
    expect((await get(other, "/v1/payments")).body.data).toHaveLength(1);
    const diagnosis = { method: "GET", target: "/v1/payments", signature: await signed(own) };
    const { sentence } = (await post(other, "/_sandbox/signature/diagnose", diagnosis)).body;
    expect(sentence).toContain(own.kid);
  });

  test("loses newer credentials", async () => {
    await using sandbox = await frozenSandbox();
    const { text } = await snapshotOf(sandbox);
    const publicKey = (await post(sandbox, "/_sandbox/worlds", {})).body.publicKey;
    await post(sandbox, "/_sandbox/credentials", { publicKey });
    await putBack(sandbox, text);
    expect((await snapshotOf(sandbox)).text).toBe(text);
  });
});

const signed = ({ kid, privateKey }: { kid: string; privateKey: string }) =>
  signWithJose({ method: "GET", target: "/v1/payments", kid, privateKey });

describe("a restore refuses", () => {
  // biome-ignore lint/suspicious/noExplicitAny: the document is changed into an invalid one
  type Bend = (snapshot: any) => unknown;
  const another = "37pcl4ZasJqoxOVsr8xlqywRx5c";
  const wrong: [path: string, bend: Bend][] = [
    ["format", (s) => (s.format = 2)],
    ["format", (s) => delete s.format],
    ["world", (s) => (s.world = {})],
    ["processingAccountId", (s) => (s.processingAccountId = "demo")],
    ["settings", (s) => (s.settings = [])],
    ["settings.expiry", (s) => (s.settings.expiry = "soon")],
    ["settings.expiry", (s) => delete s.settings.expiry],
    ["settings.expiryMs", (s) => (s.settings.expiryMs = 5)],
    ["opening.settings.expiry", (s) => (s.opening = { settings: { ...s.settings, expiry: 5 } })],
    ["opening.clock.mode", (s) => (s.opening = { clock: { mode: "stopped" } })],
    ["clock.mode", (s) => (s.clock.mode = "stopped")],
    ["clock.time", (s) => (s.clock = { mode: "running", time: s.clock.time })],
    ["clock.time", (s) => (s.clock.time = 5)],
    ["merchant.merchantId", (s) => (s.merchant.merchantId = 5)],
    ["merchant.hmacKeys", (s) => (s.merchant.hmacKeys = [])],
    ["merchant.hmacKeys.1.kid", (s) => (s.merchant.hmacKeys[1].kid = s.merchant.hmacKeys[0].kid)],
    ["merchant.credentials.0.kid", (s) => (s.merchant.credentials[0].kid = "kid-1")],
    ["merchant.credentials.0.merchantId", (s) => (s.merchant.credentials[0].merchantId = "another")],
    ["merchant.credentials.0.publicKey", (s) => (s.merchant.credentials[0].publicKey = "key")],
    ["merchant.credentials.0.privateKey", (s) => (s.merchant.credentials[0].privateKey = "key")],
    ["merchant.credentials.0.scopes.0", (s) => (s.merchant.credentials[0].scopes = ["payments:delete"])],
    ["records.payment", (s) => delete s.records.payment],
    ["records.transaction", (s) => (s.records.transaction = [])],
    ["records.payment.0.id", (s) => (s.records.payment[0].id = "payment-1")],
    ["records.payment.1.id", (s) => (s.records.payment[1].id = s.records.payment[0].id)],
    ["records.payment.0.processingAccountId", (s) => (s.records.payment[0].processingAccountId = account)],
    ["records.payment.0.merchantId", (s) => (s.records.payment[0].merchantId = "another")],
    ["records.payment.0.amount", (s) => (s.records.payment[0].amount = 199.5)],
    ["records.payment.0.amount", (s) => (s.records.payment[0].amount = 0)],
    ["records.payment.0.status", (s) => (s.records.payment[0].status = "paid")],
    ["records.payment.0.reason", (s) => (s.records.payment[0].reason = "tired")],
    ["records.payment.0.returnUrl", (s) => (s.records.payment[0].returnUrl = "javascript:alert(1)")],
    ["records.payment.0.pageToken", (s) => (s.records.payment[0].pageToken = "../wallet")],
    ["records.payment.0.createTime", (s) => (s.records.payment[0].createTime = "2026-01-05T09:00:00Z")],
    ["records.payment.0.createTime", (s) => (s.records.payment[0].createTime = 9e15)],
    ["records.payment.0.expireTime", (s) => delete s.records.payment[0].expireTime],
    ["records.payment.0.colour", (s) => (s.records.payment[0].colour = "teal")],
    [
      "records.payment.1.strike.scenario.outcome",
      (s) => (s.records.payment[1].strike = { scenario: { on: "payment", outcome: "win" }, trigger: "queue" }),
    ],
    ["records.refund.0.paymentId", (s) => (s.records.refund[0].paymentId = another)],
    ["records.refund.0.partial", (s) => (s.records.refund[0].partial = "yes")],
    ["records.entry.0.postings", (s) => (s.records.entry[0].postings[0].amount = 5)],
    ["records.entry.0.postings.0.account", (s) => (s.records.entry[0].postings[0].account = "bank")],
    ["records.entry.0.refundId", (s) => (s.records.entry[0].refundId = another)],
    ["records.notification.0.paymentId", (s) => (s.records.notification[0].paymentId = another)],
    ["records.notification.0.state", (s) => (s.records.notification[0].state = "lost")],
    [
      "records.notification.0.attempts.0.answer.status",
      (s) => (s.records.notification[0].attempts[0].answer.status = "200"),
    ],
    ["records.notification.0.attempts.0.durationMs", (s) => (s.records.notification[0].attempts[0].durationMs = 1)],
    ["records.replay.0.id", (s) => (s.records.replay[0].id = "replay-1")],
    ["records.replay.0.paymentId", (s) => (s.records.replay[0].paymentId = another)],
    ["records.task.0.kind", (s) => (s.records.task[0].kind = "sleep")],
    ["records.task.0.lease", (s) => (s.records.task[0].lease = "lease 1")],
    ["records.task.0.paymentId", (s) => (s.records.task[0].paymentId = another)],
    ["records.task.0.paymentId", (s) => delete s.records.task[0].paymentId],
    ["records.task.0.subjectId", (s) => (s.records.task[0].subjectId = another)],
    ["records.task.0.id", (s) => (s.records.task[0].id = s.records.task[0].id.replace(":", "-"))],
    ["records.queued.0.times", (s) => (s.records.queued[0].times = 0)],
    ["records.queued.0.scenario.on", (s) => (s.records.queued[0].scenario.on = "webhook")],
    ["records.queued.0.scenario.afterMs", (s) => (s.records.queued[0].scenario.afterMs = 2 ** 53 - 1)],
    ["records.queued.0.scenario.refunds.afterMs", (s) => (s.records.queued[0].scenario.refunds = { afterMs: 2 ** 53 })],
    ["records.refund.0.status", (s) => (s.records.refund[0].status = "pending")],
    ["records.payment.1.trackId", (s) => (s.records.payment[1].trackId = s.records.payment[0].trackId)],
    ["records.struck.0.id", (s) => (s.records.struck[0].id = `["${account}","order","rate_limited"]`)],
    ["records.event.0.happening.kind", (s) => (s.records.event[0].happening.kind = "forgotten")],
    [
      "records.event.0.happening.refundId",
      (s) => (s.records.event[0].happening = { kind: "refund", refundId: another, status: "failed" }),
    ],
    ["ids", (s) => delete s.ids],
    ["ids.payment", (s) => (s.ids.payment = -1)],
    ["real.time", (s) => (s.real.time = 5)],
    [`real.attempts.${another}`, (s) => (s.real.attempts[another] = [{ durationMs: 1, signatures: [] }])],
    ["real.requests.0.status", (s) => (s.real.requests[0].status = null)],
  ];

  test("a snapshot with an invalid member: the path is reported and nothing changes", async () => {
    await using sandbox = await frozenSandbox({ webhook: failing(3).webhook });
    await makeBusy(sandbox);
    const { text, body } = await snapshotOf(sandbox);
    const missed: unknown[] = [];
    for (const [path, bend] of wrong) {
      const bent = structuredClone(body);
      bend(bent);
      const answer = await putBack(sandbox, bent);
      const errors: { path: string; description: string }[] = answer.body.errors ?? [];
      const named = errors.find((error) => error.path === path)?.description;
      if (answer.status !== 400 || !named?.startsWith(`${path} `)) missed.push([path, answer.status, errors]);
    }
    expect(missed).toEqual([]);
    expect((await snapshotOf(sandbox)).text).toBe(text);
  });

  test.each(["", "{", "[]", "null", "5", '{"format":1}'])("%j, which is not a snapshot", async (text) => {
    await using sandbox = await frozenSandbox();
    const answer = await putBack(sandbox, text);
    expect([answer.status, answer.body.reason.code]).toEqual([400, "invalid_request"]);
  });

  test("the demo world without its merchant", async () => {
    await using sandbox = await frozenSandbox();
    const text = (await snapshotOf(sandbox)).text.replaceAll('"merchantId":"demo"', '"merchantId":"another"');
    const answer = await putBack(sandbox, text);
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, "merchant.merchantId"]);
  });

  test("a world that does not exist", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox, { account });
    const { text } = await snapshotOf(sandbox, account);
    await using other = await frozenSandbox();
    expect((await putBack(other, text)).status).toBe(404);
    expect((await get(other, `/_sandbox/snapshot?processingAccountId=${account}`)).status).toBe(404);
  });

  test("a record or a key of another world or merchant", async () => {
    await using sandbox = await frozenSandbox();
    await createPayment(sandbox);
    const { text, body } = await snapshotOf(sandbox);
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: account });
    const own = await snapshotOf(sandbox, account);
    const moved = { ...JSON.parse(text.replaceAll(demo, account)), merchant: own.body.merchant };
    const credentials = own.body.merchant.credentials.map((credential: object) => ({
      ...credential,
      merchantId: "demo",
    }));
    const taken = [
      JSON.stringify(moved).replaceAll('"merchantId":"demo"', `"merchantId":"${account}"`),
      { ...body, merchant: { ...body.merchant, credentials } },
    ];
    for (const snapshot of taken) {
      const answer = await putBack(sandbox, snapshot);
      expect([answer.status, answer.body.reason.code]).toEqual([409, "action_not_allowed"]);
    }
    expect((await snapshotOf(sandbox)).text).toBe(text);
    expect((await snapshotOf(sandbox, account)).text).toBe(own.text);
  });

  test.each([{}, { payment: 1 }])("no ids of present records, where the document counts them as %j", async (ids) => {
    await using sandbox = await frozenSandbox({ seed: "teal" });
    for (let count = 0; count < 2; count += 1) await createPaidPayment(sandbox);
    const { body } = await snapshotOf(sandbox);
    expect((await putBack(sandbox, { ...body, ids })).status).toBe(200);
    for (let count = 0; count < 2; count += 1) await createPaidPayment(sandbox);
    const after = await snapshotOf(sandbox);
    for (const member of ["id", "trackId", "pageToken"]) {
      const values = after.body.records.payment.map((payment: Record<string, string>) => payment[member]);
      expect(new Set(values).size).toBe(4);
    }
    expect((await putBack(sandbox, after.text)).status).toBe(200);
  });

  describe("what belongs to another world or merchant", () => {
    const hostile: [what: string, bend: Bend, subject: string][] = [
      [
        "the trackId of a payment",
        (s) => (s.own.records.payment[0].trackId = s.other.records.payment[0].trackId),
        "the trackId",
      ],
      [
        "the trackId of a refund",
        (s) => (s.own.records.refund[0].trackId = s.other.records.refund[0].trackId),
        "the trackId",
      ],
      [
        "a pageToken",
        (s) => (s.own.records.payment[0].pageToken = s.other.records.payment[0].pageToken),
        "the pageToken",
      ],
      [
        "a merchant, with keys of the document",
        (s) => becomeMerchant(s.own, s.other.processingAccountId),
        "the merchant",
      ],
      ["the demo merchant, with keys of the document", (s) => becomeMerchant(s.own, "demo"), "the merchant demo"],
    ];
    // biome-ignore lint/suspicious/noExplicitAny: the document is changed into an invalid one
    const becomeMerchant = (snapshot: any, merchantId: string) => {
      for (const record of [snapshot.merchant, ...snapshot.merchant.credentials]) record.merchantId = merchantId;
      for (const list of Object.values<object[]>(snapshot.records)) {
        for (const record of list) if ("merchantId" in record) record.merchantId = merchantId;
      }
    };
    test.each(hostile)("%s", async (_, bend, subject) => {
      await using sandbox = await frozenSandbox();
      const worlds = [account, another].map(async (processingAccountId) => {
        await post(sandbox, "/_sandbox/worlds", { processingAccountId });
        const { id } = await createPaidPayment(sandbox, { account: processingAccountId });
        await post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "r" });
        return (await snapshotOf(sandbox, processingAccountId)).body;
      });
      const [own, other] = await Promise.all(worlds);
      const bent = structuredClone(own);
      bend({ own: bent, other });
      const before = await Promise.all(
        [account, another, demo].map(async (id) => (await snapshotOf(sandbox, id)).text),
      );
      const answer = await putBack(sandbox, bent);
      expect([answer.status, answer.body.reason.code]).toEqual([409, "action_not_allowed"]);
      expect(answer.body.reason.description).toContain(subject);
      const after = await Promise.all([account, another, demo].map(async (id) => (await snapshotOf(sandbox, id)).text));
      expect(after).toEqual(before);
      expect((await putBack(sandbox, own)).status).toBe(200);
    });
  });

  test("a snapshot above its own size limit", async () => {
    await using sandbox = await frozenSandbox({ limits: { controlBodyMaxBytes: 1_000, snapshotMaxBytes: 10_000 } });
    const { text } = await snapshotOf(sandbox);
    expect(text.length).toBeGreaterThan(1_000);
    expect((await putBack(sandbox, text)).status).toBe(200);
    expect((await putBack(sandbox, text + " ".repeat(10_000))).status).toBe(413);
    expect((await post(sandbox, "/_sandbox/reset", `{}${" ".repeat(1_000)}`)).status).toBe(413);
  });
});
