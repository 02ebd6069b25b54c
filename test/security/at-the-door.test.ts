import { type IncomingMessage, request as openRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { forgeJws, generateWithJose, resignAsDer, signWithJose, verifyWithJose } from "../support/jose-merchant.ts";

const stranger = await generateWithJose();

interface Parts {
  readonly method: string;
  readonly target: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

const payment = {
  processingAccountId: "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
  merchantReference: "元朗-1001",
  amount: { value: 200, currency: "hkd" },
  paymentMethod: {
    type: "alipay_hk",
    alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
  },
};
const create = { method: "POST", target: "/v1/payments", body: JSON.stringify(payment) };
const read: Parts = { method: "GET", target: "/v1/payments/3BkYpQXh6hXcQ8uQ1rLb2VtWz7a" };

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly signature: string | null;
  readonly diagnosis: string | null;
}

async function send(sandbox: Sandbox, { method, target, body }: Parts, signature?: string): Promise<Answer> {
  const headers: Record<string, string> = signature === undefined ? {} : { "X-Signature": signature };
  const response = await sandbox.fetch(target, { method, headers, ...(body === undefined ? {} : { body }) });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    status: response.status,
    bytes,
    text: new TextDecoder().decode(bytes),
    signature: response.headers.get("X-Signature"),
    diagnosis: response.headers.get("X-Sandbox-Diagnosis"),
  };
}

interface Changes {
  readonly kid?: string;
  readonly privateKey?: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly expiresInSeconds?: number;
}

/** Signs with jose, by default as the demo merchant. */
function signed({ credentials: { kid, privateKey } }: Sandbox, asked: Parts, changes: Changes = {}): Promise<string> {
  return signWithJose({ ...asked, kid, privateKey, ...changes });
}

function expectUnauthorized(answer: Answer, diagnosis: RegExp): void {
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text)).toEqual({ reason: { code: "unauthorized", description: expect.any(String) } });
  expect(answer.diagnosis).toMatch(diagnosis);
  expect(answer.text).not.toContain(answer.diagnosis);
}

describe("authentication", () => {
  const unsigned = async () => undefined;
  const validly = (sandbox: Sandbox, asked: Parts) => signed(sandbox, asked);
  const wrongly = (sandbox: Sandbox, asked: Parts) => signed(sandbox, asked, { privateKey: stranger.privateKey });
  const empty = async () => "";
  const nonsense = async () => "signature";

  it.each([
    ["verify", "unsigned", unsigned, 201, 404],
    ["verify", "validly signed", validly, 201, 404],
    ["verify", "wrongly signed", wrongly, 401, 401],
    ["verify", "with an empty signature", empty, 401, 401],
    ["verify", "with a malformed signature", nonsense, 401, 401],
    ["require", "unsigned", unsigned, 401, 401],
    ["require", "validly signed", validly, 201, 404],
    ["require", "wrongly signed", wrongly, 401, 401],
    ["require", "with an empty signature", empty, 401, 401],
    ["require", "with a malformed signature", nonsense, 401, 401],
    ["off", "unsigned", unsigned, 201, 404],
    ["off", "validly signed", validly, 201, 404],
    ["off", "wrongly signed", wrongly, 201, 404],
    ["off", "with an empty signature", empty, 201, 404],
    ["off", "with a malformed signature", nonsense, 201, 404],
  ] as const)("in mode %s, %s", async (auth, _how, sign, created, missing) => {
    await using sandbox = await createSandbox({ auth });
    expect((await send(sandbox, create, await sign(sandbox, create))).status).toBe(created);
    expect((await send(sandbox, read, await sign(sandbox, read))).status).toBe(missing);
  });

  it("has the mode verify by default", async () => {
    await using sandbox = await createSandbox();
    expect((await send(sandbox, create)).status).toBe(201);
    expect((await send(sandbox, create, await wrongly(sandbox, create))).status).toBe(401);
  });

  it("creates nothing for a wrongly signed request", async () => {
    const delivered: unknown[] = [];
    await using sandbox = await createSandbox({
      webhook: async (request) => {
        delivered.push(await request.json());
        return new Response();
      },
    });
    await send(sandbox, create, await wrongly(sandbox, create));
    await sandbox.clock.advance("P1D");
    expect(delivered).toEqual([]);
    await send(sandbox, create, await validly(sandbox, create));
    await sandbox.clock.advance("P1D");
    expect(delivered).toHaveLength(1);
  });
});

