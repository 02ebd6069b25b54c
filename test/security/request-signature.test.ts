import { compactVerify, FlattenedSign, importPKCS8, importSPKI } from "jose";
import { describe, expect, it } from "vitest";
import {
  requestAudience,
  type SignatureFault,
  type SignedParts,
  signRequestParts,
  verifyRequestSignature,
} from "../../src/security/request-signature.ts";
import { forgeJws, generateWithJose, headerText, resignAsDer, signWithJose } from "../support/jose-merchant.ts";

const merchant = await generateWithJose();
const stranger = await generateWithJose();
const kid = "3BkYpQXh6hXcQ8uQ1rLb2VtWz7a";

const now = Date.UTC(2026, 0, 5, 9);
const exp = now / 1000 + 60;
const body = '{"merchantReference":"元朗-1001","amount":200}';
const target = "/v1/payments/%7E1?idempotencyKey=abcd%2fefgh&x=~";
const asked: SignedParts = { method: "POST", target, body: Buffer.from(body) };
const bare: SignedParts = { method: "GET", target: "/v1/payments", body: new Uint8Array() };

/** Signs the request `asked` with jose, with changes in the header; `undefined` removes a member. */
function signed(header: Readonly<Record<string, unknown>> = {}, privateKey = merchant.privateKey): Promise<string> {
  return signWithJose({ method: "POST", target, body, kid, privateKey, header: { exp, ...header } });
}

function judge(signature: string, parts: SignedParts = asked, nowMs = now) {
  return verifyRequestSignature(signature, parts, nowMs, (name) => (name === kid ? merchant.publicKey : undefined));
}

/** The verdict of a refusal with this fault. */
function refused(fault: SignatureFault, named = kid) {
  return { ok: false, fault, kid: named };
}

/** The verdict of a refusal without a readable kid. */
function refusedWithoutKid(fault: SignatureFault) {
  return { ...refused(fault), kid: undefined };
}

const usualHeader = { alg: "ES256", kid, aud: requestAudience(asked), exp };

describe("a request signed with jose", () => {
  it("is accepted with its kid", async () => {
    expect(judge(await signed())).toEqual({ ok: true, kid });
  });

  it("is accepted without a body, with the empty string as payload", async () => {
    const signature = await signWithJose({ ...merchant, method: "GET", target: "/v1/payments", kid, header: { exp } });
    expect(judge(signature, bare)).toEqual({ ok: true, kid });
  });

  it("is accepted with a body that is not UTF-8", async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    const signature = await signWithJose({ ...merchant, method: "POST", target, body: bytes, kid, header: { exp } });
    expect(judge(signature, { ...asked, body: bytes })).toEqual({ ok: true, kid });
  });

  it.each([
    ["typ", { typ: "JWT" }],
    ["iat and jti", { iat: exp - 60, jti: "1" }],
    ["members of other types", { cty: null, x5c: [], nested: { aud: "other" }, 名: "text" }],
    ["iss and sub", { iss: "merchant", sub: "payments" }],
  ])("is accepted with additional header members: %s", async (_name, members) => {
    expect(judge(await signed(members))).toEqual({ ok: true, kid });
  });

  it("is accepted with any order of header members", async () => {
    const header = { typ: "JOSE", exp, aud: requestAudience(asked), kid, alg: "ES256" };
    const signer = new FlattenedSign(new TextEncoder().encode(body)).setProtectedHeader(header);
    const jws = await signer.sign(await importPKCS8(merchant.privateKey, "ES256"));
    const signature = `${jws.protected}..${jws.signature}`;
    expect(headerText(signature)).toBe(JSON.stringify(header));
    expect(judge(signature)).toEqual({ ok: true, kid });
  });
});

describe("a changed request is refused", () => {
  it.each([
    ["one byte is changed", body.replace("200", "300")],
    ["one byte is added", `${body}\n`],
    ["one byte is removed", body.slice(0, -1)],
    ["a byte order mark is added", `\uFEFF${body}`],
    ["only the blanks of the JSON are changed", JSON.stringify(JSON.parse(body), null, 2)],
    ["everything is removed", ""],
  ])("when in its body %s", async (_name, changed) => {
    expect(judge(await signed(), { ...asked, body: Buffer.from(changed) })).toEqual(refused("signature"));
  });

  it("when an unsigned body is added", async () => {
    const signature = await signWithJose({ ...merchant, method: "GET", target: "/v1/payments", kid, header: { exp } });
    expect(judge(signature, { ...bare, body: Buffer.from("{}") })).toEqual(refused("signature"));
  });

  it("when its method is changed", async () => {
    expect(judge(await signed(), { ...asked, method: "PATCH" })).toEqual(refused("aud"));
  });

  it("when its target is changed", async () => {
    expect(judge(await signed(), { ...asked, target: "/v1/payments" })).toEqual(refused("aud"));
  });
});

