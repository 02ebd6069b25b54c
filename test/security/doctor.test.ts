import { createHash, createHmac, sign as signBytes } from "node:crypto";
import { CompactSign, FlattenedSign, importPKCS8, type JWSHeaderParameters, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type DoctorKnowledge, diagnoseSignature } from "../../src/security/doctor/doctor.ts";
import { parseLeniently } from "../../src/security/doctor/lenient-parse.ts";
import { wrongPayloads } from "../../src/security/doctor/payload-variants.ts";
import { firstMatch } from "../../src/security/doctor/signature-bytes.ts";
import { requestAudience, type SignedParts, verifyRequestSignature } from "../../src/security/request-signature.ts";
import { forgeJws, generateWithJose, resignAsDer, signWithJose } from "../support/jose-merchant.ts";

const merchant = await generateWithJose();
const secondKey = await generateWithJose();
const neighbour = await generateWithJose();
const stranger = await generateWithJose();
const [kid, secondKid, neighbourKid] = ["mine-1", "mine-2", "theirs-1"];
const hmacKey = "bXkgc2hhcmVkIHNlY3JldCBvZiBldmVyeSBsZW5ndGg";

const nowMs = Date.UTC(2026, 0, 5, 9) + 417;
const now = Math.floor(nowMs / 1000);
const exp = now + 60;

/** The public key as Node exports it, with a newline at the end. */
const spki = `${merchant.publicKey.trim()}\n`;

const known: DoctorKnowledge = {
  nowMs,
  credentials: [
    { kid, merchantId: "me", publicKey: spki },
    { kid: secondKid, merchantId: "me", publicKey: secondKey.publicKey },
    { kid: neighbourKid, merchantId: "neighbour", publicKey: neighbour.publicKey },
  ],
  hmacKeys: [{ kid: "hmac-1", key: hmacKey }],
};

const payment = {
  processingAccountId: "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
  merchantReference: "元朗-1001 <a&b>",
  amount: { value: 200, currency: "hkd" },
  returnUrl: "https://merchant.site/complete-payment",
};
const body = JSON.stringify(payment);
const target = "/v1/payments/~1?idempotencyKey=ab%2Fcd";
const create: SignedParts = { method: "POST", target, body: Buffer.from(body) };
const read: SignedParts = { method: "GET", target: "/v1/payments/1", body: new Uint8Array() };
const withBody = (text: string, parts = create): SignedParts => ({ ...parts, body: Buffer.from(text) });

const names = [
  ...["header_present", "three_parts", "payload_detached", "base64url", "header_json"],
  ...["alg", "crit", "kid", "aud", "exp", "signature_length", "signature"],
];

type Header = Readonly<Record<string, unknown>>;

/** A valid header with changes; `undefined` removes a member. */
function headerOf(changes: Header = {}, parts = create): JWSHeaderParameters & { alg: string } {
  return { alg: "ES256", kid, aud: requestAudience(parts), exp, ...changes };
}

/** A JWS by jose over any payload, which it contains. */
async function whole(payload: string | Uint8Array, header = headerOf(), privateKey = merchant.privateKey) {
  const key = await importPKCS8(privateKey, "ES256");
  return new CompactSign(Buffer.from(payload)).setProtectedHeader(header).sign(key);
}

function detach(jws: string): string {
  const [header, , signature] = jws.split(".");
  return `${header}..${signature}`;
}

/** A detached JWS by jose over any payload. */
async function over(payload: string | Uint8Array, header = headerOf(), privateKey = merchant.privateKey) {
  return detach(await whole(payload, header, privateKey));
}

/** jose's SignJWT, which puts the claims into the payload. */
async function jwt(claims: Header, header: Header = { alg: "ES256", kid }): Promise<string> {
  const key = await importPKCS8(merchant.privateKey, "ES256");
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", ...header }).sign(key);
}

const jwtClaims = (parts = create) => ({ iat: now, exp, aud: requestAudience(parts) });

/** A JWT like those of `jsonwebtoken`, which adds `iat`, `exp` and `aud` after the members of the payload. */
function jsonwebtoken(
  payload: Header,
  options: { header?: Header; expiresIn?: number; audience?: string; iat?: number } = {},
): string {
  const { header = headerOf(), expiresIn, audience, iat = now } = options;
  const claims: Record<string, unknown> = { ...payload, iat };
  if (expiresIn !== undefined) claims.exp = iat + expiresIn;
  if (audience !== undefined) claims.aud = audience;
  const encodedHeader = base64Url(JSON.stringify({ typ: "JWT", ...header }));
  return `${encodedHeader}.${base64Url(JSON.stringify(claims))}.${base64Url(
    es256(`${encodedHeader}.${base64Url(JSON.stringify(claims))}`),
  )}`;
}

/** Signs the input that the function makes from the encoded header. */
function byHand(input: (encodedHeader: string) => string | Uint8Array, header: Header = headerOf()): string {
  const encodedHeader = base64Url(JSON.stringify(header));
  return `${encodedHeader}..${base64Url(es256(input(encodedHeader)))}`;
}

function es256(input: string | Uint8Array, privateKey = merchant.privateKey): Buffer {
  return signBytes("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
}

function base64Url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function sha256(bytes: string | Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Changes only the signature bytes of a JWS. */
function withSignature(jws: string, change: (bytes: Buffer) => string): string {
  const [header, , signature = ""] = jws.split(".");
  return `${header}..${change(Buffer.from(signature, "base64url"))}`;
}

function sortedDeeply(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, member]) => [name, sortedDeeply(member)]),
  );
}