/** Signatures that must be refused, with the request that is sent. */
const attacks: Record<string, { sign: (sandbox: Sandbox) => Promise<string>; diagnosis: RegExp; sent?: Parts }> = {
  "a body changed by one byte": {
    sign: (sandbox) => signed(sandbox, create),
    sent: { ...create, body: create.body.replace("200", "100") },
    diagnosis: /does not match/,
  },
  "a removed body": {
    sign: (sandbox) => signed(sandbox, create),
    sent: { method: "POST", target: create.target },
    diagnosis: /does not match/,
  },
  "a signature for another path": {
    sign: (sandbox) => signed(sandbox, { ...create, target: "/v1/credits" }),
    diagnosis: /^aud is/,
  },
  "a signature for another method": {
    sign: (sandbox) => signed(sandbox, { ...create, method: "PUT" }),
    diagnosis: /^aud is/,
  },
  "an aud whose method is in lower case": {
    sign: (sandbox) => signed(sandbox, { ...create, method: "post" }),
    diagnosis: /^aud is/,
  },
  "an aud without the query": {
    sign: (sandbox) => signed(sandbox, create),
    sent: { ...create, target: "/v1/payments?idempotencyKey=abcdefgh" },
    diagnosis: /^aud is/,
  },
  "an aud with the host": {
    sign: (sandbox) => signed(sandbox, { ...create, target: `${sandbox.credentials.baseUrl}/v1/payments` }),
    diagnosis: /^aud is/,
  },
  "exp 310 s ahead": {
    sign: (sandbox) => signed(sandbox, create, { expiresInSeconds: 310 }),
    diagnosis: /at most 300 s/,
  },
  "exp 10 s ago": {
    sign: (sandbox) => signed(sandbox, create, { expiresInSeconds: -10 }),
    diagnosis: /in the past/,
  },
  "exp in milliseconds": {
    sign: (sandbox) => signed(sandbox, create, { header: { exp: Date.now() + 60_000 } }),
    diagnosis: /in milliseconds/,
  },
  "no exp": {
    sign: (sandbox) => signed(sandbox, create, { header: { exp: undefined } }),
    diagnosis: /exp/,
  },
  "alg none without signature bytes": {
    sign: async (sandbox) => forgeJws(usualHeader(sandbox, "none"), Buffer.alloc(0)),
    diagnosis: /base64url/,
  },
  "alg none with signature bytes": {
    sign: async (sandbox) => forgeJws(usualHeader(sandbox, "none"), Buffer.alloc(64)),
    diagnosis: /^alg is "none"/,
  },
  "alg HS256 with the public key's PEM as secret": {
    sign: (sandbox) => signed(sandbox, create, { privateKey: sandbox.credentials.publicKey, header: { alg: "HS256" } }),
    diagnosis: /^alg is "HS256"/,
  },
  "alg HS256 with the shared secret": {
    sign: (sandbox) => signed(sandbox, create, { privateKey: sandbox.credentials.hmacKey, header: { alg: "HS256" } }),
    diagnosis: /^alg is "HS256"/,
  },
  "an unknown kid": {
    sign: (sandbox) => signed(sandbox, create, { kid: "3BkYpQXh6hXcQ8uQ1rLb2VtWz7a" }),
    diagnosis: /not registered/,
  },
  "the kid of the shared secret": {
    sign: (sandbox) => signed(sandbox, create, { kid: sandbox.credentials.hmacKid }),
    diagnosis: /not registered/,
  },
  "a kid that is a property of every object": {
    sign: (sandbox) => signed(sandbox, create, { kid: "__proto__" }),
    diagnosis: /not registered/,
  },
  "no kid": {
    sign: (sandbox) => signed(sandbox, create, { header: { kid: undefined } }),
    diagnosis: /no kid/,
  },
  "DER instead of raw": {
    sign: async (sandbox) => resignAsDer(await signed(sandbox, create), create.body, sandbox.credentials.privateKey),
    diagnosis: /it is DER/,
  },
  "a signature of another key": {
    sign: (sandbox) => signed(sandbox, create, { privateKey: stranger.privateKey }),
    diagnosis: /does not match/,
  },
  "r and s zero": {
    sign: async (sandbox) => forgeJws(usualHeader(sandbox, "ES256"), Buffer.alloc(64)),
    diagnosis: /does not match/,
  },
  "crit in the header": {
    sign: (sandbox) => signed(sandbox, create, { header: { crit: ["b64"], b64: false } }),
    diagnosis: /crit/,
  },
  "a valid signature with another one": {
    sign: async (sandbox) => `${await signed(sandbox, create)}, ${await signed(sandbox, create)}`,
    diagnosis: /exactly one/,
  },
  "the sandbox's own signature of a response": {
    sign: async (sandbox) => (await send(sandbox, read)).signature ?? "",
    diagnosis: /^alg is "HS256"/,
  },
};

