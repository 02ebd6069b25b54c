import { expect, test } from "vitest";
import { ConfigError, createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { deriveHmacKey, deriveKeyPair } from "../../src/security/keys.ts";
import { get, post } from "../support/merchant.ts";

const publicUrl = "https://sandbox.example.com";
const publicSeed = "alipay-hk-sandbox";

/** Every secret of two merchants, those at the start and a rotated one; and the same as anyone can compute them. */
async function secretsOf(sandbox: Sandbox): Promise<{ secrets: string[]; computed: string[] }> {
  const demo = (await get(sandbox, "/_sandbox/credentials")).body;
  const opened = (await post(sandbox, "/_sandbox/worlds", {})).body;
  const rotated = (await post(sandbox, "/_sandbox/keys/rotate", {})).body;
  const computed = [
    deriveKeyPair(publicSeed, "demo merchant: request key").privateKey,
    deriveHmacKey(publicSeed, "demo merchant: shared secret"),
    deriveKeyPair(publicSeed, `${opened.processingAccountId}: request key`).privateKey,
    deriveHmacKey(publicSeed, `${opened.processingAccountId}: shared secret`),
    deriveHmacKey(publicSeed, `shared secret ${rotated.hmacKid}`),
  ];
  return { secrets: [demo.privateKey, demo.hmacKey, opened.privateKey, opened.hmacKey, rotated.hmacKey], computed };
}

test.each<[string, SandboxOptions]>([
  ["in this process", {}],
  ["with a public URL on loopback", { publicUrl: "http://127.0.0.1:8852" }],
])("%s the keys come from the public seed: they are the same at every start", async (_, options) => {
  await using sandbox = await createSandbox(options);
  const { credentials } = sandbox;
  const { secrets, computed } = await secretsOf(sandbox);
  expect(secrets).toEqual(computed);
  await using other = await createSandbox(options);
  expect(other.credentials).toEqual(credentials);
});

test("where other machines can reach the sandbox, nobody can compute a key", async () => {
  await using sandbox = await createSandbox({ publicUrl });
  await using other = await createSandbox({ publicUrl });
  const { secrets, computed } = await secretsOf(sandbox);
  const { secrets: others } = await secretsOf(other);
  for (const secret of secrets) expect([...computed, ...others]).not.toContain(secret);
  expect((await get(sandbox, "/_sandbox/health")).body.seed).toBe("random");
});

test("a reset of all worlds keeps the random keys of the demo merchant", async () => {
  await using sandbox = await createSandbox({ publicUrl });
  const before = sandbox.credentials;
  await post(sandbox, "/_sandbox/reset", { all: true });
  expect(sandbox.credentials).toEqual(before);
});

test("a seed makes the keys the same again, wherever the sandbox can be reached", async () => {
  await using sandbox = await createSandbox({ publicUrl, seed: "a secret" });
  await using other = await createSandbox({ seed: "a secret" });
  expect(await secretsOf(sandbox)).toEqual(await secretsOf(other));
  expect((await get(sandbox, "/_sandbox/health")).body.seed).toBe("given");
});

test("a sandbox with public keys does not listen where other machines can reach it", async () => {
  await using sandbox = await createSandbox({ adminToken: "none" });
  const listening = sandbox.listen({ host: "0.0.0.0" });
  await expect(listening).rejects.toThrow(
    new ConfigError(
      'The host is "0.0.0.0", which other machines can reach: then the option seed must be a secret, because the ' +
        "default keys are public.",
    ),
  );
  expect(await sandbox.listen()).toMatch(/^http:\/\/127\.0\.0\.1:/);
});

test.each<[string, { host?: string }, SandboxOptions]>([
  ["on another address", { host: "0.0.0.0" }, {}],
  ["behind a public URL", {}, { publicUrl }],
])("a short admin token is refused %s, and nowhere else", async (_, where, options) => {
  const open = (adminToken: string) => createSandbox({ seed: "a secret", adminToken, ...options });
  await using short = await open("fifteen-letters");
  await expect(short.listen(where)).rejects.toThrow("--admin-token must have at least 16 characters, but it has 15.");
  for (const adminToken of ["sixteen--letters", "none"]) {
    await using sandbox = await open(adminToken);
    expect(await sandbox.listen(where)).toMatch(/^http/);
  }
  await using local = await createSandbox({ adminToken: "short" });
  expect(await local.listen()).toMatch(/^http/);
});
