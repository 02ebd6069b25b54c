import { expect, test } from "vitest";
import { signRequest, verifyResponse, verifyWebhook } from "../../src/index.ts";
import { signResponseBody, signWebhookBody } from "../../src/security/response-signature.ts";

const body = '{"id":"1"}';
const url = "https://merchant.example/webhooks";
const signedWith = (key: string) => ({ kid: "kid", key });
const webhook = (key: string, aud = url) => signWebhookBody(Buffer.from(body), aud, [signedWith(key)], Date.now());
const response = (key: string) => signResponseBody(Buffer.from(body), [signedWith(key)], Date.now());

/** Passes any value, as JavaScript does. */
// biome-ignore lint/suspicious/noExplicitAny: the tests pass what the types forbid
const untyped = (value: unknown) => value as any;

test.each<[string, unknown, string]>([
  ["an empty text", "", "hmacKey is empty: pass the shared secret of the merchant."],
  ["an unset variable", undefined, "hmacKey is missing: pass the shared secret of the merchant."],
  ["null", null, "hmacKey is missing: pass the shared secret of the merchant."],
  ["a number", 7, "hmacKey is not a text: pass the shared secret of the merchant."],
  ["an empty list", [], "hmacKey is an empty list: pass at least one shared secret."],
  [
    "a list with an unset variable",
    ["secret", undefined],
    "hmacKey is missing: pass the shared secret of the merchant.",
  ],
  ["a list with an empty text", ["", "secret"], "hmacKey is empty: pass the shared secret of the merchant."],
])("verifyWebhook and verifyResponse throw for an hmacKey that is %s", (_, hmacKey, sentence) => {
  const key = untyped(hmacKey);
  const expected = new TypeError(sentence);
  expect(() => verifyWebhook({ signature: webhook("secret"), body, hmacKey: key, url })).toThrow(expected);
  expect(() => verifyResponse({ signature: response("secret"), body, hmacKey: key })).toThrow(expected);
});

test("a forged webhook, signed with the empty secret, is not accepted by a receiver whose variable is empty", () => {
  expect(() => verifyWebhook({ signature: webhook(""), body, hmacKey: "", url })).toThrow(TypeError);
  expect(() => verifyResponse({ signature: response(""), body, hmacKey: "" })).toThrow(TypeError);
});

test.each([
  [undefined, "url is missing: pass the URL that the webhook was sent to."],
  ["", "url is empty: pass the URL that the webhook was sent to."],
  [new URL(url), "url is not a text: pass the URL that the webhook was sent to."],
])("verifyWebhook throws for the url %s, so that a signed response does not count as a webhook", (given, sentence) => {
  const received = { signature: response("secret"), body, hmacKey: "secret", url: untyped(given) };
  expect(() => verifyWebhook(received)).toThrow(new TypeError(sentence));
});

test.each([[7], [{}], [true], [[7]], [[null, {}]], [Symbol("signature")], [undefined], [null], [[]]])(
  "a signature that is no text (%s) is wrong, and no exception",
  (signature) => {
    expect(verifyWebhook({ signature: untyped(signature), body, hmacKey: "secret", url })).toBe(false);
    expect(verifyResponse({ signature: untyped(signature), body, hmacKey: "secret" })).toBe(false);
  },
);

test("a right signature counts among values that are no text", () => {
  const mixed = untyped([7, undefined, ...webhook("secret")]);
  expect(verifyWebhook({ signature: mixed, body, hmacKey: ["old", "secret"], url })).toBe(true);
});

test("a body that was parsed already is a mistake that is named", () => {
  const sentence = "body is not text or bytes: pass the exact body, not the object that was parsed from it.";
  const received = { signature: webhook("secret"), body: untyped(JSON.parse(body)), hmacKey: "secret", url };
  expect(() => verifyWebhook(received)).toThrow(new TypeError(sentence));
  expect(() => verifyResponse(received)).toThrow(new TypeError(sentence));
});

test.each([
  [{ method: "" }, "method is empty: pass the method of the request."],
  [{ target: undefined }, "target is missing: pass the path and query of the request."],
  [{ kid: "" }, "kid is empty: pass the id of the key that signs."],
  [{ kid: undefined }, "kid is missing: pass the id of the key that signs."],
  [{ privateKey: "" }, "privateKey is empty: pass the private key, PEM (PKCS #8)."],
  [{ privateKey: undefined }, "privateKey is missing: pass the private key, PEM (PKCS #8)."],
  [{ expiresInSeconds: Number.NaN }, "expiresInSeconds is not a number of seconds."],
])("signRequest throws for %o", (changes, sentence) => {
  const request = { method: "GET", target: "/v1/payments", kid: "kid", privateKey: "key" };
  expect(() => signRequest(untyped({ ...request, ...changes }))).toThrow(new TypeError(sentence));
});