describe("a wrong aud is refused", () => {
  it.each([
    ["another method", `GET ${target}`],
    ["the method in lower case", `post ${target}`],
    ["no query", `POST ${target.split("?")[0]}`],
    ["an incomplete query", `POST ${target.split("&")[0]}`],
    ["the host included", `POST https://api.nomupay.com${target}`],
    ["the host without scheme included", `POST api.nomupay.com${target}`],
    ["the path decoded", `POST ${target.replace("%7E", "~")}`],
    ["the path encoded twice", `POST ${target.replace("%7E", "%257E")}`],
    ["hexadecimal digits in another case", `POST ${target.replace("%2f", "%2F")}`],
    ["the path in upper case", `POST ${target.toUpperCase()}`],
    ["a slash at the end", `POST ${target}/`],
    ["a blank at the end", `POST ${target} `],
    ["a blank at the start", ` POST ${target}`],
    ["two blanks in the middle", `POST  ${target}`],
    ["no method", target],
    ["a fragment", `POST ${target}#top`],
    ["empty text", ""],
    ["nothing", undefined],
    ["null", null],
    ["an array, which JWT allows", [`POST ${target}`]],
  ])("%s", async (_name, aud) => {
    expect(judge(await signed({ aud }))).toEqual(refused("aud"));
  });
});

describe("exp", () => {
  it.each([
    ["exactly now is refused", exp * 1000, "exp_past"],
    ["1 ms ago is refused", exp * 1000 + 1, "exp_past"],
    ["an hour ago is refused", exp * 1000 + 3_600_000, "exp_past"],
    ["1 ms more than 300 s ahead is refused", (exp - 300) * 1000 - 1, "exp_too_far"],
    ["an hour ahead is refused", (exp - 3600) * 1000, "exp_too_far"],
  ] as const)("%s", async (_name, nowMs, fault) => {
    expect(judge(await signed(), asked, nowMs)).toEqual(refused(fault));
  });

  it.each([
    ["1 ms later than now is accepted", exp * 1000 - 1],
    ["exactly 300 s ahead is accepted", (exp - 300) * 1000],
    ["1 ms less than 300 s ahead is accepted", (exp - 300) * 1000 + 1],
  ])("%s", async (_name, nowMs) => {
    expect(judge(await signed(), asked, nowMs)).toEqual({ ok: true, kid });
  });

  it("with a fraction of a second is accepted up to 300 s ahead and refused at the present time", async () => {
    const signature = await signed({ exp: exp + 0.123 });
    expect(judge(signature, asked, exp * 1000 + 122)).toEqual({ ok: true, kid });
    expect(judge(signature, asked, exp * 1000 + 123)).toEqual(refused("exp_past"));
    expect(judge(signature, asked, (exp - 300) * 1000 + 123)).toEqual({ ok: true, kid });
    expect(judge(signature, asked, (exp - 300) * 1000 + 122)).toEqual(refused("exp_too_far"));
  });

  it.each([
    ["missing is refused", undefined, "exp_missing"],
    ["as a string is refused", String(exp), "exp_not_a_number"],
    ["as an RFC 3339 instant is refused", new Date(exp * 1000).toISOString(), "exp_not_a_number"],
    ["null is refused", null, "exp_not_a_number"],
    ["true is refused", true, "exp_not_a_number"],
    ["as an array is refused", [exp], "exp_not_a_number"],
    ["in milliseconds is refused", exp * 1000, "exp_too_far"],
    ["0 is refused", 0, "exp_past"],
    ["negative is refused", -exp, "exp_past"],
    ["as the largest number is refused", Number.MAX_VALUE, "exp_too_far"],
  ] as const)("%s", async (_name, value, fault) => {
    expect(judge(await signed({ exp: value }))).toEqual(refused(fault));
  });

  it("that overflows to infinity is refused", () => {
    const text = JSON.stringify({ ...usualHeader, exp: 0 }).replace('"exp":0', '"exp":1e999');
    const signature = `${Buffer.from(text).toString("base64url")}..${Buffer.alloc(64, 1).toString("base64url")}`;
    expect(judge(signature)).toEqual(refused("exp_not_a_number"));
  });
});

