import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox, verifyResponse, withSandbox } from "../../src/index.ts";
import { generateWithJose, signWithJose, verifyWithJose } from "../support/jose-merchant.ts";
import { answerOf, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { linesOf } from "../support/raw-http.ts";
import { startReceiver } from "../support/receiver.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const otherAccount = "0ujzPyRiIAffKhBux4PvQdDqMHY";
const kid = "0ujssxh0cECutqzMgbtXSGnjorm";

interface Signer {
  kid: string;
  privateKey: string;
}

/** Sends a request signed with that credential. */
async function signed(sandbox: Sandbox, { kid, privateKey }: Signer, method: string, target: string, body?: object) {
  const text = body === undefined ? "" : JSON.stringify(body);
  const signature = await signWithJose({ method, target, body: text, kid, privateKey });
  const init = { method, headers: { "X-Signature": signature }, ...(body === undefined ? {} : { body: text }) };
  return answerOf(await sandbox.fetch(target, init));
}

const codeOf = ({ status, body }: { status: number; body: { reason?: { code: string } } }) => [
  status,
  body.reason?.code,
];

describe("an additional merchant", () => {
  async function open(sandbox: Sandbox, body: object = {}) {
    const { status, body: credentials } = await post(sandbox, "/_sandbox/worlds", body);
    expect(status).toBe(201);
    return credentials as Sandbox["credentials"];
  }

  test("has a world and its own working keys", async () => {
    await using sandbox = await frozenSandbox({ auth: "require" });
    const harbour = await open(sandbox, { processingAccountId: account });
    expect(Object.keys(harbour)).toEqual(Object.keys(sandbox.credentials));
    expect(harbour.processingAccountId).toBe(account);
    const created = await signed(sandbox, harbour, "POST", "/v1/payments", paymentRequest({ account }));
    expect(created.status).toBe(201);
    await expect(
      verifyWithJose(created.headers.get("x-signature"), created.text, harbour.hmacKey),
    ).resolves.toBeDefined();
    expect((await get(sandbox, `/_sandbox/credentials?processingAccountId=${account}`)).body).toEqual(harbour);
  });

  test("has its own settings and clock, and a new id if none is given", async () => {
    await using sandbox = await frozenSandbox();
    const { processingAccountId } = await open(sandbox, {
      settings: { merchantName: "Harbour Coffee", expiry: "PT1M", amountMax: 10 },
      clock: "2030-01-01T00:00:00Z",
    });
    const clock = await get(sandbox, `/_sandbox/clock?processingAccountId=${processingAccountId}`);
    expect(clock.body).toEqual({ mode: "frozen", now: "2030-01-01T00:00:00.000Z" });
    const tooMuch = await post(sandbox, "/v1/payments", paymentRequest({ account: processingAccountId, amount: 11 }));
    expect(tooMuch.body.reason.code).toBe("amount_above_maximum");
    const payment = await createPayment(sandbox, { account: processingAccountId, amount: 10 });
    expect((await get(sandbox, payment.nextStep.redirect.url)).text).toContain("Harbour Coffee");
    await post(sandbox, "/_sandbox/clock/advance", { processingAccountId, by: "PT1M" });
    expect((await get(sandbox, payment.trackingUrl)).body.status).toBe("aborted");
  });

  test("has the merchantName of its opening, before that of the settings, also after a reset", async () => {
    await using sandbox = await frozenSandbox({ settings: { merchantName: "Everyone" } });
    const nameOf = async (id: string) => (await get(sandbox, `/_sandbox/worlds/${id}`)).body.settings.merchantName;
    const { processingAccountId: named } = await open(sandbox, { merchantName: "Harbour Coffee" });
    const both = { merchantName: "Peak Books", settings: { merchantName: "Another", expiry: "PT1M" } };
    const { processingAccountId: twice } = await open(sandbox, both);
    const { processingAccountId: unnamed } = await open(sandbox, {});
    const expected = ["Harbour Coffee", "Peak Books", "Everyone"];
    expect([await nameOf(named), await nameOf(twice), await nameOf(unnamed)]).toEqual(expected);
    for (const processingAccountId of [named, twice, unnamed])
      await post(sandbox, "/_sandbox/reset", { processingAccountId });
    expect([await nameOf(named), await nameOf(twice), await nameOf(unnamed)]).toEqual(expected);
    const payment = await createPayment(sandbox, { account: named });
    expect((await get(sandbox, payment.nextStep.redirect.url)).text).toContain("Harbour Coffee");
    expect((await get(sandbox, `/_sandbox/worlds/${twice}`)).body.settings.expiry).toBe("PT1M");
  });

  test.each([
    ["", "merchantName must be a text that is not empty."],
    [5, "merchantName must be a string."],
    [null, "merchantName must be a string."],
  ])("cannot have the merchantName %j", async (merchantName, description) => {
    await using sandbox = await frozenSandbox();
    const refused = await post(sandbox, "/_sandbox/worlds", { merchantName });
    expect([refused.status, refused.body.errors]).toEqual([400, [expect.objectContaining({ description })]]);
  });

  test("cannot find another merchant's resources or create any in another merchant's world", async () => {
    await using sandbox = await frozenSandbox();
    const harbour = await open(sandbox, { processingAccountId: account });
    const mine = await createPayment(sandbox, { account });
    const theirs = await createPayment(sandbox);
    const paid = await createPayment(sandbox);
    await sandbox.payments.act(paid.id, "pay");
    const [transaction] = (await get(sandbox, "/v1/transactions")).body.data;
    const refund = await post(sandbox, `/v1/payments/${paid.id}/refunds`, { merchantReference: "r" });

    for (const target of [
      `/v1/payments/${theirs.id}`,
      theirs.trackingUrl,
      refund.body.trackingUrl,
      `/v1/transactions/${transaction.id}`,
    ]) {
      expect((await get(sandbox, target)).status).toBe(200);
      expect(codeOf(await signed(sandbox, harbour, "GET", target))).toEqual([404, "not_found"]);
    }
    await sandbox.payments.act(mine.id, "pay");
    const [own] = (await signed(sandbox, harbour, "GET", "/v1/transactions")).body.data;
    expect((await signed(sandbox, harbour, "GET", `/v1/transactions/${own.id}`)).status).toBe(200);
    expect(codeOf(await get(sandbox, `/v1/transactions/${own.id}`))).toEqual([404, "not_found"]);
    const refunds = `/v1/payments/${paid.id}/refunds`;
    expect(codeOf(await signed(sandbox, harbour, "POST", refunds, { merchantReference: "r" }))).toEqual([
      404,
      "not_found",
    ]);
    expect((await signed(sandbox, harbour, "GET", mine.trackingUrl)).status).toBe(200);
    for (const foreign of [demo, otherAccount]) {
      const answer = await signed(sandbox, harbour, "POST", "/v1/payments", paymentRequest({ account: foreign }));
      expect(codeOf(answer)).toEqual([400, "unknown_processing_account"]);
    }
    expect((await get(sandbox, `/_sandbox/clock?processingAccountId=${otherAccount}`)).status).toBe(404);
  });

  test("has its own lists; an unsigned request gets the lists of the demo merchant", async () => {
    await using sandbox = await frozenSandbox();
    const harbour = await open(sandbox, { processingAccountId: account });
    const mine = await createPayment(sandbox, { account });
    const theirs = await createPayment(sandbox);
    const ids = ({ body }: { body: { data: { id: string }[] } }) => body.data.map(({ id }) => id);
    expect(ids(await signed(sandbox, harbour, "GET", "/v1/payments"))).toEqual([mine.id]);
    expect(ids(await signed(sandbox, sandbox.credentials, "GET", "/v1/payments"))).toEqual([theirs.id]);
    expect(ids(await get(sandbox, "/v1/payments"))).toEqual([theirs.id]);
    const target = `/v1/payments?processingAccountId=${demo}`;
    expect(codeOf(await signed(sandbox, harbour, "GET", target))).toEqual([400, "unknown_processing_account"]);
    expect(codeOf(await get(sandbox, `/v1/payments?processingAccountId=${account}`))).toEqual([
      400,
      "unknown_processing_account",
    ]);
  });

  test("cannot detect the limits of another merchant's world", async () => {
    await using sandbox = await frozenSandbox();
    await open(sandbox, { processingAccountId: account, settings: { amountMax: 100 } });
    for (const amount of [50, 200]) {
      const body = paymentRequest({ account, amount });
      expect(codeOf(await signed(sandbox, sandbox.credentials, "POST", "/v1/payments", body))).toEqual([
        400,
        "unknown_processing_account",
      ]);
    }
  });

  test("gets its initial settings and clock when its world is reset", async () => {
    await using sandbox = await frozenSandbox();
    await open(sandbox, {
      processingAccountId: account,
      settings: { merchantName: "Harbour" },
      clock: "2030-01-01T00:00:00Z",
    });
    await sandbox.fetch(`/_sandbox/worlds/${account}`, {
      method: "PATCH",
      body: '{"settings":{"merchantName":"Peak"}}',
    });
    await post(sandbox, "/_sandbox/clock/advance", { processingAccountId: account, by: "P1D" });
    const reset = await post(sandbox, "/_sandbox/reset", { processingAccountId: account });
    expect(reset.body).toEqual({ mode: "frozen", now: "2030-01-01T00:00:00.000Z" });
    expect((await get(sandbox, `/_sandbox/worlds/${account}`)).body.settings.merchantName).toBe("Harbour");
  });

  test("has its refused requests in the log of its own world", async () => {
    await using sandbox = await frozenSandbox();
    const harbour = await open(sandbox, { processingAccountId: account });
    const wrong = await signWithJose({ method: "GET", target: "/v1/payments", ...harbour, header: { aud: "GET /v1" } });
    await get(sandbox, "/v1/payments", { "X-Signature": wrong });
    await get(sandbox, `/v1/payments?processingAccountId=${account}`);
    const log = await get(sandbox, `/_sandbox/requests?processingAccountId=${account}`);
    expect(log.body.data.map(({ status }: { status: number }) => status)).toEqual([400, 401]);
    expect((await get(sandbox, "/_sandbox/requests")).body.data).toEqual([]);
  });

  test("has its own idempotency keys", async () => {
    await using sandbox = await frozenSandbox();
    const harbour = await open(sandbox, { processingAccountId: account });
    const target = "/v1/payments?idempotencyKey=12345678";
    const created = await signed(sandbox, harbour, "POST", target, paymentRequest({ account }));
    const found = await signed(sandbox, harbour, "GET", "/v1/requests/payments?idempotencyKey=12345678");
    expect(found.text).toBe(created.text);
    expect((await get(sandbox, "/v1/requests/payments?idempotencyKey=12345678")).status).toBe(404);
  });

  test("its key signs answers to unsigned requests for its world", async () => {
    await using sandbox = await frozenSandbox();
    const { hmacKey } = await open(sandbox, { processingAccountId: account });
    const created = await post(sandbox, "/v1/payments", paymentRequest({ account }));
    await sandbox.payments.act(created.body.id, "pay");
    const refund = await post(sandbox, `/v1/payments/${created.body.id}/refunds`, { merchantReference: "r" });
    const refused = await post(sandbox, "/v1/payments", { processingAccountId: account });
    const answers = [created, refund, refused];
    for (const target of [`/v1/payments/${created.body.id}`, created.body.trackingUrl, refund.body.trackingUrl]) {
      answers.push(await get(sandbox, target));
    }
    for (const { headers, text } of answers) {
      expect(verifyResponse({ signature: headers.get("x-signature"), body: text, hmacKey })).toBe(true);
    }
    const { headers, text } = await get(sandbox, "/v1/payments/x");
    expect(verifyResponse({ signature: headers.get("x-signature"), body: text, hmacKey })).toBe(false);
    expect(
      verifyResponse({ signature: headers.get("x-signature"), body: text, hmacKey: sandbox.credentials.hmacKey }),
    ).toBe(true);
  });

  test("its key signs its webhooks", async () => {
    const receiver = await startReceiver();
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    const { hmacKey } = await open(sandbox, { processingAccountId: account });
    await sandbox.payments.act((await createPayment(sandbox, { account })).id, "pay");
    await post(sandbox, "/_sandbox/settle", { processingAccountId: account });
    const [webhook] = receiver.received;
    await expect(verifyWithJose(webhook?.signatures[0], webhook?.body ?? "", hmacKey)).resolves.toBeDefined();
    await receiver.close();
  });

  test.each([
    [{ processingAccountId: demo }, 409, "action_not_allowed", undefined],
    [{ processingAccountId: "x" }, 400, "invalid_request", "processingAccountId"],
    [{ settings: { expiry: "soon" } }, 400, "invalid_request", "settings.expiry"],
    [{ settings: { expiryMs: 5 } }, 400, "invalid_request", "settings.expiryMs"],
    [{ settings: 5 }, 400, "invalid_request", "settings"],
    [{ clock: "noon" }, 400, "invalid_request", "clock"],
    [{ colour: "teal" }, 400, "invalid_request", "colour"],
  ])("%j: %i %s %s", async (body, status, code, path) => {
    await using sandbox = await frozenSandbox();
    const answer = await post(sandbox, "/_sandbox/worlds", body);
    expect(codeOf(answer)).toEqual([status, code]);
    expect(answer.body.errors?.[0].path).toBe(path);
  });

  test("is removed with its keys by a reset of everything", async () => {
    await using sandbox = await frozenSandbox({ auth: "require" });
    const harbour = await open(sandbox, { processingAccountId: account });
    await sandbox.reset();
    expect((await get(sandbox, `/_sandbox/credentials?processingAccountId=${account}`)).status).toBe(404);
    expect((await signed(sandbox, harbour, "GET", "/v1/payments")).status).toBe(401);
  });
});

describe("a key pair that the merchant registers", () => {
  test.each(["PEM", "JWK"])("signs requests after registration as %s", async (form) => {
    await using sandbox = await frozenSandbox({ auth: "require" });
    const { publicKey, privateKey, publicJwk } = await generateWithJose();
    const registered = await post(sandbox, "/_sandbox/credentials", {
      publicKey: form === "PEM" ? publicKey : publicJwk,
    });
    expect(registered.status).toBe(201);
    expect(registered.body).toEqual({
      kid: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
      publicKey: expect.stringContaining("-----BEGIN PUBLIC KEY-----"),
      scopes: ["payments:create", "payments:read"],
    });
    const own = { kid: registered.body.kid, privateKey };
    expect((await signed(sandbox, own, "POST", "/v1/payments", paymentRequest())).status).toBe(201);
    expect((await signed(sandbox, sandbox.credentials, "GET", "/v1/payments")).status).toBe(200);

    const removed = await sandbox.fetch(`/_sandbox/credentials/${own.kid}`, { method: "DELETE" });
    expect(removed.status).toBe(200);
    expect((await signed(sandbox, own, "GET", "/v1/payments")).status).toBe(401);
  });

  test.each([
    [["payments:read"], 200, 403, "payments:create"],
    [["payments:create"], 403, 201, "payments:read"],
    [[], 403, 403, "payments:read"],
  ])("with the scopes %j, a read gets %i and a creation gets %i", async (scopes, reads, creates, missing) => {
    await using sandbox = await frozenSandbox();
    const { publicKey, privateKey } = await generateWithJose();
    await post(sandbox, "/_sandbox/credentials", { kid, publicKey, scopes });
    const own = { kid, privateKey };
    const read = await signed(sandbox, own, "GET", "/v1/payments");
    const create = await signed(sandbox, own, "POST", "/v1/payments", paymentRequest());
    expect([read.status, create.status]).toEqual([reads, creates]);
    const refused = read.status === 403 ? read : create;
    expect(refused.body.reason).toEqual({
      code: "insufficient_scope",
      description: `This key does not have the scope ${missing}.`,
    });
    const { hmacKey } = sandbox.credentials;
    expect(verifyResponse({ signature: refused.headers.get("x-signature"), body: refused.text, hmacKey })).toBe(true);
  });

  test("a missing scope has precedence over an unsupported operation and invalid syntax", async () => {
    await using sandbox = await frozenSandbox();
    const { publicKey, privateKey } = await generateWithJose();
    await post(sandbox, "/_sandbox/credentials", { kid, publicKey, scopes: ["payments:read"] });
    expect((await signed(sandbox, { kid, privateKey }, "POST", "/v1/credits", {})).status).toBe(403);
    expect((await signed(sandbox, { kid, privateKey }, "POST", "/v1/payments", {})).status).toBe(403);
  });

  test("keys that are not ES256 public keys are refused", async () => {
    await using sandbox = await frozenSandbox();
    const p256 = await generateWithJose();
    const p384 = await generateWithJose("ES384");
    const rsa = await generateWithJose("RS256");
    const wrong: [object, string, string][] = [
      [{}, "publicKey", "is missing"],
      [{ publicKey: 5 }, "publicKey", "must be a PEM text or a JWK"],
      [{ publicKey: "not a key" }, "publicKey", "P-256"],
      [{ publicKey: {} }, "publicKey", "P-256"],
      [{ publicKey: p384.publicKey }, "publicKey", "P-256"],
      [{ publicKey: rsa.publicKey }, "publicKey", "P-256"],
      [{ publicKey: p256.privateKey }, "publicKey", "is a private key"],
      [{ publicKey: { ...p256.publicJwk, d: "secret" } }, "publicKey", "is a private key"],
      [{ publicKey: p256.publicKey, kid: "my-key" }, "kid", "KSUID"],
      [{ publicKey: p256.publicKey, scopes: ["payments:delete"] }, "scopes.0", "payments:create"],
    ];
    for (const [body, path, words] of wrong) {
      const answer = await post(sandbox, "/_sandbox/credentials", body);
      expect(codeOf(answer)).toEqual([400, "invalid_request"]);
      expect(answer.body.errors).toEqual([
        { path, code: "invalid_request", description: expect.stringContaining(words) },
      ]);
      expect(answer.text).not.toContain("PRIVATE");
    }
  });

  test("a used kid cannot be registered, and an unknown kid cannot be removed", async () => {
    await using sandbox = await frozenSandbox();
    const { publicKey } = await generateWithJose();
    const taken = await post(sandbox, "/_sandbox/credentials", { publicKey, kid: sandbox.credentials.kid });
    expect(codeOf(taken)).toEqual([409, "action_not_allowed"]);
    const removed = await sandbox.fetch(`/_sandbox/credentials/${kid}`, { method: "DELETE" });
    expect(removed.status).toBe(404);
    const elsewhere = await post(sandbox, "/_sandbox/credentials", { publicKey, processingAccountId: account });
    expect(codeOf(elsewhere)).toEqual([404, "not_found"]);
  });
});

describe("configured merchants", () => {
  test("can have several keys and several worlds", async () => {
    const [one, two] = [await generateWithJose(), await generateWithJose()];
    const credentials = [
      { kid, publicKey: one.publicKey, scopes: ["payments:read" as const] },
      { publicKey: two.publicJwk },
    ];
    await using sandbox = await createSandbox({
      auth: "require",
      accounts: "listed",
      merchants: [{ merchantId: "harbour", processingAccountIds: [account, otherAccount], credentials }],
    });
    const second = (await get(sandbox, `/_sandbox/credentials?processingAccountId=${account}`)).body;
    expect(second.privateKey).toBeUndefined();
    const writer = { kid: second.kid, privateKey: two.privateKey };
    for (const world of [account, otherAccount]) {
      expect((await signed(sandbox, writer, "POST", "/v1/payments", paymentRequest({ account: world }))).status).toBe(
        201,
      );
    }
    const list = await signed(sandbox, { kid, privateKey: one.privateKey }, "GET", "/v1/payments");
    expect([list.status, list.body.data.length]).toEqual([200, 2]);
    expect((await signed(sandbox, sandbox.credentials, "GET", "/v1/payments")).body.data).toEqual([]);
    await sandbox.reset();
    expect((await signed(sandbox, writer, "GET", "/v1/payments")).body.data).toEqual([]);
  });

  test("cannot use an id that already exists", async () => {
    const { publicKey } = await generateWithJose();
    const shop = { merchantId: "shop", processingAccountIds: [account] as [string] };
    const other = { merchantId: "other", processingAccountIds: [otherAccount] as [string] };
    const demoKid = await withSandbox({}, async ({ credentials }) => credentials.kid);
    const wrong: [object[], string][] = [
      [[{ ...shop, processingAccountIds: [demo] }], demo],
      [[{ ...shop, processingAccountIds: [account, account] }], account],
      [[shop, { ...other, processingAccountIds: [account] }], account],
      [[shop, { ...other, merchantId: "shop" }], "merchantId shop"],
      [[{ ...shop, credentials: [{ kid: demoKid, publicKey }] }], demoKid],
      [
        [
          { ...shop, credentials: [{ kid, publicKey }] },
          { ...other, credentials: [{ kid, publicKey }] },
        ],
        kid,
      ],
    ];
    for (const [merchants, words] of wrong) {
      const refused = createSandbox({ merchants } as never);
      await expect(refused).rejects.toMatchObject({ name: "ConfigError", message: expect.stringContaining(words) });
    }
    await using sandbox = await createSandbox({ merchants: [{ ...shop, merchantId: otherAccount }] });
    expect(codeOf(await post(sandbox, "/_sandbox/worlds", { processingAccountId: otherAccount }))).toEqual([
      409,
      "action_not_allowed",
    ]);
  });

  test("have their merchantName, or that of the settings, also after a reset", async () => {
    const harbour = {
      merchantId: "harbour",
      processingAccountIds: [account] as [string],
      merchantName: "Harbour Coffee",
    };
    const other = { merchantId: "other", processingAccountIds: [otherAccount] as [string] };
    const settings = { merchantName: "Everyone", expiryMs: 60_000 };
    await using sandbox = await createSandbox({ settings, merchants: [harbour, other] });
    const names = async () =>
      Promise.all(
        [account, otherAccount, demo].map(async (id) => {
          const { merchantName, expiry } = (await get(sandbox, `/_sandbox/worlds/${id}`)).body.settings;
          return [merchantName, expiry];
        }),
      );
    const expected = [
      ["Harbour Coffee", "PT1M"],
      ["Everyone", "PT1M"],
      ["Everyone", "PT1M"],
    ];
    expect(await names()).toEqual(expected);
    await post(sandbox, "/_sandbox/reset", { processingAccountId: account });
    expect(await names()).toEqual(expected);
    await sandbox.change({ merchantName: "Changed" });
    await sandbox.reset();
    expect(await names()).toEqual(expected);
  });

  test.each(["", 5])("are refused with the merchantName %j", async (merchantName) => {
    const merchants = [{ merchantId: "harbour", processingAccountIds: [account], merchantName }];
    const complaint = `is ${JSON.stringify(merchantName)}; expected a text that is not empty.`;
    await expect(createSandbox({ merchants } as never)).rejects.toMatchObject({
      name: "ConfigError",
      message: `The option merchants[0].merchantName ${complaint}`,
    });
  });

  test("without keys get the same keys at every start", async () => {
    const merchants = [{ merchantId: "harbour", processingAccountIds: [account] as [string] }];
    const read = async () => {
      await using sandbox = await createSandbox({ merchants });
      return (await get(sandbox, `/_sandbox/credentials?processingAccountId=${account}`)).body;
    };
    const first = await read();
    expect(first.privateKey).toContain("PRIVATE KEY");
    expect(await read()).toEqual(first);
  });
});

describe("rotation of the shared secret", () => {
  test("both keys sign until the overlap ends, on two header lines over a socket and one line in process", async () => {
    const receiver = await startReceiver();
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    const url = await sandbox.listen();
    const { hmacKid, hmacKey: old } = sandbox.credentials;
    const rotated = (await post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT1H" })).body;
    expect(rotated.hmacKeys).toEqual([
      { kid: hmacKid, key: old },
      { kid: rotated.hmacKid, key: rotated.hmacKey },
    ]);
    expect(rotated.hmacKey).not.toBe(old);

    const overSocket = await linesOf(url, "/v1/payments/x", "x-signature");
    expect(overSocket.lines).toHaveLength(2);
    const inProcess = await get(sandbox, "/v1/payments/x");
    for (const hmacKey of [old, rotated.hmacKey]) {
      expect(verifyResponse({ signature: overSocket.lines, body: overSocket.body, hmacKey })).toBe(true);
      expect(verifyResponse({ signature: inProcess.headers.get("x-signature"), body: inProcess.text, hmacKey })).toBe(
        true,
      );
    }
    expect(inProcess.headers.get("x-signature")).toMatch(/^[\w-]+\.\.[\w-]+, [\w-]+\.\.[\w-]+$/);

    const { id } = await createPayment(sandbox);
    await sandbox.payments.act(id, "pay");
    await sandbox.settle();
    expect(receiver.received[0]?.signatures).toHaveLength(2);

    await sandbox.clock.advance("PT59M59.999S");
    expect((await get(sandbox, "/_sandbox/credentials")).body.hmacKeys).toHaveLength(2);
    await sandbox.clock.advance("PT0.001S");
    const after = await get(sandbox, "/v1/payments/x");
    expect(verifyResponse({ signature: after.headers.get("x-signature"), body: after.text, hmacKey: old })).toBe(false);
    expect(
      verifyResponse({ signature: after.headers.get("x-signature"), body: after.text, hmacKey: rotated.hmacKey }),
    ).toBe(true);
    expect((await get(sandbox, "/_sandbox/credentials")).body.hmacKeys).toHaveLength(1);
    await receiver.close();
  });

  test("without an overlap the old key is retired immediately, and a key can be retired by request", async () => {
    await using sandbox = await frozenSandbox();
    const at = async (path: string, body: object) => (await post(sandbox, `/_sandbox/keys/${path}`, body)).body;
    expect((await at("rotate", { overlap: "PT0S" })).hmacKeys).toHaveLength(1);
    const two = await at("rotate", {});
    expect(two.hmacKeys).toHaveLength(2);
    expect((await at("retire", { hmacKid: two.hmacKeys[0].kid })).hmacKeys).toEqual([two.hmacKeys[1]]);
    expect((await sandbox.clock.advance("P1D")).ran).toBe(0);
  });

  test("the only key cannot be retired, and an unknown key is not found", async () => {
    await using sandbox = await frozenSandbox();
    const retire = (body: object) => post(sandbox, "/_sandbox/keys/retire", body);
    expect(codeOf(await retire({ hmacKid: sandbox.credentials.hmacKid }))).toEqual([409, "action_not_allowed"]);
    expect(codeOf(await retire({ hmacKid: "x" }))).toEqual([404, "not_found"]);
    expect(codeOf(await retire({}))).toEqual([400, "invalid_request"]);
    const rotate = await post(sandbox, "/_sandbox/keys/rotate", { overlap: "soon" });
    expect([...codeOf(rotate), rotate.body.errors[0].path]).toEqual([400, "invalid_request", "overlap"]);
  });

  test("the handle has the current credentials", async () => {
    await using sandbox = await frozenSandbox();
    const before = sandbox.credentials;
    const { body } = await post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT0S" });
    expect(sandbox.credentials).toEqual({
      ...before,
      hmacKid: body.hmacKid,
      hmacKey: body.hmacKey,
      hmacKeys: body.hmacKeys,
    });
    await sandbox.reset();
    expect(sandbox.credentials).toEqual(before);
  });

  test("with a seed and resets, each key still has its own kid", async () => {
    await using sandbox = await frozenSandbox({ seed: "teal", clock: "2026-01-01T00:00:00Z" });
    const rotate = () => post(sandbox, "/_sandbox/keys/rotate", { overlap: "PT1H" });
    const kids = ({ body }: { body: { hmacKeys: { kid: string }[] } }) => body.hmacKeys.map(({ kid }) => kid);
    const first = kids(await rotate());
    expect(new Set(first).size).toBe(2);
    await post(sandbox, "/_sandbox/reset", {});
    const second = kids(await rotate());
    expect(new Set(second).size).toBe(2);
    await sandbox.clock.advance("PT1H");
    expect(kids(await get(sandbox, "/_sandbox/credentials"))).toEqual(second.slice(-1));
    const { publicKey } = await generateWithJose();
    const register = async () => (await post(sandbox, "/_sandbox/credentials", { publicKey })).status;
    expect(await register()).toBe(201);
    await post(sandbox, "/_sandbox/reset", {});
    expect(await register()).toBe(201);
  });

  test("a merchant can have at most ten keys", async () => {
    await using sandbox = await frozenSandbox();
    const statuses: number[] = [];
    for (let count = 0; count < 10; count += 1)
      statuses.push((await post(sandbox, "/_sandbox/keys/rotate", {})).status);
    expect(statuses).toEqual([...Array(9).fill(200), 409]);
  });

  test("a reset of the world whose clock retires the old key retires it", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/_sandbox/keys/rotate", {});
    await post(sandbox, "/_sandbox/reset", {});
    expect((await get(sandbox, "/_sandbox/credentials")).body.hmacKeys).toHaveLength(1);
    await sandbox.reset();
    expect((await get(sandbox, "/_sandbox/credentials")).body).toEqual(sandbox.credentials);
  });
});