/** Python's json.dumps, for values without ", " and ": " in their texts. */
function python(value: unknown): string {
  return JSON.stringify(value).replace(/":/g, '": ').replace(/,"/g, ', "');
}

function ascii(text: string): string {
  return text.replace(/[^ -~]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function verify(signature: string, parts: SignedParts, knowledge = known) {
  return verifyRequestSignature(signature, parts, knowledge.nowMs, (name) => {
    return knowledge.credentials.find((credential) => credential.kid === name)?.publicKey;
  });
}

/** Diagnoses a signature, and checks the invariants of all diagnoses. */
function diagnose(signature: string | undefined, parts = create, knowledge = known) {
  const diagnosis = diagnoseSignature(signature, parts, knowledge);
  const { ok, sentence, checks } = diagnosis;
  if (signature !== undefined) expect(ok, sentence).toBe(verify(signature, parts, knowledge).ok);
  expect(checks.map(({ name }) => name)).toEqual(names);
  expect(checks.every(({ verdict }) => verdict === "ok")).toBe(ok);
  const first = checks.find(({ verdict }) => verdict !== "ok");
  if (first !== undefined) expect(first).toEqual({ name: first.name, verdict: "wrong", sentence });
  for (const check of checks) {
    expect(check.sentence).toMatch(/^[^\n]+\.$/);
    expect(check.sentence.length).toBeLessThan(1000);
  }
  expect(JSON.stringify(diagnosis)).not.toContain(hmacKey);
  return diagnosis;
}

interface Mistake {
  readonly make: () => string | Promise<string>;
  /** Required parts of the sentence of the check. */
  readonly says: readonly (string | RegExp)[];
  readonly parts?: SignedParts;
  /** The first failed check, if it is another one. */
  readonly first?: string;
}

function mistakes(check: string, table: Readonly<Record<string, Mistake>>): void {
  describe(check, () => {
    it.each(Object.entries(table))("%s", async (_name, { make, says, parts = create, first = check }) => {
      const { sentence, checks } = diagnose(await make(), parts);
      const found = checks.find(({ name }) => name === check);
      expect(found?.verdict).toBe("wrong");
      for (const words of says) expect(found?.sentence).toMatch(words);
      expect(sentence.replace(/[^ -~]+/g, encodeURIComponent).length).toBeLessThan(1000);
      expect(sentence).toBe(checks.find(({ name }) => name === first)?.sentence);
    });
  });
}

describe("a good signature", () => {
  it.each([
    ["of a POST", create, {}],
    ["of a GET", read, {}],
    ["over a body that is not UTF-8", { ...create, body: Buffer.from([0xff, 0, 0xc3, 0x28]) }, {}],
    ["with typ and iat in its header", create, { typ: "JWT", iat: now }],
    ["that expires in 300 s", create, { exp: now + 300 }],
    ["that expires in less than a second", create, { exp: nowMs / 1000 + 0.001 }],
  ])("%s", async (_name, parts, changes) => {
    const { ok, sentence, checks } = diagnose(await over(parts.body, headerOf(changes, parts)), parts);
    expect({ ok, sentence }).toEqual({ ok: true, sentence: "The signature is valid." });
    expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(["ok"]));
  });

  it("made by FlattenedSign of jose", async () => {
    const key = await importPKCS8(merchant.privateKey, "ES256");
    const jws = await new FlattenedSign(create.body).setProtectedHeader(headerOf()).sign(key);
    expect(diagnose(`${jws.protected}..${jws.signature}`).ok).toBe(true);
  });

  it("of every credential", async () => {
    const signature = await over(body, headerOf({ kid: neighbourKid }), neighbour.privateKey);
    expect(diagnose(signature).ok).toBe(true);
  });
});

describe("header_present", () => {
  it("is wrong without X-Signature, and all other checks are unknown", () => {
    const { ok, sentence, checks } = diagnoseSignature(undefined, create, known);
    expect(ok).toBe(false);
    expect(sentence).toBe("X-Signature is missing: send {b64url header}..{b64url signature} with every request.");
    expect(checks.map(({ name, verdict }) => [name, verdict])).toEqual(
      names.map((name, index) => [name, index === 0 ? "wrong" : "unknown"]),
    );
  });
});

mistakes("three_parts", {
  "an empty text": { make: () => "", says: [/^X-Signature is empty/] },
  "a signature without header": { make: () => base64Url(es256(body)), says: ["has one part", "header"] },
  "one dot instead of two": {
    make: async () => (await over(body)).replace("..", "."),
    says: ["has two parts", "two dots"],
  },
  "JSON serialisation": {
    make: async () => {
      const key = await importPKCS8(merchant.privateKey, "ES256");
      return JSON.stringify(await new FlattenedSign(create.body).setProtectedHeader(headerOf()).sign(key));
    },
    says: ["JWS in JSON form", "compact form"],
  },
  "an encrypted JWE": { make: () => "a.b.c.d.e", says: ["has 5 parts", "JWE"] },
  "four parts": { make: () => "a.b.c.d", says: ["has 4 parts", "instead of three"] },
  "two signatures joined": {
    make: async () => `${await over(body)}, ${await over(body)}`,
    says: ["several signatures", "exactly one"],
  },
});

mistakes("payload_detached", {
  "the body left inside": { make: () => whole(body), says: ["contains the body", "remove the body", "both dots"] },
  "a whole JWT of jose with the body's members and claims": {
    make: () => jwt({ ...payment, ...jwtClaims() }),
    says: [/complete JWT with the claims aud, exp, iat/, "protected header", "FlattenedSign instead of SignJWT"],
  },
  "a whole JWT with claims only": { make: () => jwt(jwtClaims()), says: [/complete JWT/, /middle part empty/] },
  "a whole JWT of jsonwebtoken": {
    make: () => jsonwebtoken(payment, { expiresIn: 60 }),
    says: [/complete JWT with the claims exp, iat/],
  },
  "a whole JWT on a GET": { make: () => jwt(jwtClaims(read)), parts: read, says: [/complete JWT/] },
  "other bytes than the body": {
    make: () => whole(JSON.stringify(payment, null, 2)),
    says: ["is not the body", `the body has ${create.body.length} bytes`],
  },
  "a payload for a request without a body": {
    make: () => whole("{}", headerOf({}, read)),
    parts: read,
    says: ["payload of 2 bytes", "has no body"],
  },
});

mistakes("base64url", {
  "a header with padding": {
    make: () => {
      const encoded = Buffer.from(`${JSON.stringify(headerOf())} `.padEnd(200)).toString("base64");
      return `${encoded.replace(/=*$/, "=")}..${base64Url(es256("x"))}`;
    },
    says: ["header", "padding", "remove it"],
  },
  "a signature with padding": {
    make: async () => `${await over(body)}==`,
    says: ["The signature", "padding", "remove it"],
  },
  "a signature in standard base64": {
    make: async () => withSignature(await over(body), () => Buffer.alloc(64, 0xfb).toString("base64")),
    says: ["The signature", "standard base64", '"-" for "+"', '"_" for "/"'],
  },
  "no signature": { make: async () => withSignature(await over(body), () => ""), says: ["The signature", "is empty"] },
  "no header": { make: () => `..${base64Url(es256(body))}`, says: ["The header", "is empty"] },
  "Bearer in front": { make: async () => `Bearer ${await over(body)}`, says: ["begins with", "Bearer"] },
  "quotes around": { make: async () => `"${await over(body)}"`, says: ["The header", /contains "\\""/] },
  "a blank at the end": { make: async () => `${await over(body)} `, says: ["The signature", 'contains " "'] },
  "the hex of r and s": {
    make: async () => withSignature(await over(body), (bytes) => bytes.toString("hex")),
    says: ["The signature", "is the hex of r and s", "write these 64 bytes as base64url"],
  },
  "the hex of r and s in upper case": {
    make: async () => withSignature(await over(body), (bytes) => bytes.toString("hex").toUpperCase()),
    says: ["is the hex of r and s"],
  },
  "the hex of r and s after 0x": {
    make: async () => withSignature(await over(body), (bytes) => `0x${bytes.toString("hex")}`),
    says: ["is the hex of r and s"],
  },
  "the hex of DER": {
    make: async () =>
      withSignature(resignAsDer(await over(body), body, merchant.privateKey), (bytes) => bytes.toString("hex")),
    says: ["The signature", "is the hex of DER", "ieee-p1363", "as base64url"],
  },
  "the hex of DER with colons": {
    make: async () =>
      withSignature(resignAsDer(await over(body), body, merchant.privateKey), (bytes) =>
        bytes.toString("hex").replace(/..(?=.)/g, "$&:"),
      ),
    says: ["is the hex of DER"],
  },
  "a header in hex": {
    make: () => `${Buffer.from(JSON.stringify(headerOf())).toString("hex")}..${base64Url(es256("x"))}`,
    says: ["The header", "is hex", "write it as base64url"],
  },
  "a signature cut off": {
    make: async () => (await over(body)).slice(0, -1),
    says: ["The signature", "is incomplete"],
  },
});

mistakes("header_json", {
  "a word": { make: () => `${base64Url("hello")}..AA`, says: ['decodes to "hello"', "not a JSON object"] },
  "a Python dict": { make: () => `${base64Url("{'alg': 'ES256'}")}..AA`, says: ["double quotes", "json.dumps"] },
  "an array": { make: () => `${base64Url('["ES256"]')}..AA`, says: ["not a JSON object"] },
  "base64url twice": {
    make: () => `${base64Url(base64Url(JSON.stringify(headerOf())))}..AA`,
    says: ["not a JSON object", "base64url twice"],
  },
  "bytes that are not UTF-8": {
    make: () => `${base64Url(Buffer.from([0xff, 0xfe]))}..AA`,
    says: ["not a JSON object"],
  },
});

const rsa = await generateWithJose("RS256");
const otherCurve = await generateWithJose("ES384");
const request = { method: create.method, target, body, kid };

mistakes("alg", {
  "HS256 with the shared secret": {
    make: () => signWithJose({ ...request, privateKey: hmacKey, header: { alg: "HS256", exp } }),
    says: [/^alg is "HS256"/, 'shared secret "hmac-1"', "only for signatures of the provider", "private key"],
  },
  "HS256 with the shared secret, as a whole JWT": {
    make: async () => {
      const header = { alg: "HS256", kid };
      return new SignJWT({ ...payment, ...jwtClaims() }).setProtectedHeader(header).sign(Buffer.from(hmacKey));
    },
    says: ['shared secret "hmac-1"'],
    first: "payload_detached",
  },
  "HS256 with the public key as secret": {
    make: () => signWithJose({ ...request, privateKey: spki, header: { alg: "HS256", exp } }),
    says: [/^alg is "HS256"/, 'the public key "mine-1"', "private key"],
  },
  "HS256 with the public key, without its last newline, as secret": {
    make: () => signWithJose({ ...request, privateKey: spki.trim(), header: { alg: "HS256", exp } }),
    says: ['the public key "mine-1"'],
  },
  "HS256 with an unknown secret": {
    make: () => signWithJose({ ...request, privateKey: "x".repeat(32), header: { alg: "HS256", exp } }),
    says: [/^alg is "HS256"/, "shared secret", "private key"],
  },
  none: { make: () => forgeJws(headerOf({ alg: "none" }), Buffer.alloc(64)), says: [/^alg is "none"/, "no signature"] },
  "none without signature": {
    make: () => `${base64Url(JSON.stringify(headerOf({ alg: "none" })))}..`,
    says: [/^alg is "none"/],
    first: "base64url",
  },
  RS256: {
    make: () => signWithJose({ ...request, privateKey: rsa.privateKey, header: { alg: "RS256", exp } }),
    says: [/^alg is "RS256"/, "RSA", "P-256"],
  },
  ES384: {
    make: () => signWithJose({ ...request, privateKey: otherCurve.privateKey, header: { alg: "ES384", exp } }),
    says: [/^alg is "ES384"/, "another curve", "P-256"],
  },
  EdDSA: { make: () => forgeJws(headerOf({ alg: "EdDSA" }), Buffer.alloc(64)), says: [/^alg is "EdDSA"/, "ES256"] },
  "in lower case": { make: () => byHand((h) => h, headerOf({ alg: "es256" })), says: ["exactly", "upper case"] },
  missing: { make: () => byHand((h) => h, headerOf({ alg: undefined })), says: ["no alg", "ES256"] },
  "an array": { make: () => byHand((h) => h, headerOf({ alg: ["ES256"] })), says: ['["ES256"]', "set it to"] },
});

mistakes("crit", {
  "b64, the unencoded payload": {
    make: () => byHand((h) => `${h}.${body}`, headerOf({ crit: ["b64"], b64: false })),
    says: ["b64", "remove crit and b64"],
  },
  "an extension": { make: () => byHand((h) => h, headerOf({ crit: ["x"] })), says: ['["x"]', "remove crit"] },
});

mistakes("kid", {
  missing: {
    make: () => over(body, headerOf({ kid: undefined }), stranger.privateKey),
    says: ["no kid", '"mine-1", "mine-2", "theirs-1"'],
  },
  "missing, but the key is known": {
    make: () => over(body, headerOf({ kid: undefined }), secondKey.privateKey),
    says: ["no kid", 'matches the key "mine-2", so set kid to "mine-2"'],
  },
  unknown: {
    make: () => over(body, headerOf({ kid: "other" }), stranger.privateKey),
    says: ['kid "other" is not registered', '"mine-1", "mine-2", "theirs-1"'],
  },
  "unknown, but the key is known": {
    make: () => over(body, headerOf({ kid: "other" })),
    says: ['kid "other" is not registered', 'matches the key "mine-1", so set kid to "mine-1"'],
  },
  "in another spelling": {
    make: () => over("other", headerOf({ kid: "Mine-1 " })),
    says: ['kid "Mine-1 " is not registered', 'write exactly "mine-1"'],
  },
  "of a shared secret": {
    make: () => over("other", headerOf({ kid: "hmac-1" })),
    says: ["shared secret", "the provider signs", '"mine-1"'],
  },
  "a number": { make: () => byHand((h) => h, headerOf({ kid: 1 })), says: ["kid is 1", "not a text"] },
  "of 5,000 characters": {
    make: () => over("other", headerOf({ kid: "x".repeat(5000) })),
    says: [/^kid "x{196}\.\.\. is not registered/],
  },
});

describe("the registered kids in the sentence", () => {
  const answer = async (count: number) => {
    const credentials = Array.from({ length: count }, (_, index) => ({
      ...{ kid: `k${index}`, merchantId: "me", publicKey: merchant.publicKey },
    }));
    const signature = await over(body, headerOf({ kid: "other" }), stranger.privateKey);
    return diagnose(signature, create, { ...known, credentials }).sentence;
  };
  it("none", async () => expect(await answer(0)).toContain("there is no credential yet"));
  it("one", async () => expect(await answer(1)).toContain('use the registered kid "k0".'));
  it("five", async () =>
    expect(await answer(5)).toContain('use one of the registered kids "k0", "k1", "k2", "k3", "k4".'));
  it("eight, of which five are shown", async () => expect(await answer(8)).toContain('"k3", "k4" and 3 more.'));
});

/** A request whose only mistake is its `aud`. */
function aud(value: unknown, cause: string | RegExp, parts = create): Mistake {
  const expected = JSON.stringify(requestAudience(parts));
  return {
    make: () => byHand((header) => `${header}.${base64Url(parts.body)}`, headerOf({ aud: value })),
    parts,
    says: [
      value === undefined
        ? `set it to ${expected}`
        : `aud is ${JSON.stringify(value)}, but this request needs ${expected}`,
      cause,
    ],
  };
}

const path = "/v1/payments/~1";
mistakes("aud", {
  missing: aud(undefined, "The header has no aud"),
  "in the claims of a JWT whose payload was removed": {
    make: async () => detach(await jwt({ ...payment, ...jwtClaims() })),
    says: ["no aud", "JWT library put it into the payload", "FlattenedSign instead of SignJWT"],
  },
  "in the claims of a whole JWT": {
    make: () => jwt({ ...payment, ...jwtClaims() }),
    says: ["no aud", "JWT library put it into the payload"],
    first: "payload_detached",
  },
  "a missing query string": aud(`POST ${path}`, "query string is missing"),
  "an unexpected query string": aud("GET /v1/payments/1?a=b", "query string, but the request has none", read),
  "another query string": aud(`POST ${path}?idempotencyKey=zzz`, "another query string"),
  "a URL": aud(`POST https://api.nomupay.com${target}`, /remove scheme and host\.$/),
  "a URL without method": aud(`http://localhost:4010${target}`, "method is missing, and remove scheme and host"),
  "a host without scheme": aud(`POST localhost:4010${target}`, /remove scheme and host\.$/),
  "a host without the query": aud(`POST http://[::1]:80${path}`, "scheme and host, and the query string is missing"),
  "only a host": aud("https://api.nomupay.com", "scheme and host, and it has another path"),
  "the query decoded": aud(`POST ${path}?idempotencyKey=ab/cd`, "percent-encoding differs"),
  "the path encoded": aud(`POST /v1/payments/%7E1?idempotencyKey=ab%2Fcd`, "percent-encoding differs"),
  "hexadecimal in lower case": aud(`POST ${path}?idempotencyKey=ab%2fcd`, "percent-encoding differs"),
  "a plus for a blank": aud("GET /v1/a?q=b+c", "percent-encoding differs", { ...read, target: "/v1/a?q=b%20c" }),
  "a lower-case method": aud(`post ${target}`, "upper case"),
  "another method": aud(`PUT ${target}`, 'has the method "PUT", but the request is a POST'),
  "no method": aud(target, "method is missing"),
  "method and query wrong": aud(`post ${path}`, "upper case, and the query string is missing"),
  "a colon for the blank": aud(`POST:${target}`, "exactly one space"),
  "two blanks": aud(`POST  ${target}`, "exactly one space"),
  "surrounding white space": aud(`POST ${target}\n`, "surrounding white space"),
  "a trailing slash": aud("GET /v1/payments/1/", "trailing slash, but the request has none", read),
  "no trailing slash": aud("GET /v1/payments", "trailing slash is missing", { ...read, target: "/v1/payments/" }),
  "upper-case letters": aud(`POST /V1/payments/~1?idempotencyKey=ab%2Fcd`, "upper and lower case differ"),
  "no /v1": aud("GET /payments/1", 'put "/v1" before its path', read),
  "another path": aud("POST /v1/refunds", "another path"),
  "no path": aud("POST", "method is missing, and it has another path"),
  "an array": aud([`POST ${target}`], "without the array"),
  "a number": aud(1, "write it as a text"),
  "an empty text": aud("", "method is missing"),
  "broken percent-encoding": aud("POST /%zz", "another path"),
});

/** A request whose only mistake is its `exp`. */
function expiry(value: unknown, ...says: readonly (string | RegExp)[]): Mistake {
  return { make: () => byHand((header) => `${header}.${base64Url(body)}`, headerOf({ exp: value })), says };
}

mistakes("exp", {
  missing: expiry(undefined, "no exp", "protected header", "in seconds", `(now is ${now})`),
  "in the payload of a whole JWT": {
    make: () => jwt({ ...payment, exp }, headerOf({ exp: undefined })),
    says: ["no exp", "JWT library put it into the payload"],
    first: "payload_detached",
  },
  "in a payload that was removed": {
    make: async () => detach(await jwt({ ...payment, exp }, headerOf({ exp: undefined }))),
    says: ["no exp", "JWT library put it into the payload", "protected header"],
  },
  "in a payload of jsonwebtoken that was removed": {
    make: () => detach(jsonwebtoken(payment, { header: headerOf({ exp: undefined }), expiresIn: 120 })),
    says: ["no exp", "JWT library put it into the payload", "protected header"],
  },
  "in the past": expiry(
    now - 42,
    "exp is 43 s in the past",
    "just before",
    `check your clock (the sandbox's is at ${now})`,
  ),
  "just now": expiry(nowMs / 1000, "exp is 0 s in the past"),
  "an hour ahead": expiry(now + 3600, "exp is 3599 s ahead", "at most 300 s", "check your clock"),
  "one second above the maximum": expiry(now + 301, "exp is 300 s ahead", "at most 300 s"),
  "in milliseconds": expiry(exp * 1000, `exp is ${exp * 1000}`, "milliseconds", "divide it by 1000"),
  "a duration": expiry(300, "exp is 300,", "duration", "point in time"),
  "a text of digits": expiry(String(exp), `exp is "${exp}"`, "number of seconds", "without quotation marks"),
  "an RFC 3339 instant": expiry("2026-01-05T09:01:00Z", 'exp is "2026-01-05T09:01:00Z"', "number of seconds"),
  null: expiry(null, "exp is null", "number of seconds"),
  "an array": expiry([exp], `exp is [${exp}]`, "number of seconds"),
  "the largest number": expiry(Number.MAX_VALUE, "s ahead", "at most 300 s"),
});

describe("an exp that fits the clock of a world but not the real one", () => {
  const worldTimeMs = Date.UTC(2024, 1, 29, 12);
  const worldSeconds = worldTimeMs / 1000;
  const sentenceFor = async (at: number, ...worldTimesMs: readonly number[]) => {
    const signature = await over(body, headerOf({ exp: at }));
    return diagnose(signature, create, { ...known, worldTimesMs }).checks.find(({ name }) => name === "exp")?.sentence;
  };
  const frozen = /fits the clock of the world \(.+\), but not real time \(now is \d+\)\. Your clock is frozen or faked/;

  it.each([
    ["one minute ahead of it", worldSeconds + 60],
    ["five minutes ahead of it", worldSeconds + 300],
  ])("%s names the frozen clock and the remedy", async (_name, at) => {
    const sentence = await sentenceFor(at, nowMs, worldTimeMs);
    expect(sentence).toMatch(
      /^exp is \d+, \d+ s in the past: it fits the clock of the world \(2024-02-29T12:00:00.000Z\)/,
    );
    expect(sentence).toMatch(frozen);
    expect(sentence).toContain("take exp from the real clock (with fake timers, leave Date out of toFake)");
  });

  it("may be in the future", async () => {
    const sentence = await sentenceFor(now + 86_460, nowMs + 86_400_000);
    expect(sentence).toMatch(/^exp is \d+, 86460 s ahead: it fits the clock of the world/);
  });

  it.each([
    ["at its time", worldSeconds],
    ["six minutes ahead of it", worldSeconds + 360],
    ["in milliseconds", (worldSeconds + 60) * 1000],
  ])("is not said of one %s", async (_name, at) => {
    expect(await sentenceFor(at, nowMs, worldTimeMs)).not.toMatch(frozen);
  });

  it("is not said if only the real clock differs a little", async () => {
    expect(await sentenceFor(now - 42, nowMs, worldTimeMs)).toMatch(/^exp is 43 s in the past: sign each request/);
  });
});

mistakes("signature_length", {
  "a valid signature in DER": {
    make: async () => resignAsDer(await over(body), body, merchant.privateKey),
    says: [/has [67]\d bytes instead of 64/, "DER", "only its encoding is wrong", "ieee-p1363"],
  },
  "DER of another key": {
    make: async () => resignAsDer(await over(body), body, stranger.privateKey),
    says: ["DER", /: it is DER, so its encoding is wrong/],
  },
  "hexadecimal text": {
    make: async () => withSignature(await over(body), (bytes) => base64Url(bytes.toString("hex"))),
    says: ["has 128 bytes", "hex text", "only its encoding is wrong"],
  },
  "base64url twice": {
    make: async () => withSignature(await over(body), (bytes) => base64Url(base64Url(bytes))),
    says: ["has 86 bytes", "base64 text", "only its encoding is wrong"],
  },
  "hexadecimal text of DER": {
    make: async () => {
      const der = resignAsDer(await over(body), body, merchant.privateKey);
      return withSignature(der, (bytes) => base64Url(bytes.toString("hex")));
    },
    says: ["hex text of DER", "only its encoding is wrong", "ieee-p1363", "base64url"],
  },
  "an HMAC with the shared secret under ES256": {
    make: () => {
      const encodedHeader = base64Url(JSON.stringify(headerOf()));
      const mac = createHmac("sha256", hmacKey)
        .update(`${encodedHeader}.${base64Url(body)}`)
        .digest();
      return `${encodedHeader}..${base64Url(mac)}`;
    },
    says: ["has 32 bytes", 'shared secret "hmac-1"', "private key"],
  },
  "the size of an HMAC": {
    make: () => forgeJws(headerOf(), Buffer.alloc(32, 1)),
    says: ["has 32 bytes", "HMAC", "private key"],
  },
  "the size of another curve": { make: () => forgeJws(headerOf(), Buffer.alloc(96, 1)), says: ["96", "another curve"] },
  "the size of RSA": { make: () => forgeJws(headerOf(), Buffer.alloc(256, 1)), says: ["256", "RSA"] },
  "one byte": { make: () => forgeJws(headerOf(), Buffer.alloc(1)), says: ["has 1 byte instead", "cut off"] },
  "63 bytes": {
    make: async () => withSignature(await over(body), (bytes) => base64Url(bytes.subarray(1))),
    says: ["has 63 bytes"],
  },
});

it.each([126, 130, 140, 142, 144])("%i hexadecimal digits that are no signature are not called its hex", (length) => {
  const { checks } = diagnose(`${base64Url(JSON.stringify(headerOf()))}..${"a".repeat(length)}`);
  expect(JSON.stringify(checks)).not.toContain("the hex of");
});

it("the hex of a signature is verified like a raw one", async () => {
  const verdictOf = async (payload: string) => {
    const hex = withSignature(await over(payload), (bytes) => bytes.toString("hex"));
    return diagnose(hex).checks.slice(-2);
  };
  expect(await verdictOf(body)).toMatchObject([
    { name: "signature_length", verdict: "unknown" },
    { name: "signature", verdict: "ok" },
  ]);
  expect(await verdictOf(JSON.stringify(payment, null, 2))).toMatchObject([
    { name: "signature_length", verdict: "unknown" },
    { verdict: "wrong", sentence: expect.stringContaining("indented by 2 spaces") },
  ]);
});

it("a DER signature is verified like a raw one", async () => {
  const verdictOf = async (payload: string, privateKey: string) => {
    const { checks } = diagnose(resignAsDer(await over(payload), payload, privateKey));
    return checks.at(-1);
  };
  expect(await verdictOf(body, merchant.privateKey)).toMatchObject({ name: "signature", verdict: "ok" });
  expect(await verdictOf(JSON.stringify(payment, null, 2), merchant.privateKey)).toMatchObject({
    verdict: "wrong",
    sentence: expect.stringContaining("indented by 2 spaces"),
  });
});

const pretty = withBody(JSON.stringify(payment, null, 3));
const sorted = sortedDeeply(payment);
const fits = (payload: string | Uint8Array, says: string, parts: SignedParts = pretty): Mistake => ({
  make: () => over(payload, headerOf({}, parts)),
  parts,
  says: [says, "sign"],
});

mistakes("signature", {
  "over compact JSON": fits(
    body,
    "does not match, because it was made over the body as compact JSON: serialise the body once, then sign and send",
  ),
  "over compact JSON with unchanged numbers": fits('{"value":200.00}', "compact JSON", withBody('{"value": 200.00}')),
  "over JSON with sorted keys": fits(JSON.stringify(sorted), "compact JSON with sorted keys"),
  "over JSON with two spaces": fits(JSON.stringify(payment, null, 2), "indented by 2 spaces"),
  "over JSON with four spaces": fits(JSON.stringify(payment, null, 4), "indented by 4 spaces", create),
  "over JSON with tabs": fits(JSON.stringify(payment, null, "\t"), "indented by tabs", create),
  "over sorted JSON with two spaces": fits(JSON.stringify(sorted, null, 2), "by 2 spaces with sorted keys"),
  "over Python's JSON": fits(ascii(python(payment)), "json.dumps writes it, with non-ASCII characters escaped", create),
  "over Python's JSON without escapes": fits(python(payment), "Python's json.dumps writes it:", create),
  "over Python's sorted JSON": fits(ascii(python(sorted)), 'spaces after "," and ":" with sorted keys', create),
  "over PHP's JSON": fits(ascii(body).replaceAll("/", "\\/"), "as PHP does", create),
  "over Go's JSON": fits(
    JSON.stringify(sorted).replace(/[<>&]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`),
    "escaped as Go does",
    create,
  ),
  "over the body and a newline": fits(`${body}\n`, "newline added at the end", create),
  "over the body without its newline": fits(body, "without the white space at the end", withBody(`${body}\n`)),
  "over the body without its byte order mark": fits(body, "byte order mark", withBody(`\ufeff${body}`)),
  "over the trimmed body": fits("[1]", "surrounding white space", withBody(" [1] ")),
  "over byte order mark, body and newline": fits("\ufeff[1]\n", "newline added", withBody("\ufeff[1]")),
  "over LF in place of the sent CR LF": fits("a\nb", "LF in place of CR LF", withBody("a\r\nb")),
  "over CR LF in place of the sent LF": fits("a\r\nb", "CR LF in place of LF", withBody("a\nb")),
  "over an empty text in place of the body": fits("", "empty string, but the request has a body of", create),
  "over an empty text in place of the body of a GET": {
    ...fits("", "send no body with a GET", withBody("{}", read)),
    says: ["empty string", "send no body with a GET"],
  },
  "over {} for a GET without a body": fits("{}", 'the payload "{}", but the request has no body', read),
  "over null for a GET without a body": fits("null", 'the payload "null"', read),
  "over undefined for a GET without a body": fits("undefined", 'the payload "undefined"', read),
  'over "" for a GET without a body': fits('""', 'the payload "\\"\\""', read),
  "over the path for a GET without a body": fits(read.target, 'the payload "/v1/payments/1"', read),
  "over aud": fits(requestAudience(create), 'the payload "POST /v1/payments/~1', create),
  "over a body inside the JWS for a GET without a body": {
    make: () => whole(body, headerOf({}, read)),
    parts: read,
    says: ["the payload inside X-Signature", "no body", "the empty string"],
    first: "payload_detached",
  },
  "over another payload inside the JWS": {
    make: () => whole(JSON.stringify(payment, null, 7)),
    says: ["the payload inside X-Signature"],
    first: "payload_detached",
  },
  "over base64url": fits(base64Url(body), "encoded as base64url twice", create),
  "over base64": fits(Buffer.from("{ }??>").toString("base64"), "base64 and then base64url", withBody("{ }??>")),
  "over a JSON string literal": fits(JSON.stringify(body), "serialised twice", create),
  "over the hash of the body": fits(sha256(body), "SHA-256 of the body", create),
  "over the hash of the body in hex": fits(sha256(body).toString("hex"), "SHA-256 of the body in hex", create),
});

const cafe = '{"merchantReference":"Café – 5 €","amount":{"value":200}}';
const latin1Only = '{"merchantReference":"Café"}';
const utf8 = (text: string) => Buffer.from(text);
const utf8Twice = (text: string) => Buffer.from(Buffer.from(text).toString("latin1"));
const swapped = (text: string) => Buffer.from(text, "utf16le").swap16();
const windows1252 = (text: string) => Buffer.from(text.replace("–", "\x96").replace("€", "\x80"), "latin1");
const sentAs = (bytes: Uint8Array): SignedParts => ({ ...create, body: bytes });
const once = "encode the text as UTF-8 once, then sign and send these same bytes";

mistakes("signature", {
  "over Latin-1": fits(Buffer.from(latin1Only, "latin1"), `over the body as Latin-1: ${once}`, withBody(latin1Only)),
  "over Latin-1 whose other characters are cut off": fits(Buffer.from(body, "latin1"), "the body as Latin-1", create),
  "over Latin-1 whose other characters are ?": fits(
    Buffer.from(cafe.replace(/[–€]/g, "?"), "latin1"),
    "the body as Latin-1",
    withBody(cafe),
  ),
  "over Windows-1252": fits(windows1252(cafe), `over the body as Windows-1252: ${once}`, withBody(cafe)),
  "over ASCII whose other characters are ?": fits(
    latin1Only.replace("é", "?"),
    `over the body as ASCII: ${once}`,
    withBody(latin1Only),
  ),
  "over UTF-16": fits(Buffer.from(body, "utf16le"), `over the body as UTF-16: ${once}`, create),
  "over UTF-16, big-endian": fits(swapped(body), "the body as UTF-16 (big-endian)", create),
  "over UTF-16 with a byte order mark": fits(
    Buffer.from(`\ufeff${body}`, "utf16le"),
    "the body as UTF-16 with a byte order mark",
    create,
  ),
  "over UTF-16, big-endian, with a byte order mark": fits(
    swapped(`\ufeff${body}`),
    "the body as UTF-16 (big-endian) with a byte order mark",
    create,
  ),
  "over UTF-8 that was encoded twice": fits(utf8Twice(body), `over the body encoded as UTF-8 twice: ${once}`, create),
  "over UTF-8 that was read as Windows-1252 and encoded again": fits(
    utf8("caf\u00c3\u00a9 \u00e2\u201a\u00ac"),
    "the body encoded as UTF-8 twice",
    withBody("café €"),
  ),
  "over UTF-8, but sent as Latin-1": fits(
    latin1Only,
    `over the body as UTF-8, but it was sent as Latin-1: ${once}`,
    sentAs(Buffer.from(latin1Only, "latin1")),
  ),
  "over UTF-8, but sent as Windows-1252": fits(
    cafe,
    "the body as UTF-8, but it was sent as Windows-1252",
    sentAs(windows1252(cafe)),
  ),
  "over UTF-8, but sent as UTF-16": fits(
    body,
    `over the body as UTF-8, but it was sent as UTF-16: ${once}`,
    sentAs(Buffer.from(body, "utf16le")),
  ),
  "over UTF-8, but sent as UTF-16 with a byte order mark, big-endian": fits(
    body,
    "it was sent as UTF-16",
    sentAs(swapped(`\ufeff${body}`)),
  ),
  "over UTF-8, but sent encoded twice": fits(
    body,
    `over the body encoded as UTF-8 once, but it was sent encoded twice: ${once}`,
    sentAs(utf8Twice(body)),
  ),
  "over NFC, but sent as NFD": fits(
    latin1Only.normalize("NFC"),
    "over the body in the Unicode form NFC, but it was sent in another one: normalise the text once",
    withBody(latin1Only.normalize("NFD")),
  ),
  "over NFD, but sent as NFC": fits(
    latin1Only.normalize("NFD"),
    "over the body in the Unicode form NFD",
    withBody(latin1Only.normalize("NFC")),
  ),
});

const amountOf = (value: string) => `{"amount":{"value":${value},"currency":"hkd"},"reference":"1.0"}`;
const amountIs = (signed: string, sent: string): Mistake =>
  fits(
    amountOf(signed),
    `over the body, with ${signed} in place of ${sent}: serialise the body once, then sign and send these same bytes`,
    withBody(amountOf(sent)),
  );

mistakes("signature", {
  "over 200 in place of 200.00": {
    ...amountIs("200", "200.00"),
    says: ["with 200 in place of 200.00: serialise the body once"],
  },
  "over 200.00 in place of 200": amountIs("200.00", "200"),
  "over 200.0 in place of 200": amountIs("200.0", "200"),
  "over 200 in place of 200.0": { ...amountIs("200", "200.0"), says: ["with 200 in place of 200.0:"] },
  "over 8.50 in place of 8.5": amountIs("8.50", "8.5"),
  "over 8.5 in place of 8.50": { ...amountIs("8.5", "8.50"), says: ["with 8.5 in place of 8.50:"] },
  "over Python's JSON with 200.0 in place of 200": fits(
    '{"a": 200.0, "b": "x"}',
    "Python's json.dumps writes it, with 200.0 in place of 200",
    withBody('{"a":200,"b":"x"}'),
  ),
  "over JavaScript's JSON of a text with 200.00 and spaces": fits(
    '{"a":200,"b":"x"}',
    "the body as compact JSON, with 200 in place of 200.00",
    withBody('{"a": 200.00, "b": "x"}'),
  ),
  "over Python's JSON of the same 200.00": fits(
    '{"a": 200.00, "b": "x"}',
    "Python's json.dumps writes it: serialise",
    withBody('{"a":200.00,"b":"x"}'),
  ),
});

const spaced = `{ "returnUrl" : "https://merchant.site/a" }`;
const escapedByPhp = (text: string) => text.replaceAll("/", "\\/");

mistakes("signature", {
  "over slashes that PHP escapes, in any layout": fits(
    escapedByPhp(spaced),
    "over the body, with slashes escaped as PHP does: serialise the body once",
    withBody(spaced),
  ),
  "over slashes that are not escaped, though PHP sent them escaped": fits(
    spaced,
    "over the body with slashes that are not escaped, as PHP with JSON_UNESCAPED_SLASHES: serialise the body once",
    withBody(escapedByPhp(spaced)),
  ),
  "over PHP's json_encode of the JSON text": fits(
    escapedByPhp(ascii(JSON.stringify(body))),
    "serialised twice), with slashes and non-ASCII escaped as PHP does: pass the JSON text itself",
    create,
  ),
  "over PHP's json_encode of the JSON text, which is ASCII": fits(
    escapedByPhp(JSON.stringify(spaced)),
    "serialised twice), with slashes escaped as PHP does: pass the JSON text itself, without a second",
    withBody(spaced),
  ),
});

const emptyPost: SignedParts = { ...create, body: new Uint8Array() };
const nothing = (make: () => string | Promise<string>, ...says: readonly (string | RegExp)[]): Mistake => ({
  make,
  parts: emptyPost,
  says,
});
const notTheBody = /^(?!.*exact bytes? of the body|.*exact body|.*\bb64url body)/;

mistakes("signature", {
  "over the header without its dot, without a body": nothing(
    () => byHand((h) => h, headerOf({}, emptyPost)),
    "the header alone, without the dot after it",
    "sign the empty string",
    notTheBody,
  ),
  "over the header and two dots, without a body": nothing(
    () => byHand((h) => `${h}..`, headerOf({}, emptyPost)),
    "the header with two dots: sign the empty string",
    notTheBody,
  ),
  "over nothing at all, without a body": nothing(
    () => byHand(() => "", headerOf({}, emptyPost)),
    "nothing, also without the header",
    notTheBody,
  ),
  "with an unknown key, without a body": nothing(
    () => over("", headerOf(), stranger.privateKey),
    "the sandbox received no body, so sign the empty string",
    notTheBody,
  ),
  "over anything else, without a body": nothing(() => over("anything"), "so sign the empty string", notTheBody),
});

describe("without a body the advice is to sign the empty string", () => {
  it.each<[string, () => string | Promise<string>]>([
    ["a whole JWT of SignJWT", () => jwt(jwtClaims(read))],
    ["a whole JWT without its payload", async () => detach(await jwt(jwtClaims(read)))],
    ["a JWT of jsonwebtoken without its payload", () => detach(jsonwebtoken({}, { expiresIn: 60 }))],
    ["another payload inside", () => whole("{}", headerOf({}, read))],
    ["the detached payload {}", () => over("{}", headerOf({}, read))],
    ["exp in the payload", async () => detach(await jwt({ exp }, headerOf({ exp: undefined }, read)))],
    ["an unencoded payload", () => byHand((h) => `${h}.`, headerOf({ crit: ["b64"], b64: false }, read))],
  ])("for %s", async (_name, make) => {
    const { checks } = diagnose(await make(), read);
    const wrong = checks.filter(({ verdict }) => verdict === "wrong");
    const advice = wrong.map(({ sentence }) => sentence).join(" ");
    expect(advice).not.toMatch(/the exact|(sign|over|pass) the body/);
    if (advice.includes("sign ")) expect(advice).toContain("sign the empty string");
  });
});

const byHandFits = (input: (encodedHeader: string) => string | Uint8Array, ...says: readonly string[]): Mistake => ({
  make: () => byHand(input),
  says,
});

mistakes("signature", {
  "over the unencoded payload": byHandFits((h) => `${h}.${body}`, "unencoded body", "b64=false", "{b64url body}"),
  "over standard base64": {
    make: () => byHand((h) => `${h}.${Buffer.from("{ } ").toString("base64")}`),
    parts: withBody("{ } "),
    says: ["standard base64 of the body"],
  },
  "over header and body unencoded": byHandFits(
    (h) => `${Buffer.from(h, "base64url")}.${body}`,
    "header and body unencoded",
  ),
  "over only the body": byHandFits(() => body, "the body alone", "{b64url header}"),
  "over only the base64url of the body": byHandFits(() => base64Url(body), "base64url of the body alone"),
  "over only the header": byHandFits((h) => h, "the header alone"),
  "over the detached form": byHandFits((h) => `${h}..`, "header with two dots"),
  "over a hash": byHandFits((h) => sha256(`${h}.${base64Url(body)}`), "SHA-256 of the right bytes", "do not hash"),
  "with another merchant's key": {
    make: () => over(body, headerOf(), neighbour.privateKey),
    says: ['does not match the key "mine-1" that kid names, but "theirs-1", another merchant\'s key'],
  },
  "with another key of the same merchant": {
    make: () => over(body, headerOf(), secondKey.privateKey),
    says: ['does not match the key "mine-1" that kid names, but "mine-2", another key of yours'],
  },
  "with an unknown key": {
    make: () => over(body, headerOf(), stranger.privateKey),
    says: [`a body of ${create.body.length} bytes`, sha256(body).toString("hex").slice(0, 16), 'public key "mine-1"'],
  },
  "with an unknown key and no body": {
    make: () => over("", headerOf({}, read), stranger.privateKey),
    parts: read,
    says: ["received no body", 'public key "mine-1"'],
  },
  "with an unknown key and a body that is not UTF-8": {
    make: () => over(body),
    parts: { ...create, body: Buffer.from([0xff]) },
    says: ["a body of 1 byte whose"],
  },
});

/** A signature over the body with members that a JWT library added. */
const claimed = (members: Header, added: string, changes: Header = {}, parts = create): Mistake => ({
  make: () => {
    const value = parts.body.length === 0 ? {} : JSON.parse(Buffer.from(parts.body).toString("utf8"));
    return over(JSON.stringify({ ...value, ...members }), headerOf(changes, parts));
  },
  parts,
  says: [
    `with ${added} added by a JWT library`,
    parts.body.length === 0 ? "empty string" : "exact bytes of the body",
    "SignJWT",
  ],
});

mistakes("signature", {
  "with iat added by jsonwebtoken": { ...claimed({}, "iat"), make: () => detach(jsonwebtoken(payment)) },
  "with iat added by jsonwebtoken ten minutes ago": claimed({ iat: now - 600 }, "iat"),
  "with iat added by a clock that is a minute ahead": claimed({ iat: now + 60 }, "iat"),
  "with iat added to a pretty body": claimed({ iat: now }, "iat", {}, pretty),
  "with another iat than the one in the body": claimed({ iat: now }, "iat", {}, withBody('{"iat": 1, "a": 2}')),
  "with exp added, the same as in the header": claimed({ exp }, "exp"),
  "with exp added, now": claimed({ exp: now }, "exp"),
  "with exp added, 237 s ahead": claimed({ exp: now + 237 }, "exp"),
  "with exp added to an ASCII body, nearly ten minutes ahead": claimed(
    { exp: now + 597 },
    "exp",
    {},
    withBody('{"a":1}'),
  ),
  "with iat and exp added by jsonwebtoken": {
    ...claimed({}, "iat and exp"),
    make: () => detach(jsonwebtoken(payment, { expiresIn: 300, iat: now - 7 })),
  },
  "with iat and exp added an hour apart": claimed({ iat: now, exp: now + 3600 }, "iat and exp"),
  "with exp and iat added": claimed({ exp: now + 115, iat: now - 5 }, "exp and iat"),
  "with iat and the header's exp added": claimed({ iat: now - 9, exp }, "iat and exp"),
  "with iat and exp added by a clock that is 4 minutes ahead": claimed(
    { iat: now + 237, exp: now + 297 },
    "iat and exp",
    {
      exp: now + 297,
    },
  ),
  "with aud added": claimed({ aud: requestAudience(create) }, "aud"),
  "with iat, exp and aud added by jsonwebtoken": {
    ...claimed({}, "iat and exp and aud"),
    make: () => detach(jsonwebtoken(payment, { expiresIn: 60, iat: now - 1, audience: requestAudience(create) })),
  },
  "with aud, exp and iat added": claimed({ aud: requestAudience(create), exp, iat: now }, "aud and exp and iat"),
  "with iat added and non-ASCII characters escaped, by PyJWT": {
    ...claimed({}, "iat"),
    make: () => over(ascii(JSON.stringify({ ...payment, iat: now }))),
  },
  "with exp added among sorted members, by golang-jwt": {
    ...claimed({}, "exp"),
    make: () =>
      over(
        JSON.stringify(sortedDeeply({ ...payment, exp })).replace(/[<>&]/g, (found) => {
          return `\\u00${found.charCodeAt(0).toString(16)}`;
        }),
      ),
  },
  "with iat added on a GET": claimed({ iat: now }, "iat", {}, read),
  "with iat, exp and aud added by SignJWT on a GET": {
    ...claimed({}, "aud and iat and exp", {}, read),
    make: async () => {
      const key = await importPKCS8(merchant.privateKey, "ES256");
      const builder = new SignJWT()
        .setAudience(requestAudience(read))
        .setIssuedAt(now)
        .setExpirationTime(now + 120);
      return detach(await builder.setProtectedHeader(headerOf({}, read)).sign(key));
    },
  },
});

describe("a typical first attempt", () => {
  it("SignJWT with claims and only alg and kid in the header", async () => {
    const key = await importPKCS8(merchant.privateKey, "ES256");
    const jws = await new SignJWT(payment)
      .setProtectedHeader({ alg: "ES256", kid })
      .setIssuedAt(now)
      .setExpirationTime(now + 120)
      .setAudience(requestAudience(create))
      .sign(key);
    expect(diagnose(jws).sentence).toMatch(
      /^X-Signature is a complete JWT .*put aud and exp into the protected header/,
    );
    const { sentence, checks } = diagnose(detach(jws));
    expect(sentence).toMatch(/^The header has no aud, because your JWT library put it into the payload/);
    expect(checks.filter(({ verdict }) => verdict === "wrong").map(({ name }) => name)).toEqual([
      ...["aud", "exp", "signature"],
    ]);
  });
});

describe("several mistakes", () => {
  it("are all reported, and the sentence is about the verifier's first one", async () => {
    const { checks } = diagnose(await over("{}", headerOf({ aud: "GET /", exp: now - 60 })));
    expect(checks.filter(({ verdict }) => verdict === "wrong").map(({ name }) => name)).toEqual([
      ...["aud", "exp", "signature"],
    ]);
  });

  it("leave checks unknown that cannot be made", () => {
    const verdicts = Object.fromEntries(diagnose("a.b").checks.map(({ name, verdict }) => [name, verdict]));
    expect(verdicts).toMatchObject({
      three_parts: "wrong",
      header_json: "wrong",
      alg: "unknown",
      signature: "unknown",
    });
  });

  it("do not prevent the check of a signature with one dot", async () => {
    const { checks } = diagnose((await over(body)).replace("..", "."));
    expect(checks.find(({ name }) => name === "signature")?.verdict).toBe("ok");
  });
});

describe("the doctor agrees with the verifier for any header", () => {
  const values = [
    null,
    true,
    0,
    -1,
    1e308,
    "",
    "x",
    " ",
    [],
    ["ES256"],
    {},
    { a: [{}] },
    "__proto__",
    exp,
    String(exp),
  ];
  const members = ["alg", "crit", "kid", "aud", "exp", "typ", "b64", "__proto__"];
  it.each(members.flatMap((member) => values.map((value) => [member, value])))("%s: %j", (member, value) => {
    const text = JSON.stringify(headerOf()).replace(/}$/, `,${JSON.stringify(member)}:${JSON.stringify(value)}}`);
    const encodedHeader = base64Url(text);
    const parts = withBody("[1]");
    diagnose(`${encodedHeader}..${base64Url(es256(`${encodedHeader}.${base64Url(parts.body)}`))}`, parts);
  });

  it.each([0, 1, 299_999, 300_000, 300_001, 300_002, -1])("exp %i ms ahead", async (ahead) => {
    const knowledge = { ...known, nowMs: exp * 1000 - ahead };
    diagnose(await over("[1]"), withBody("[1]"), knowledge);
  });

  it("around 1970, when times are as small as durations", async () => {
    expect(diagnose(await over(body, headerOf({ exp: 60 })), create, { ...known, nowMs: 1000 }).ok).toBe(true);
  });
});

it("a deeply nested value has a description in the sentence", () => {
  const nested = "[".repeat(6000) + "]".repeat(6000);
  const text = JSON.stringify(headerOf()).replace(/}$/, `,"aud":${nested}}`);
  const { checks } = diagnoseSignature(`${base64Url(text)}..${base64Url(es256("x"))}`, withBody(nested), known);
  expect(checks.find(({ name }) => name === "aud")?.sentence).toContain("a deeply nested value");
});

it("shortened texts have whole characters", async () => {
  const { sentence } = diagnose(await over("[1]", headerOf({ kid: `x${"😀".repeat(300)}` })), withBody("[1]"));
  expect(() => encodeURIComponent(sentence)).not.toThrow();
});

describe("any text", () => {
  /** Pseudo-random numbers that depend only on the seed (mulberry32). */
  function numbers(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
  }

  const alphabet = "ABYZabyz0189-_+/=., \"'{}\n\u0000é元😀";
  function mutated(text: string, below: (limit: number) => number): string {
    const at = below(text.length + 1);
    const character = alphabet.charAt(below(alphabet.length));
    switch (below(6)) {
      case 0:
        return text.slice(0, at) + character + text.slice(at + 1);
      case 1:
        return text.slice(0, at) + character + text.slice(at);
      case 2:
        return text.slice(0, at) + text.slice(at + 1 + below(8));
      case 3:
        return text.slice(at) + text.slice(0, at);
      case 4:
        return text.slice(0, at) + text.slice(below(text.length + 1));
      default:
        return text.split(".").reverse().join(".");
    }
  }

  it("gets a diagnosis that agrees with the verifier", async () => {
    const parts = withBody("[1, 2]");
    const seeds = [
      await over(parts.body),
      await whole(parts.body),
      await over("[1,2]"),
      resignAsDer(await over(parts.body), "[1, 2]", merchant.privateKey),
      await jwt(jwtClaims()),
      forgeJws(headerOf({ alg: "none" }), Buffer.alloc(0)),
      "",
      "...",
    ];
    const below = numbers(20260105);
    for (let round = 0; round < 600; round++) {
      let text = seeds[below(seeds.length)] ?? "";
      for (let times = below(3); times >= 0; times--) text = mutated(text, below);
      diagnose(text, parts);
    }
  });

  it("gets a diagnosis for unusual bodies", async () => {
    const signature = await over("other");
    const odd = ["[", '"', '{"a":', "null", "1e400", '{"__proto__":1}', "\ufeff{}", "[".repeat(30_000)];
    const deep = [200, 1000, 2000, 3000, 4000, 5000, 6000, 8000, 12_000].flatMap((levels) => [
      "[".repeat(levels) + "]".repeat(levels),
      `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`,
    ]);
    for (const text of [...odd, ...deep]) expect(diagnose(signature, withBody(text)).ok).toBe(false);
  });
});

describe("the number of verifications", () => {
  const verificationsFor = (text: string) => {
    const parts = withBody(text);
    let count = 0;
    firstMatch(wrongPayloads(parseLeniently(forgeJws(headerOf(), Buffer.alloc(64))), parts, nowMs), () => {
      count++;
      return false;
    });
    return count;
  };

  it("is at most 2,000 for a small body", () => {
    expect(verificationsFor(body)).toBe(2000);
    expect(verificationsFor('{"a":1}')).toBeLessThanOrEqual(2000);
  });

  it("is at most 200 for 64 KiB, which still gets a diagnosis", async () => {
    const text = JSON.stringify({ ...payment, note: "x".repeat(65_000) });
    expect(verificationsFor(text)).toBeLessThanOrEqual(200);
    expect(diagnose(await over(text, headerOf(), stranger.privateKey), withBody(text)).sentence).toMatch(
      /does not match/,
    );
  });

  it("is sufficient to find an added iat in 64 KiB", async () => {
    const large = { ...payment, note: "x".repeat(65_000) };
    const signature = await over(JSON.stringify({ ...large, iat: now - 1 }));
    expect(diagnose(signature, withBody(JSON.stringify(large))).sentence).toMatch(/with iat added/);
  });
});