describe("alg", () => {
  it('"none" without signature bytes is refused', () => {
    expect(judge(forgeJws({ ...usualHeader, alg: "none" }, Buffer.alloc(0)))).toEqual(
      refusedWithoutKid("not_base64url"),
    );
  });

  it('"none" with signature bytes is refused', () => {
    expect(judge(forgeJws({ ...usualHeader, alg: "none" }, Buffer.alloc(64)))).toEqual(refused("alg"));
  });

  it('"none" with a signature that is valid as ES256 is refused', async () => {
    const [, , signature = ""] = (await signed()).split(".");
    const forged = forgeJws({ ...usualHeader, alg: "none" }, Buffer.from(signature, "base64url"));
    expect(judge(forged)).toEqual(refused("alg"));
  });

  it("HS256 with the public key's PEM as secret is refused", async () => {
    expect(judge(await signed({ alg: "HS256" }, merchant.publicKey))).toEqual(refused("alg"));
  });

  it("HS256 with the public key's PEM as secret is refused also with ES256 in the header", async () => {
    const [, , signature = ""] = (await signed({ alg: "HS256" }, merchant.publicKey)).split(".");
    const forged = forgeJws(usualHeader, Buffer.from(signature, "base64url"));
    expect(judge(forged)).toEqual(refused("signature_length"));
  });

  it("ES384 with a P-384 key is refused", async () => {
    const { privateKey } = await generateWithJose("ES384");
    expect(judge(await signed({ alg: "ES384" }, privateKey))).toEqual(refused("alg"));
  });

  it.each([
    ["es256", "in lower case"],
    ["ES256 ", "with a blank"],
    ["ES384", "over another curve"],
    ["ES256K", "of another curve"],
    ["RS256", "of RSA"],
    ["NONE", "none in upper case"],
    ["", "empty"],
    [undefined, "missing"],
    [null, "null"],
    [["ES256"], "an array"],
    [256, "a number"],
  ])("%o, %s, is refused with a signature that is valid as ES256", async (alg, _name) => {
    const [, , signature = ""] = (await signed()).split(".");
    const forged = forgeJws({ ...usualHeader, alg }, Buffer.from(signature, "base64url"));
    expect(judge(forged)).toEqual(refused("alg"));
  });
});

describe("kid", () => {
  it("unknown is refused", async () => {
    expect(judge(await signed({ kid: "somebody else" }))).toEqual(refused("kid_unknown", "somebody else"));
  });

  it("missing is refused", async () => {
    expect(judge(await signed({ kid: undefined }))).toEqual(refusedWithoutKid("kid_missing"));
  });

  it.each([
    ["a number", 1],
    ["null", null],
    ["an array with the right name", [kid]],
    ["an object", { kid }],
  ])("that is %s, not a string, is refused", async (_name, value) => {
    expect(judge(await signed({ kid: value }))).toEqual(refusedWithoutKid("kid_missing"));
  });

  it.each(["", "__proto__", "constructor", `${kid} `, kid.toLowerCase()])("%o is unknown", async (name) => {
    expect(judge(await signed({ kid: name }))).toEqual(refused("kid_unknown", name));
  });

  it("is the only input of the key lookup", async () => {
    const names: string[] = [];
    verifyRequestSignature(await signed(), asked, now, (name) => {
      names.push(name);
      return undefined;
    });
    expect(names).toEqual([kid]);
  });
});