function usualHeader({ credentials: { kid } }: Sandbox, alg: string) {
  return { alg, kid, aud: `${create.method} ${create.target}`, exp: Math.floor(Date.now() / 1000) + 60 };
}

describe.each(["verify", "require"] as const)("mode %s returns 401 for", (auth) => {
  it.each(Object.entries(attacks))("%s", async (_name, { sign, diagnosis, sent = create }) => {
    await using sandbox = await createSandbox({ auth });
    expectUnauthorized(await send(sandbox, sent, await sign(sandbox)), diagnosis);
  });
});

describe("a good signature", () => {
  it.each([10, 60, 290])("is accepted %i s before its exp", async (expiresInSeconds) => {
    await using sandbox = await createSandbox({ auth: "require" });
    expect((await send(sandbox, create, await signed(sandbox, create, { expiresInSeconds }))).status).toBe(201);
  });

  it("is accepted with typ in its header", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const signature = await signed(sandbox, create, { header: { typ: "JWT" } });
    expect((await send(sandbox, create, signature)).status).toBe(201);
  });

  it("covers the exact bytes of the body, also if they are not UTF-8", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const asked = { ...create, body: new Uint8Array([0x7b, 0xff, 0xc3, 0x28, 0x7d]) };
    expect((await send(sandbox, asked, await signed(sandbox, asked))).status).toBe(400);
  });

  it("covers the query", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const asked = { ...create, target: "/v1/payments?idempotencyKey=abcd%2fefgh&x=~" };
    expect((await send(sandbox, asked, await signed(sandbox, asked))).status).toBe(201);
  });

  it("is refused by a sandbox with another seed", async () => {
    await using sandbox = await createSandbox({ seed: "one" });
    await using other = await createSandbox({ seed: "two" });
    expectUnauthorized(await send(other, create, await signed(sandbox, create)), /not registered/);
  });

  it.each(["2014-05-14T00:00:00Z", "2150-01-01T00:00:00Z"])(
    "uses the real clock although the world's clock is at %s",
    async (clock) => {
      await using sandbox = await createSandbox({ auth: "require", clock });
      const answer = await send(sandbox, create, await signed(sandbox, create));
      expect(answer.status).toBe(201);
      const { exp } = await verifyWithJose(answer.signature, answer.bytes, sandbox.credentials.hmacKey);
      expect(Math.abs(Number(exp) - 300 - Date.now() / 1000)).toBeLessThan(15);
    },
  );
});

