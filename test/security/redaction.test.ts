import { describe, expect, test } from "vitest";
import { redactSecrets } from "../../src/security/redaction.ts";

describe("secrets are redacted from stored and returned texts", () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqG\n-----END PRIVATE KEY-----\n";
  const query = new URLSearchParams({ key: pem, page: "2" });
  test.each([
    ["a key as PEM", pem, "[redacted]"],
    ["a key as PEM of another kind", pem.replaceAll(" PRIVATE", " EC PRIVATE"), "[redacted]"],
    ["a key in JSON", JSON.stringify({ publicKey: pem, kid: "k" }), '{"publicKey":"[redacted]","kid":"k"}'],
    ["a key in a query", `/v1/payments?${query}`, "/v1/payments?key=[redacted]&page=2"],
    ["a key with %20", `/x?key=${encodeURIComponent(pem)}&page=2`, "/x?key=[redacted]&page=2"],
    ["an incomplete key", '{"key":"-----BEGIN PRIVATE KEY-----\\nMIGH', '{"key":"[redacted]'],
    ["a private JWK", '{"kty":"EC","d":"c2VjcmV0","x":"abc"}', '{"kty":"EC","d":"[redacted]","x":"abc"}'],
    ["an HMAC key", '{ "hmacKey" : "s3cr3t\\"s" }', '{ "hmacKey" : "[redacted]" }'],
    [
      "an admin token",
      "/_sandbox/payments?adminToken=s3cr3t&limit=2",
      "/_sandbox/payments?adminToken=[redacted]&limit=2",
    ],
    ["an access token", "/docs?access_token=s3cr3t#top", "/docs?access_token=[redacted]#top"],
    ["an incomplete password", '{"password":"s3cr3t', '{"password":"[redacted]"'],
    ["a header", "Authorization: Bearer s3cr3t.s3cr3t", "Authorization: Bearer [redacted]"],
  ])("%s", (_, text, safe) => {
    expect(redactSecrets(text)).toBe(safe);
    expect(redactSecrets(safe)).toBe(safe);
  });

  test.each([
    '{"merchantReference":"order 1","amount":{"value":200,"currency":"hkd"}}',
    "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----",
    '{"secretary":"Ms Lee","tokens":2,"id":"d"}',
    "/v1/payments?idempotencyKey=12345678&limit=2",
    "Bearer",
  ])("%s is not changed", (text) => expect(redactSecrets(text)).toBe(text));

  test("a long text takes linear time", () => {
    const long = `${'"'.repeat(30_000)}${"secre".repeat(6_000)}${"-----BEGIN ".repeat(3_000)}`;
    expect(redactSecrets(long)).toBe(long);
  }, 2_000);
});
