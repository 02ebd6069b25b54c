import { expect, test } from "vitest";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { deriveHmacKey, deriveKeyPair } from "../../src/security/keys.ts";
import { get, post } from "../support/merchant.ts";
import { takeSchema } from "../support/postgres-schemas.ts";
import { storedIn, together } from "../support/replicas.ts";

const publicUrl = "https://sandbox.example.com";
const publicSeed = "alipay-hk-sandbox";
const publicKeyOfDemo = deriveKeyPair(publicSeed, "demo merchant: request key").privateKey;

/** Runs with a database of its own, whose sandboxes are closed one after another. */
async function withDatabase(run: (open: (options?: SandboxOptions) => Promise<Sandbox>) => Promise<void>) {
  const schema = await takeSchema();
  const opened: Sandbox[] = [];
  try {
    await run(async (options = {}) => {
      const sandbox = await createSandbox({ ...storedIn(schema), ...options });
      opened.push(sandbox);
      return sandbox;
    });
  } finally {
    await Promise.all(opened.map((sandbox) => sandbox.close()));
    await schema.release();
  }
}

const openWorld = async (sandbox: Sandbox) => (await post(sandbox, "/_sandbox/worlds", {})).body;

test("replicas that start at once agree on one random seed, and the database keeps it", () =>
  withDatabase(async (open) => {
    const replicas = await together(4, () => open({ publicUrl, storeConnections: 2 }));
    const [first] = replicas as [Sandbox, ...Sandbox[]];
    for (const { credentials } of replicas) expect(credentials).toEqual(first.credentials);
    expect(first.credentials.privateKey).not.toBe(publicKeyOfDemo);
    const { credentials } = first;
    await Promise.all(replicas.map((sandbox) => sandbox.close()));
    const later = await open({ publicUrl });
    expect(later.credentials).toEqual(credentials);
    await post(later, "/_sandbox/reset", { all: true });
    expect(later.credentials).toEqual(credentials);
    expect((await get(later, "/_sandbox/health")).body).toMatchObject({ store: "postgres", seed: "random" });
  }));

test("a database with a random seed gets no public keys at a start on loopback", () =>
  withDatabase(async (open) => {
    const { credentials } = await open({ publicUrl });
    const local = await open();
    expect({ ...local.credentials, baseUrl: "" }).toEqual({ ...credentials, baseUrl: "" });
    expect((await get(local, "/_sandbox/health")).body.seed).toBe("random");
  }));

test("a database from before keeps the keys of its merchants, and new keys are random", () =>
  withDatabase(async (open) => {
    const before = await open();
    const old = await openWorld(before);
    await before.close();
    const sandbox = await open({ publicUrl });
    expect(sandbox.credentials).toMatchObject({ kid: before.credentials.kid, privateKey: publicKeyOfDemo });
    const query = `?processingAccountId=${old.processingAccountId}`;
    expect((await get(sandbox, `/_sandbox/credentials${query}`)).body).toMatchObject({ privateKey: old.privateKey });
    const opened = await openWorld(sandbox);
    const computed = deriveKeyPair(publicSeed, `${opened.processingAccountId}: request key`);
    expect(opened.privateKey).not.toBe(computed.privateKey);
    const { hmacKid, hmacKey } = (await post(sandbox, "/_sandbox/keys/rotate", {})).body;
    expect(hmacKey).not.toBe(deriveHmacKey(publicSeed, `shared secret ${hmacKid}`));
    expect((await get(sandbox, "/_sandbox/health")).body.seed).toBe("default");
    await post(sandbox, "/_sandbox/reset", { all: true });
    expect(sandbox.credentials).toMatchObject({ kid: before.credentials.kid, privateKey: publicKeyOfDemo });
  }));
