import { CompactSign, compactVerify, exportJWK, importPKCS8, importSPKI } from "jose";
import { describe, expect, it } from "vitest";
import derived from "../../fixtures/keys/derived.json" with { type: "json" };
import { deriveHmacKey, deriveKeyPair } from "../../src/security/keys.ts";

describe("keys derived from a seed and a label", () => {
  it("are the same for the same seed and label", () => {
    expect(deriveKeyPair("seed", "label")).toEqual(deriveKeyPair("seed", "label"));
    expect(deriveHmacKey("seed", "label")).toBe(deriveHmacKey("seed", "label"));
  });

  it.each([
    ["another seed", "seed 2", "label"],
    ["another label", "seed", "label 2"],
    ["an exchanged seed and label", "label", "seed"],
    ["the same joined text of seed and label", "seedl", "abel"],
  ])("differ for %s", (_name, seed, label) => {
    const [pair, other] = [deriveKeyPair("seed", "label"), deriveKeyPair(seed, label)];
    expect(other.privateKey).not.toBe(pair.privateKey);
    expect(other.publicKey).not.toBe(pair.publicKey);
    expect(deriveHmacKey(seed, label)).not.toBe(deriveHmacKey("seed", "label"));
  });

  it.each(derived.cases)("match those of another program: $name", async ({ seed, label, publicJwk, hmacKey }) => {
    const { publicKey } = deriveKeyPair(seed, label);
    expect(await exportJWK(await importSPKI(publicKey, "ES256", { extractable: true }))).toEqual(publicJwk);
    expect(deriveHmacKey(seed, label)).toBe(hmacKey);
  });

  it.each(derived.cases)("are a PEM pair that jose can use: $name", async ({ seed, label }) => {
    const { privateKey, publicKey } = deriveKeyPair(seed, label);
    expect(privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----\n$/);
    expect(publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+\n-----END PUBLIC KEY-----\n$/);
    const signer = new CompactSign(new TextEncoder().encode("payload")).setProtectedHeader({ alg: "ES256" });
    const jws = await signer.sign(await importPKCS8(privateKey, "ES256"));
    const { payload } = await compactVerify(jws, await importSPKI(publicKey, "ES256"));
    expect(new TextDecoder().decode(payload)).toBe("payload");
  });

  it("make a shared secret of 43 base64url characters, 256 bits", () => {
    expect(deriveHmacKey("seed", "label")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(deriveHmacKey("seed", "label"), "base64url")).toHaveLength(32);
  });
});
