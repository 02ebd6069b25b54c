import { describe, expect, it } from "vitest";
import { parseDetachedJws } from "../../src/security/jws.ts";
import {
  type ReceiverKnowledge,
  signResponseBody,
  signWebhookBody,
  verifyProviderSignature,
} from "../../src/security/response-signature.ts";
import { forgeJws, generateWithJose, headerText, signWithJose, verifyWithJose } from "../support/jose-merchant.ts";

const now = Date.UTC(2026, 0, 5, 9) + 987;
const exp = Math.floor(now / 1000) + 300;
const url = "https://merchant.site/webhooks?shop=元朗";
const body = Buffer.from('{"id":"1","merchantReference":"元朗"}');
const old = { kid: "old", key: "the older secret, as text: 密鑰" };
const young = { kid: "young", key: "the younger secret, as text: 密鑰" };

const receiver: ReceiverKnowledge = { keys: [young.key], nowMs: now };
const endpoint: ReceiverKnowledge = { ...receiver, aud: url };

function only(lines: readonly string[]): string {
  const [line = "", ...more] = lines;
  expect(more).toEqual([]);
  return line;
}

const response = only(signResponseBody(body, [young], now));
const webhook = only(signWebhookBody(body, url, [young], now));

/** Signs with jose like the provider, with changes in the header; `undefined` removes a member. */
function signed(header: Readonly<Record<string, unknown>> = {}, key = young.key): Promise<string> {
  const members = { alg: "HS256", aud: undefined, exp, ...header };
  return signWithJose({ method: "", target: "", body, kid: young.kid, privateKey: key, header: members });
}

describe("a response", () => {
  it("verifies with jose under the UTF-8 bytes of the shared secret", async () => {
    expect(await verifyWithJose(response, body, young.key)).toEqual({ alg: "HS256", kid: "young", exp });
  });

  it("has the header members alg, kid, exp in this order, and exp 300 s ahead", () => {
    expect(headerText(response)).toBe(`{"alg":"HS256","kid":"young","exp":${exp}}`);
  });

  it("verifies with jose if its body is empty or not UTF-8", async () => {
    for (const bytes of [new Uint8Array(), Buffer.from([0xff, 0x00, 0xc3])]) {
      const line = only(signResponseBody(bytes, [young], now));
      expect(await verifyWithJose(line, bytes, young.key)).toMatchObject({ kid: "young" });
    }
  });

  it.each([32, 63, 64, 65, 200])("verifies with jose under a shared secret of %i bytes", async (length) => {
    const key = "k".repeat(length);
    const line = only(signResponseBody(body, [{ kid: "long", key }], now));
    expect(await verifyWithJose(line, body, key)).toMatchObject({ kid: "long" });
  });

  it("does not verify with jose over another body or under another secret", async () => {
    await expect(verifyWithJose(response, '{"id":"2"}', young.key)).rejects.toThrow("signature verification failed");
    await expect(verifyWithJose(response, body, old.key)).rejects.toThrow("signature verification failed");
  });

  it("has one value for each active key, in their order", async () => {
    const lines = signResponseBody(body, [old, young], now);
    const headers = [old, young].map(({ key }, at) => verifyWithJose(lines[at], body, key));
    expect(lines).toHaveLength(2);
    expect(await Promise.all(headers)).toEqual([
      { alg: "HS256", kid: "old", exp },
      { alg: "HS256", kid: "young", exp },
    ]);
  });
});

describe("a webhook", () => {
  it("verifies with jose under the UTF-8 bytes of the shared secret", async () => {
    expect(await verifyWithJose(webhook, body, young.key)).toEqual({ alg: "HS256", kid: "young", aud: url, exp });
  });

  it("has the header members alg, kid, aud, exp in this order, and exp 300 s ahead", () => {
    expect(headerText(webhook)).toBe(`{"alg":"HS256","kid":"young","aud":"${url}","exp":${exp}}`);
  });

  it("has one value for each active key, in their order", async () => {
    const lines = signWebhookBody(body, url, [old, young], now);
    expect(lines).toHaveLength(2);
    expect(await verifyWithJose(lines[0], body, old.key)).toMatchObject({ kid: "old", aud: url });
    expect(await verifyWithJose(lines[1], body, young.key)).toMatchObject({ kid: "young", aud: url });
  });
});