describe("the signature's bytes", () => {
  it("in DER form are refused", async () => {
    const signature = resignAsDer(await signed(), body, merchant.privateKey);
    expect(judge(signature)).toEqual(refused("signature_length"));
  });

  it("of another key are refused", async () => {
    expect(judge(await signed({}, stranger.privateKey))).toEqual(refused("signature"));
  });

  it("of another request of the same merchant are refused", async () => {
    const other = await signWithJose({ ...merchant, method: "POST", target, body: "{}", kid, header: { exp } });
    const [header] = (await signed()).split(".");
    expect(judge(`${header}..${other.split(".")[2]}`)).toEqual(refused("signature"));
  });

  const zero = "00".repeat(32);
  const one = zero.replace(/00$/, "01");
  const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  it.each([
    ["r and s zero", zero + zero],
    ["r zero", zero + one],
    ["s zero", one + zero],
    ["r and s one", one + one],
    ["r and s the curve's order", order + order],
    ["r one and s the curve's order", one + order],
    ["all bits set", "ff".repeat(64)],
  ])("with %s are refused", (_name, hex) => {
    expect(judge(forgeJws(usualHeader, Buffer.from(hex, "hex")))).toEqual(refused("signature"));
  });

  it.each([63, 33, 32, 1])("truncated to %i are refused", async (length) => {
    const [header, , signature = ""] = (await signed()).split(".");
    const cut = Buffer.from(signature, "base64url").subarray(0, length).toString("base64url");
    expect(judge(`${header}..${cut}`)).toEqual(refused("signature_length"));
  });

  it("with one more byte are refused", async () => {
    const [header, , signature = ""] = (await signed()).split(".");
    const longer = Buffer.concat([Buffer.from(signature, "base64url"), Buffer.alloc(1)]).toString("base64url");
    expect(judge(`${header}..${longer}`)).toEqual(refused("signature_length"));
  });

  it("with exchanged r and s are refused", async () => {
    const [header, , signature = ""] = (await signed()).split(".");
    const bytes = Buffer.from(signature, "base64url");
    const exchanged = Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]).toString("base64url");
    expect(judge(`${header}..${exchanged}`)).toEqual(refused("signature"));
  });

  it("are refused after a change of the header", async () => {
    const [, , signature = ""] = (await signed()).split(".");
    const later = forgeJws({ ...usualHeader, exp: exp + 1 }, Buffer.from(signature, "base64url"));
    expect(judge(later)).toEqual(refused("signature"));
  });
});

describe("crit in the header is refused", () => {
  it("when it names an extension", async () => {
    const header = { crit: ["https://example.com/ext"], "https://example.com/ext": true };
    expect(judge(await signed(header))).toEqual(refused("crit"));
  });

  it("when it names b64, which RFC 7797 adds", async () => {
    expect(judge(await signed({ crit: ["b64"], b64: false }))).toEqual(refused("crit"));
  });

  it.each([
    ["empty", []],
    ["null", null],
    ["a string", "exp"],
    ["naming exp", ["exp"]],
  ])("when it is %s", async (_name, crit) => {
    const [, , signature = ""] = (await signed()).split(".");
    const forged = forgeJws({ ...usualHeader, crit }, Buffer.from(signature, "base64url"));
    expect(judge(forged)).toEqual(refused("crit"));
  });
});

describe("a text that is not a detached JWS is refused", () => {
  it.each([
    ["empty text", "", "not_three_parts"],
    ["a word", "signature", "not_three_parts"],
    ["surrounding blanks", " a..b ", "not_base64url"],
  ] as const)("%s", (_name, text, fault) => {
    expect(judge(text)).toEqual(refusedWithoutKid(fault));
  });

  it("a valid JWS that contains its payload", async () => {
    const [header, , signature] = (await signed()).split(".");
    const attached = `${header}.${Buffer.from(body).toString("base64url")}.${signature}`;
    expect(judge(attached)).toEqual(refusedWithoutKid("payload_not_detached"));
  });

  it("two joined valid signatures", async () => {
    expect(judge(`${await signed()}, ${await signed()}`)).toEqual(refusedWithoutKid("not_three_parts"));
  });
});

describe("a signature of signRequestParts", () => {
  const own = (parts: SignedParts) => signRequestParts(parts, { kid, privateKey: merchant.privateKey, exp });

  it("verifies with jose after the payload is inserted", async () => {
    const [header, , signature] = own(asked).split(".");
    const jws = `${header}.${Buffer.from(body).toString("base64url")}.${signature}`;
    const key = await importSPKI(merchant.publicKey, "ES256");
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ["ES256"] });
    expect(new TextDecoder().decode(payload)).toBe(body);
    expect(protectedHeader).toEqual(usualHeader);
  });

  it("verifies with jose without a body", async () => {
    const key = await importSPKI(merchant.publicKey, "ES256");
    const { payload } = await compactVerify(own(bare), key, { algorithms: ["ES256"] });
    expect(payload).toHaveLength(0);
  });

  it("has the header members alg, kid, aud, exp in this order", () => {
    expect(headerText(own(asked))).toBe(`{"alg":"ES256","kid":"${kid}","aud":"POST ${target}","exp":${exp}}`);
  });

  it("is accepted", () => {
    expect(judge(own(asked))).toEqual({ ok: true, kid });
    expect(judge(own(bare), bare)).toEqual({ ok: true, kid });
  });
});