describe("every response is signed over its exact bytes", () => {
  const asks: Record<number, Parts> = {
    201: create,
    400: { ...create, body: "{" },
    404: read,
    405: { method: "DELETE", target: "/v1/payments" },
    413: { ...create, body: "x".repeat(65 * 1024) },
  };

  const cases = (["verify", "require", "off"] as const).flatMap((auth) =>
    Object.entries(asks).map(([status, asked]) => [auth, Number(status), asked] as const),
  );

  it.each(cases)("in mode %s, %i", async (auth, status, asked) => {
    await using sandbox = await createSandbox({ auth });
    await expectSigned(sandbox, await send(sandbox, asked, await signed(sandbox, asked)), status);
  });

  it.each(["verify", "require"] as const)("in mode %s, 401", async (auth) => {
    await using sandbox = await createSandbox({ auth });
    const signature = await signed(sandbox, create, { privateKey: stranger.privateKey });
    await expectSigned(sandbox, await send(sandbox, create, signature), 401);
  });

  it.each([
    ["verify", 201],
    ["require", 401],
    ["off", 201],
  ] as const)("in mode %s to an unsigned request, %i", async (auth, status) => {
    await using sandbox = await createSandbox({ auth });
    await expectSigned(sandbox, await send(sandbox, create), status);
  });

  it.each(["verify", "require", "off"] as const)("in mode %s, 413 before the signature is checked", async (auth) => {
    await using sandbox = await createSandbox({ auth });
    const asked = { ...create, body: "x".repeat(65 * 1024) };
    await expectSigned(sandbox, await send(sandbox, asked, "nonsense"), 413);
  });

  it("200 for the read of a payment", async () => {
    await using sandbox = await createSandbox();
    const { id, trackingUrl } = JSON.parse((await send(sandbox, create)).text);
    for (const target of [`/v1/payments/${id}`, trackingUrl]) {
      await expectSigned(sandbox, await send(sandbox, { method: "GET", target }), 200);
    }
  });

  it("the answer to HEAD, over no bytes", async () => {
    await using sandbox = await createSandbox();
    const answer = await send(sandbox, { ...read, method: "HEAD" });
    expect(answer.bytes).toHaveLength(0);
    await expectSigned(sandbox, answer, 404);
  });

  it.each(["/v1", "/v1/", "/v1/nothing/here", "/v1/payments/"])("404 of %s", async (target) => {
    await using sandbox = await createSandbox();
    await expectSigned(sandbox, await send(sandbox, { method: "GET", target }), 404);
  });

  async function expectSigned(sandbox: Sandbox, answer: Answer, status: number): Promise<void> {
    const { hmacKid, hmacKey } = sandbox.credentials;
    expect(answer.status).toBe(status);
    expect(await verifyWithJose(answer.signature, answer.bytes, hmacKey)).toEqual({
      alg: "HS256",
      kid: hmacKid,
      exp: expect.any(Number),
    });
  }
});