describe("a webhook with a signature fault", () => {
  it("has the same header and a wrong signature of the same length under bad_signature", async () => {
    const bad = signWebhookBody(body, url, [old, young], now, "bad_signature");
    const right = signWebhookBody(body, url, [old, young], now);
    expect(bad.map(headerText)).toEqual(right.map(headerText));
    expect(bad.map((line) => line.length)).toEqual(right.map((line) => line.length));
    expect(parseDetachedJws(bad[0] ?? "")).toMatchObject({ signature: expect.any(Buffer) });
    expect(verifyProviderSignature(bad, body, { ...endpoint, keys: [old.key, young.key] })).toBe(false);
    await expect(verifyWithJose(bad[1], body, young.key)).rejects.toThrow("signature verification failed");
  });

  it("differs only in exp, which is 300 s ago, under expired_signature", async () => {
    const expired = only(signWebhookBody(body, url, [young], now, "expired_signature"));
    expect(headerText(expired)).toBe(`{"alg":"HS256","kid":"young","aud":"${url}","exp":${exp - 600}}`);
    expect(await verifyWithJose(expired, body, young.key)).toMatchObject({ kid: "young" });
    expect(verifyProviderSignature(expired, body, endpoint)).toBe(false);
    expect(verifyProviderSignature(expired, body, { ...endpoint, nowMs: now - 301_000 })).toBe(true);
  });
});

describe("a receiver accepts", () => {
  const rotating = signWebhookBody(body, url, [old, young], now);

  it("a response and a webhook of the sandbox", () => {
    expect(verifyProviderSignature(response, body, receiver)).toBe(true);
    expect(verifyProviderSignature(webhook, body, endpoint)).toBe(true);
  });

  it("a signature by jose, with any order of members and additional ones", async () => {
    expect(verifyProviderSignature(await signed(), body, receiver)).toBe(true);
    expect(verifyProviderSignature(await signed({ typ: "JWT", aud: url }), body, endpoint)).toBe(true);
  });

  it.each([
    ["on separate lines", rotating],
    ['joined by ", "', rotating.join(", ")],
    ['joined by ","', rotating.join(",")],
    ['joined by ", " in one line of an array', [rotating.join(", ")]],
    ["in the other order", [...rotating].reverse()],
  ])("several signatures %s, under either secret", (_name, header) => {
    expect(verifyProviderSignature(header, body, { ...endpoint, keys: [young.key] })).toBe(true);
    expect(verifyProviderSignature(header, body, { ...endpoint, keys: [old.key] })).toBe(true);
  });

  it("one signature if it has several secrets", () => {
    expect(verifyProviderSignature(webhook, body, { ...endpoint, keys: [old.key, young.key] })).toBe(true);
  });

  it.each([
    ["an older key", only(signWebhookBody(body, url, [old], now))],
    ["another body", only(signWebhookBody(Buffer.from("{}"), url, [young], now))],
    ["another URL", only(signWebhookBody(body, "https://other.site/", [young], now))],
    ["no signature at all", "nonsense"],
    ["nothing", ""],
  ])("a valid signature together with one of %s", (_name, other) => {
    expect(verifyProviderSignature([other], body, endpoint)).toBe(false);
    expect(verifyProviderSignature([other, webhook], body, endpoint)).toBe(true);
    expect(verifyProviderSignature(`${webhook}, ${other}`, body, endpoint)).toBe(true);
  });

  it("a signature before its exp but not at its exp", () => {
    expect(verifyProviderSignature(response, body, { ...receiver, nowMs: exp * 1000 - 1 })).toBe(true);
    expect(verifyProviderSignature(response, body, { ...receiver, nowMs: exp * 1000 })).toBe(false);
  });
});

