import { createHmac, createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import jwtIo from "../../fixtures/signatures/jwt-io-hs256.json" with { type: "json" };
import rfc4231 from "../../fixtures/signatures/rfc4231-hmac-sha256.json" with { type: "json" };
import rfc7515A1 from "../../fixtures/signatures/rfc7515-a1-hs256.json" with { type: "json" };
import rfc7515A3 from "../../fixtures/signatures/rfc7515-a3-es256.json" with { type: "json" };
import { parseDetachedJws, signHs256, signingInput, verifyEs256, verifyHs256 } from "../../src/security/jws.ts";

const vectors = { "RFC 7515 A.1": rfc7515A1, "RFC 7515 A.3": rfc7515A3, "jwt.io": jwtIo };

const utf8 = (text: string) => Buffer.from(text, "utf8");
const base64Url = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64url");

function detached(jws: string): string {
  const [header, , signature] = jws.split(".");
  return `${header}..${signature}`;
}

function parsed(text: string) {
  const jws = parseDetachedJws(text);
  if (typeof jws === "string") throw new Error(jws);
  return jws;
}

/** The bytes with one changed bit in the byte at `index`. */
function flipped(bytes: Uint8Array, index: number): Buffer {
  return Buffer.from(bytes.map((byte, at) => (at === index ? byte ^ 1 : byte)));
}

describe("published vectors", () => {
  it.each(Object.entries(vectors))(
    "the header and signature of %s can be read in detached form",
    (_name, { header, jws }) => {
      const read = parsed(detached(jws));
      expect(read.header).toEqual(header);
      expect(`${read.encodedHeader}..${base64Url(read.signature)}`).toBe(detached(jws));
    },
  );

  it.each(Object.entries(vectors))("%s has the published signing input", (_name, { payloadText, jws }) => {
    const { encodedHeader } = parsed(detached(jws));
    const printed = jws.slice(0, jws.lastIndexOf("."));
    expect(signingInput(encodedHeader, utf8(payloadText)).toString("ascii")).toBe(printed);
  });

  it("RFC 7515 A.1 has the HMAC of that signing input", () => {
    const { encodedHeader, signature } = parsed(detached(rfc7515A1.jws));
    const hmac = createHmac("sha256", Buffer.from(rfc7515A1.keyBase64Url, "base64url"));
    expect(hmac.update(signingInput(encodedHeader, utf8(rfc7515A1.payloadText))).digest()).toEqual(signature);
  });

  it.each(rfc4231.cases)("RFC 4231, $name, verifies as HS256", ({ keyText, dataText, macHex }) => {
    expect(verifyHs256(utf8(dataText), Buffer.from(macHex, "hex"), keyText)).toBe(true);
  });

  it("the example of jwt.io verifies as HS256 under the UTF-8 bytes of its secret", () => {
    const { encodedHeader, signature } = parsed(detached(jwtIo.jws));
    expect(verifyHs256(signingInput(encodedHeader, utf8(jwtIo.payloadText)), signature, jwtIo.keyText)).toBe(true);
  });

  it("RFC 7515 A.3 verifies as ES256", () => {
    const { input, signature, publicKey } = es256Example();
    expect(verifyEs256(input, signature, publicKey)).toBe(true);
  });
});

describe("a wrong signature", () => {
  it("is refused as ES256 after a change of one bit in any byte of the signature", () => {
    const { input, signature, publicKey } = es256Example();
    const accepted = [...signature.keys()].filter((at) => verifyEs256(input, flipped(signature, at), publicKey));
    expect(accepted).toEqual([]);
  });

  it("is refused as ES256 after a change of one bit in any byte of the signing input", () => {
    const { input, signature, publicKey } = es256Example();
    const accepted = [...input.keys()].filter((at) => verifyEs256(flipped(input, at), signature, publicKey));
    expect(accepted).toEqual([]);
  });

  it("is refused as HS256 after a change of one bit in any byte, and at any other length", () => {
    const [example] = rfc4231.cases;
    const mac = Buffer.from(example?.macHex ?? "", "hex");
    const verifies = (signature: Uint8Array) =>
      verifyHs256(utf8(example?.dataText ?? ""), signature, example?.keyText ?? "");
    expect(verifies(mac)).toBe(true);
    expect([...mac.keys()].filter((at) => verifies(flipped(mac, at)))).toEqual([]);
    expect([mac.subarray(0, 31), mac.subarray(0, 0), Buffer.concat([mac, mac])].map(verifies)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it.each([
    ["empty", Buffer.alloc(0)],
    ["of 63 bytes", Buffer.alloc(63, 1)],
    ["of 65 bytes", Buffer.alloc(65, 1)],
  ])("is refused as ES256 without an exception if it is %s", (_name, signature) => {
    const { input, publicKey } = es256Example();
    expect(verifyEs256(input, signature, publicKey)).toBe(false);
  });
});

it("a shared secret is used as UTF-8", () => {
  const { encodedHeader, signature } = parsed(signHs256({ alg: "HS256", kid: "k", exp: 1 }, utf8("{}"), "密鑰"));
  const hmac = createHmac("sha256", Buffer.from([0xe5, 0xaf, 0x86, 0xe9, 0x91, 0xb0]));
  expect(signature).toEqual(hmac.update(`${encodedHeader}.e30`).digest());
});

it("payload bytes that are not UTF-8 are unchanged in the signing input", () => {
  expect(signingInput("aGVhZGVy", Buffer.from([0xff, 0xfe, 0x00])).toString()).toBe("aGVhZGVy.__4A");
});

describe("a detached JWS is parsed strictly", () => {
  const header = base64Url('{"alg":"ES256"}');
  const signature = base64Url(Buffer.alloc(64, 7));

  it.each([
    ["nothing", "", "not_three_parts"],
    ["one part", header, "not_three_parts"],
    ["two parts", `${header}.${signature}`, "not_three_parts"],
    ["four parts", `${header}..${signature}.`, "not_three_parts"],
    ["five parts, as two signatures joined", `${header}..${signature}, ${header}..${signature}`, "not_three_parts"],
    ["a payload", `${header}.e30.${signature}`, "payload_not_detached"],
    ["a blank as payload", `${header}. .${signature}`, "payload_not_detached"],
    ["a header with padding", `${base64Url('{"a":10}')}=..${signature}`, "not_base64url"],
    ["a signature with padding", `${header}..${signature}==`, "not_base64url"],
    ["a header in standard base64", `${Buffer.from('{"a":"~~?"}').toString("base64")}..${signature}`, "not_base64url"],
    ["a signature with +", `${header}..+${signature.slice(1)}`, "not_base64url"],
    ["a signature with /", `${header}../${signature.slice(1)}`, "not_base64url"],
    ["a header that is empty", `..${signature}`, "not_base64url"],
    ["a signature that is empty", `${header}..`, "not_base64url"],
    ["a leading blank", ` ${header}..${signature}`, "not_base64url"],
    ["a trailing line break", `${header}..${signature}\n`, "not_base64url"],
    ["a character that is not base64url", `${header}..*${signature.slice(1)}`, "not_base64url"],
    ["unused bits in the last character", `${header}..QR`, "not_base64url"],
    ["a single character, which is less than a byte", `${header}..Q`, "not_base64url"],
    ["a header that is not JSON", `${base64Url("alg=ES256")}..${signature}`, "header_not_json"],
    ["an incomplete header", `${base64Url('{"alg":"ES256"')}..${signature}`, "header_not_json"],
    ["a header that is an array", `${base64Url('["ES256"]')}..${signature}`, "header_not_json"],
    ["a header that is a string", `${base64Url('"ES256"')}..${signature}`, "header_not_json"],
    ["a header that is a number", `${base64Url("256")}..${signature}`, "header_not_json"],
    ["a header that is null", `${base64Url("null")}..${signature}`, "header_not_json"],
    [
      "a header that is invalid UTF-8",
      `${base64Url(Buffer.concat([utf8('{"alg":"'), Buffer.from([0xc3, 0x28]), utf8('"}')]))}..${signature}`,
      "header_not_json",
    ],
  ])("%s is refused", (_name, text, fault) => {
    expect(parseDetachedJws(text)).toBe(fault);
  });

  it("a header with other members and non-ASCII text is accepted", () => {
    const encoded = base64Url('{ "alg": "ES256",\r\n "名": [1] }');
    expect(parsed(`${encoded}..QQ`)).toEqual({
      encodedHeader: encoded,
      header: { alg: "ES256", 名: [1] },
      signature: utf8("A"),
    });
  });
});

function es256Example() {
  const { encodedHeader, signature } = parsed(detached(rfc7515A3.jws));
  const publicKey = createPublicKey({ key: rfc7515A3.publicJwk, format: "jwk" });
  return {
    input: signingInput(encodedHeader, utf8(rfc7515A3.payloadText)),
    signature,
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}