describe("the diagnosis", () => {
  it("is never in the body: every 401 has the same bytes for any cause", async () => {
    await using sandbox = await createSandbox();
    const bodies = new Set<string>();
    const diagnoses = new Set<string | null>();
    for (const { sign, sent = create } of Object.values(attacks)) {
      const answer = await send(sandbox, sent, await sign(sandbox));
      bodies.add(answer.text);
      diagnoses.add(answer.diagnosis);
    }
    expect(bodies.size).toBe(1);
    expect(diagnoses.size).toBeGreaterThan(10);
  });

  it("reports a missing signature in mode require", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    expectUnauthorized(await send(sandbox, create), /X-Signature is missing/);
  });

  it.each([
    ["text beyond ASCII", "元朗", "%E5%85%83%E6%9C%97"],
    ["Latin-1", "café", "caf%C3%A9"],
    ["an emoji", "🧧", "%F0%9F%A7%A7"],
    ["a line break before a header", "a\r\nSet-Cookie: b=c", "\\r\\nSet-Cookie: b=c"],
    ["a null", "a\u0000b", "\\u0000"],
    ["DEL and C1 controls", "a\u007f\u009bb", "a%7F%C2%9Bb"],
    ["a lone surrogate", "a\ud83db", "\\ud83d"],
    ["line separators", "a\u2028b", "a%E2%80%A8b"],
    ["a percent sign", "100%41", "100%41"],
  ])("is printable ASCII when the kid has %s", async (_name, kid, shown) => {
    await using sandbox = await createSandbox();
    const answer = await send(sandbox, create, await signed(sandbox, create, { kid }));
    expectUnauthorized(answer, /^[\x20-\x7e]+$/);
    expect(answer.diagnosis).toContain(shown);
    expect(answer.text).not.toContain(kid);
  });

  it("is printable ASCII when alg, aud or exp is not", async () => {
    await using sandbox = await createSandbox();
    for (const name of ["aud", "exp"]) {
      const signature = await signed(sandbox, create, { header: { [name]: "元\r\n朗🧧" } });
      expectUnauthorized(await send(sandbox, create, signature), /^[\x20-\x7e]+$/);
    }
    const forged = forgeJws(usualHeader(sandbox, "元\r\n朗🧧"), Buffer.alloc(64));
    expectUnauthorized(await send(sandbox, create, forged), /^[\x20-\x7e]+$/);
  });

  it.each(["k", "朗", "🧧", "\u0000", '"'])(
    "has at most 1000 characters for 5000 times %o as kid",
    async (character) => {
      await using sandbox = await createSandbox();
      const signature = await signed(sandbox, create, { kid: character.repeat(5000) });
      expectUnauthorized(await send(sandbox, create, signature), /^[\x20-\x7e]{200,1000}$/);
    },
  );

  it.each([
    ["verify", "unsigned: the provider would answer 401"],
    ["off", null],
  ] as const)("of an unsigned success in mode %s is %o", async (auth, diagnosis) => {
    await using sandbox = await createSandbox({ auth });
    const created = await send(sandbox, create);
    expect(created).toMatchObject({ status: 201, diagnosis });
    const target = `/v1/payments/${JSON.parse(created.text).id}`;
    expect(await send(sandbox, { method: "GET", target })).toMatchObject({ status: 200, diagnosis });
  });

  it.each(["verify", "require", "off"] as const)("is absent from a signed success in mode %s", async (auth) => {
    await using sandbox = await createSandbox({ auth });
    const answer = await send(sandbox, create, await signed(sandbox, create));
    expect(answer).toMatchObject({ status: 201, diagnosis: null });
  });

  it("is absent for other failures of unsigned requests and for wrong signatures in mode off", async () => {
    await using verifying = await createSandbox();
    expect(await send(verifying, read)).toMatchObject({ status: 404, diagnosis: null });
    await using open = await createSandbox({ auth: "off" });
    expect(await send(open, create, "nonsense")).toMatchObject({ status: 201, diagnosis: null });
  });
});