describe("a receiver refuses", () => {
  it.each([
    ["one byte is changed", Buffer.from(body.toString().replace('"1"', '"2"'))],
    ["one byte is added", Buffer.concat([body, Buffer.from("\n")])],
    ["everything is removed", new Uint8Array()],
  ])("a changed body: %s", (_name, changed) => {
    expect(verifyProviderSignature(response, changed, receiver)).toBe(false);
    expect(verifyProviderSignature(webhook, changed, endpoint)).toBe(false);
  });

  it("a signature of another key", async () => {
    expect(verifyProviderSignature(response, body, { ...receiver, keys: [old.key] })).toBe(false);
    expect(verifyProviderSignature(await signed({}, old.key), body, receiver)).toBe(false);
  });

  it("everything if it has no key", () => {
    expect(verifyProviderSignature(response, body, { ...receiver, keys: [] })).toBe(false);
  });

  it("a signature that has expired", async () => {
    expect(verifyProviderSignature(response, body, { ...receiver, nowMs: now + 301_000 })).toBe(false);
    expect(verifyProviderSignature(await signed({ exp: now / 1000 - 1 }), body, receiver)).toBe(false);
  });

  it.each([
    ["missing", undefined],
    ["a string", String(exp)],
    ["null", null],
    ["an array", [exp]],
  ])("an exp that is %s", async (_name, value) => {
    expect(verifyProviderSignature(await signed({ exp: value }), body, receiver)).toBe(false);
  });

  it.each([
    ["undefined", undefined],
    ["null", null],
    ["empty text", ""],
    ["no lines", []],
    ["empty lines", ["", " "]],
  ])("a signature that is missing: %s", (_name, header) => {
    expect(verifyProviderSignature(header, body, receiver)).toBe(false);
    expect(verifyProviderSignature(header, body, endpoint)).toBe(false);
  });

  it("alg none, with and without signature bytes", () => {
    const header = { alg: "none", kid: young.kid, exp };
    const bytes = Buffer.from(response.split(".")[2] ?? "", "base64url");
    expect(verifyProviderSignature(forgeJws(header, Buffer.alloc(0)), body, receiver)).toBe(false);
    expect(verifyProviderSignature(forgeJws(header, bytes), body, receiver)).toBe(false);
  });

  it("ES256, the algorithm of merchants", async () => {
    const { privateKey } = await generateWithJose();
    expect(verifyProviderSignature(await signed({ alg: "ES256" }, privateKey), body, receiver)).toBe(false);
  });

  it.each(["ES256", "HS512", "hs256", "", undefined])("a valid HMAC under alg %o", async (alg) => {
    const key = await crypto.subtle.importKey("raw", Buffer.from(young.key), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const header = forgeJws({ alg, kid: young.kid, exp }, Buffer.alloc(1)).split(".")[0];
    const input = Buffer.from(`${header}.${body.toString("base64url")}`);
    const fitting = Buffer.from(await crypto.subtle.sign("HMAC", key, input)).toString("base64url");
    expect(verifyProviderSignature(`${header}..${fitting}`, body, receiver)).toBe(false);
  });

  it("HS512 with the same secret", async () => {
    const long = { kid: "long", key: "a secret as long as HS512 asks for, that is 64 bytes or more of it" };
    const known = { ...receiver, keys: [long.key] };
    expect(verifyProviderSignature(await signed({ alg: "HS256" }, long.key), body, known)).toBe(true);
    expect(verifyProviderSignature(await signed({ alg: "HS512" }, long.key), body, known)).toBe(false);
  });

  it.each([
    ["another URL", "https://other.site/webhooks"],
    ["the URL without its query", url.split("?")[0]],
    ["the URL with an additional slash", `${url}/`],
    ["the normalised URL", new URL(url).href],
    ["the URL in an array", [url]],
    ["null", null],
  ])("a webhook whose aud is %s", async (_name, aud) => {
    expect(verifyProviderSignature(await signed({ aud }), body, endpoint)).toBe(false);
  });

  it("a response's signature as a webhook's", () => {
    expect(verifyProviderSignature(response, body, endpoint)).toBe(false);
  });

  it("a webhook's signature as a response's", () => {
    expect(verifyProviderSignature(webhook, body, receiver)).toBe(false);
  });

  it("crit in the header", async () => {
    const header = { crit: ["b64"], b64: true };
    expect(await verifyWithJose(await signed(header), body, young.key)).toMatchObject(header);
    expect(verifyProviderSignature(await signed(header), body, receiver)).toBe(false);
  });

  it("a truncated signature, and a JWS that contains its payload", () => {
    const [header, , signature = ""] = response.split(".");
    const cut = Buffer.from(signature, "base64url").subarray(0, 31).toString("base64url");
    expect(verifyProviderSignature(`${header}..${cut}`, body, receiver)).toBe(false);
    expect(verifyProviderSignature(`${header}.${body.toString("base64url")}.${signature}`, body, receiver)).toBe(false);
  });
});