describe("over a socket", () => {
  interface Received {
    readonly status: number | undefined;
    readonly bytes: Buffer;
    readonly signatures: readonly string[] | undefined;
    readonly diagnosis: string | undefined;
  }

  /** Sends with `node:http`, which does not change the request target. */
  async function sendRaw(
    base: string,
    { method, target, body }: Parts,
    signature: string | string[],
  ): Promise<Received> {
    const { hostname, port } = new URL(base);
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { "X-Signature": signature };
      const options = { hostname, port, method, path: target, headers, agent: false };
      openRequest(options, resolve).on("error", reject).end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    return {
      status: message.statusCode,
      bytes: Buffer.concat(chunks),
      signatures: message.headersDistinct["x-signature"],
      diagnosis: message.headersDistinct["x-sandbox-diagnosis"]?.join(),
    };
  }

  const oddTargets = [
    ["/v1/payments/%41?x=%7e&y=a+b", "/v1/payments/A?x=~&y=a+b"],
    ["/v1/payments/%7e", "/v1/payments/~"],
    ["/v1/payments/a%2Fb", "/v1/payments/a%2fb"],
    ["/v1/payments/%e5%85%83", "/v1/payments/%E5%85%83"],
    ["/v1/payments/./x", "/v1/payments/x"],
    ["/v1/tracks/../payments/x", "/v1/payments/x"],
    ["/v1/payments/%2e%2e/payments/x", "/v1/payments/x"],
    ["/v1/payments/x?", "/v1/payments/x"],
    ["/v1/payments/x?a='b'&c=\"d\"", "/v1/payments/x?a=%27b%27&c=%22d%22"],
    ["/v1/payments/x|y?z={[^`]}", "/v1/payments/x%7Cy?z={[^`]}"],
    ["/v1/payments/x?a=b&a=c&=&", "/v1/payments/x?a=b&a=c"],
    ["/v1/payments/x?%", "/v1/payments/x?%25"],
  ] as const;

  it.each(oddTargets)("aud is compared to the raw request target %s", async (target) => {
    await using sandbox = await createSandbox({ auth: "require" });
    const base = await sandbox.listen({ port: 0 });
    const asked = { method: "GET", target };
    expect((await sendRaw(base, asked, await signed(sandbox, asked))).status).toBe(404);
  });

  it.each(oddTargets)("aud for %s is not compared to %s", async (target, normalised) => {
    await using sandbox = await createSandbox({ auth: "require" });
    const base = await sandbox.listen({ port: 0 });
    const signature = await signed(sandbox, { method: "GET", target: normalised });
    const answer = await sendRaw(base, { method: "GET", target }, signature);
    expect(answer).toMatchObject({ status: 401, diagnosis: expect.stringMatching(/^aud is/) });
  });

  it("aud does not include the host of an absolute request target", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const base = await sandbox.listen({ port: 0 });
    const signature = await signed(sandbox, { method: "GET", target: "/v1/payments/x?y=%7e" });
    const answer = await sendRaw(base, { method: "GET", target: `${base}/v1/payments/x?y=%7e` }, signature);
    expect(answer.status).toBe(404);
  });

  it("the signature covers the received bytes and is on one header line", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const base = await sandbox.listen({ port: 0 });
    const good = await sendRaw(base, create, await signed(sandbox, create));
    const wrong = await sendRaw(base, create, "nonsense");
    expect([good.status, wrong.status]).toEqual([201, 401]);
    for (const { bytes, signatures } of [good, wrong]) {
      expect(signatures).toHaveLength(1);
      const header = await verifyWithJose(signatures?.[0], bytes, sandbox.credentials.hmacKey);
      expect(header).toMatchObject({ kid: sandbox.credentials.hmacKid });
    }
  });

  it("a changed body is 401", async () => {
    await using sandbox = await createSandbox({ auth: "require" });
    const base = await sandbox.listen({ port: 0 });
    const answer = await sendRaw(base, { ...create, body: `${create.body} ` }, await signed(sandbox, create));
    expect(answer).toMatchObject({ status: 401, diagnosis: expect.stringMatching(/does not match/) });
  });

  it("two X-Signature lines are 401, also if both are valid", async () => {
    await using sandbox = await createSandbox();
    const base = await sandbox.listen({ port: 0 });
    const signature = await signed(sandbox, create);
    expect((await sendRaw(base, create, [signature, signature])).status).toBe(401);
  });

  it("the diagnosis is received for a kid with a line break and an emoji", async () => {
    await using sandbox = await createSandbox();
    const base = await sandbox.listen({ port: 0 });
    const signature = await signed(sandbox, create, { kid: "a\r\nSet-Cookie: b=🧧" });
    const answer = await sendRaw(base, create, signature);
    expect(answer).toMatchObject({ status: 401, diagnosis: expect.stringMatching(/Set-Cookie: b=%F0%9F%A7%A7/) });
  });
});
