import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { describe, expect, inject, test } from "vitest";
import { version } from "../../src/config/config.ts";
import { createSandbox, type SandboxOptions, signRequest, verifyResponse, withSandbox } from "../../src/index.ts";
import { generateWithJose } from "../support/jose-merchant.ts";
import { get, paymentRequest, post } from "../support/merchant.ts";
import { snapshotOf } from "../support/snapshots.ts";

/** Sends a request over a socket with exactly these headers. */
function ask(url: string, target: string, headers: Record<string, string>, method = "GET") {
  const { hostname, port } = new URL(url);
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, path: target, method, headers }, async (answer) => {
      let body = "";
      for await (const chunk of answer.setEncoding("utf8")) body += chunk;
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
    });
    outgoing.on("error", reject).end();
  });
}

async function listening(options: SandboxOptions, run: (url: string) => Promise<void>): Promise<void> {
  await withSandbox(options, async (sandbox) => run(await sandbox.listen()));
}

const target = "/_sandbox/credentials";

/** Members of health and readiness, without the status. */
const present = {
  version,
  store: inject("database") === undefined ? "memory" : "postgres",
  seed: "default",
  uptimeSeconds: expect.any(Number),
};

describe("the control surface refuses a Host that can be a DNS rebinding name", () => {
  test.each([
    ["127.0.0.1", 200],
    ["127.0.0.1:8852", 200],
    ["192.168.1.20:8852", 200],
    ["[::1]:8852", 200],
    ["localhost:8852", 200],
    ["LOCALHOST", 200],
    ["sandbox", 403],
    ["2130706433", 403],
    ["listed", 200],
    ["LISTED:8852", 200],
    ["pay.localhost", 200],
    ["host.docker.internal", 200],
    ["shop.test", 200],
    ["sandbox.payments.svc", 200],
    ["sandbox.payments.svc.cluster.local:8852", 200],
    ["sandbox.example.com", 200],
    ["listed.example.com", 200],
    ["evil.com", 403],
    ["localhost.evil.com", 403],
    ["127.0.0.1.evil.com", 403],
    ["eviltest", 403],
    ["evil.mytest", 403],
    ["svc.cluster.local.evil.com", 403],
    ["example.com", 403],
    ["listed.example.com.evil.com", 403],
    ["127.0.0.1.", 403],
    ["1.2.3.4.5", 403],
    ["localhost.", 403],
    ["shop.test.evil.com", 403],
    ["evil.com:8852", 403],
    ["internal.evil.com", 403],
    ["svc.evil.com", 403],
    ["sub.listed.example.com", 403],
  ])("%s: %i", async (host, status) => {
    const options = { publicUrl: "https://sandbox.example.com", allowHost: "listed,listed.example.com" };
    await listening(options, async (url) => {
      const answer = await ask(url, target, { host });
      expect(answer.status).toBe(status);
      if (status === 403) expect(JSON.parse(answer.body).reason.code).toBe("forbidden_origin");
    });
  });
});

test.each(["sandbox", "sandbox:8852", "[::1]", "localhost"])(
  "the Host %s is allowed where other machines reach the sandbox: in a container it has such a name",
  async (host) => {
    await withSandbox({ adminToken: "none", seed: "a secret" }, async (sandbox) => {
      const { port } = new URL(await sandbox.listen({ host: "0.0.0.0" }));
      for (const path of [target, "/v1/payments"]) {
        expect((await ask(`http://127.0.0.1:${port}`, path, { host })).status).toBe(200);
      }
    });
  },
);

describe("an allowed name that begins with a dot or *. allows the names below it", () => {
  test.each([
    [".lvh.me", "lvh.me", 200],
    [".lvh.me", "pay.lvh.me:8852", 200],
    [".lvh.me", "A.B.LVH.ME", 200],
    [".lvh.me", "evil-lvh.me", 403],
    [".lvh.me", "lvh.me.evil.com", 403],
    ["*.orb.local", "pay.orb.local", 200],
    ["*.ORB.local", "a.b.orb.local", 200],
    ["*.orb.local", "orb.local", 403],
    ["*.orb.local", "evilorb.local", 403],
    ["*.orb.local", "orb.local.evil.com", 403],
    ["a.example, .b.example,", "x.b.example", 200],
    ["a.example, .b.example,", "x.a.example", 403],
  ])("%s: the Host %s gets %i", async (allowHost, host, status) => {
    await listening({ allowHost }, async (url) => expect((await ask(url, target, { host })).status).toBe(status));
  });
});

test.each(["*", "**.a.example", "a.*.example", "*a.example", ".", "*.", "..a.example", "a.example:8852"])(
  "the allowed host %s would never match, so it is refused",
  async (allowHost) => {
    const sentence = "expected host names without port";
    for (const value of [allowHost, `b.example,${allowHost}`, [allowHost]]) {
      await expect(createSandbox({ allowHost: value })).rejects.toThrow(sentence);
    }
  },
);

test.each(["http://a.example", "a.example/", "[::1]:80", "::1", "a b", "b\u00fccher.example", "a.example."])(
  "the allowed host %s is no name, so it is refused",
  async (allowHost) => {
    await expect(createSandbox({ allowHost })).rejects.toThrow("The option allowHost is");
  },
);

test("a request without a Host is refused", async () => {
  await listening({}, async (url) => {
    const { hostname, port } = new URL(url);
    const [answer] = await once(httpRequest({ hostname, port, path: target, setHost: false }).end(), "response");
    expect(answer.resume().statusCode).toBe(400);
  });
});

describe("pages of another origin cannot use the control surface", () => {
  test.each([
    ["no Origin", {}, 200],
    ["its own Origin", { origin: "http://localhost:8852" }, 200],
    ["the public URL's Origin", { origin: "https://sandbox.example.com" }, 200],
    ["a foreign Origin", { origin: "https://evil.com" }, 403],
    ["another port's Origin", { origin: "http://localhost:3000" }, 403],
    ["the Origin null", { origin: "null" }, 403],
    ["an invalid Origin", { origin: "x" }, 403],
    ["a cross-site request", { "sec-fetch-site": "cross-site" }, 403],
    ["a cross-site navigation", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 403],
    ["a request of its own pages", { "sec-fetch-site": "same-origin" }, 200],
    ["a typed address", { "sec-fetch-site": "none" }, 200],
  ])("%s", async (_, headers, status) => {
    await listening({ publicUrl: "https://sandbox.example.com" }, async (url) => {
      const sent: Record<string, string> = { host: "localhost:8852", ...headers };
      expect((await ask(url, target, sent)).status).toBe(status);
      expect((await ask(url, "/_sandbox/reset", sent, "POST")).status).toBe(status);
    });
  });

  test.each([
    ["https://pay.example", "start the sandbox with --public-url https://pay.example."],
    ["http://localhost:3000", "--public-url http://localhost:3000"],
  ])("the refusal of the Origin %s says what to do if it is that of a proxy", async (origin, remedy) => {
    await listening({}, async (url) => {
      for (const path of [target, "/v1/payments", "/docs"]) {
        expect(JSON.parse((await ask(url, path, { origin })).body).reason.description).toContain(remedy);
      }
    });
  });

  test.each([{ origin: "null" }, { "sec-fetch-site": "cross-site" }])(
    "the refusal of %j names no option: none would help",
    async (headers) => {
      await listening({}, async (url) => expect((await ask(url, target, headers)).body).not.toContain("--"));
    },
  );

  test("a link of another site can open a page, but its scripts and frames cannot", async () => {
    await listening({}, async (url) => {
      const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      for (const page of ["/", "/docs"]) {
        expect((await ask(url, page, link)).status).toBe(200);
        expect((await ask(url, page, { ...link, "sec-fetch-mode": "cors" })).status).toBe(403);
        expect((await ask(url, page, { ...link, "sec-fetch-dest": "iframe" })).status).toBe(403);
      }
      expect((await ask(url, target, link)).status).toBe(403);
    });
  });

  describe("nor the provider's API, unless the request is signed", () => {
    const own = { host: "localhost:8852" };
    const foreign: [who: string, headers: Record<string, string>, status: number][] = [
      ["no browser", own, 200],
      ["a page of the sandbox", { ...own, origin: "http://localhost:8852", "sec-fetch-site": "same-origin" }, 200],
      ["a listed host", { host: "listed.example.com" }, 200],
      ["a no-cors request", { ...own, origin: "https://evil.com", "sec-fetch-site": "cross-site" }, 403],
      ["an image", { ...own, "sec-fetch-site": "cross-site" }, 403],
      ["a page without an origin", { ...own, origin: "null" }, 403],
      ["a page of another port", { ...own, origin: "http://localhost:3000", "sec-fetch-site": "same-site" }, 403],
      ["a rebound name", { host: "evil.com", "sec-fetch-site": "same-origin" }, 403],
      ["a rebound name without a dot", { host: "evil:8852", origin: "http://evil:8852" }, 403],
    ];
    test.each(foreign)("%s", async (_, headers, status) => {
      await withSandbox({ allowHost: "listed.example.com" }, async (sandbox) => {
        const url = await sandbox.listen();
        const answer = await ask(url, "/v1/payments", headers);
        expect(answer.status).toBe(status);
        const signature = String(answer.headers["x-signature"]);
        const { kid, privateKey, hmacKey } = sandbox.credentials;
        expect(verifyResponse({ signature, body: answer.body, hmacKey })).toBe(true);
        if (status === 403) expect(JSON.parse(answer.body).reason.code).toBe("forbidden_origin");
        expect((await ask(url, "/v1/payments", headers, "POST")).status).toBe(status === 200 ? 400 : 403);
        expect((await get(sandbox, "/_sandbox/payments")).body.data).toEqual([]);

        const signed = signRequest({ method: "GET", target: "/v1/payments", body: "", kid, privateKey });
        expect((await ask(url, "/v1/payments", { ...headers, "x-signature": signed })).status).toBe(200);
        expect((await ask(url, "/v1/payments", { ...headers, "x-signature": "wrong" })).status).toBe(401);
      });
    });

    test("where signatures are not checked, none opens it", async () => {
      await listening({ auth: "off" }, async (url) => {
        const answer = await ask(url, "/v1/payments", { host: "evil.com", "x-signature": "wrong" });
        expect([answer.status, JSON.parse(answer.body).reason.code]).toEqual([403, "forbidden_origin"]);
      });
    });
  });

  test("requests in process are trusted", async () => {
    await using sandbox = await createSandbox({ adminToken: "secret" });
    const foreign = { Origin: "https://evil.com", Host: "evil.com", "Sec-Fetch-Site": "cross-site" };
    expect((await get(sandbox, target, foreign)).status).toBe(200);
    expect((await post(sandbox, "/_sandbox/reset", {}, foreign)).status).toBe(200);
  });
});

describe("the admin token", () => {
  test.each([
    [undefined, 401],
    ["Bearer wrong", 401],
    ["Basic secret", 401],
    ["Bearer secret", 200],
    ["bearer secret", 200],
  ])("Authorization %s: %i", async (authorization, status) => {
    await listening({ adminToken: "secret" }, async (url) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await ask(url, target, headers);
      expect(answer.status).toBe(status);
      if (status !== 401) return;
      expect(JSON.parse(answer.body).reason.code).toBe("admin_token_required");
      expect(answer.headers["www-authenticate"]).toContain("Bearer");
      expect(answer.body).not.toContain("PRIVATE KEY");
    });
  });

  test.each([
    ["/_sandbox/health", "ok"],
    ["/_sandbox/ready", "ready"],
  ])("%s needs no token and returns the status", async (path, status) => {
    await listening({ adminToken: "secret" }, async (url) => {
      const answer = await ask(url, path, {});
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ status, ...present });
    });
  });

  test.each(["/_sandbox/openapi.json", "/openapi.json", "/docs", "/docs/control"])(
    "%s needs no token and has no secret",
    async (path) => {
      await listening({ adminToken: "secret" }, async (url) => {
        const answer = await ask(url, path, {});
        expect(answer.status).toBe(200);
        expect(answer.body).not.toMatch(/secret"|PRIVATE KEY/);
      });
    },
  );

  test.each([
    "/_sandbox/health",
    "/_sandbox/ready",
    "/_sandbox/openapi.json",
    "/openapi.json",
    "/docs",
    "/docs/control",
  ])("%s needs no token but refuses other origins and unknown hosts", async (path) => {
    await listening({}, async (url) => {
      expect((await ask(url, path, { origin: "https://evil.com" })).status).toBe(403);
      expect((await ask(url, path, { host: "evil.com" })).status).toBe(403);
    });
  });

  test("all other control routes, also unknown ones, need the token", async () => {
    await listening({ adminToken: "secret" }, async (url) => {
      const { paths } = JSON.parse((await ask(url, "/_sandbox/openapi.json", {})).body) as { paths: object };
      const open: string[] = [];
      for (const [path, methods] of Object.entries({ ...paths, "/_sandbox/nowhere": { get: {} } })) {
        for (const method of Object.keys(methods)) {
          if ((await ask(url, path, {}, method.toUpperCase())).status !== 401) open.push(path);
        }
      }
      expect(open.sort()).toEqual(["/_sandbox/health", "/_sandbox/openapi.json", "/_sandbox/ready"]);
    });
  });

  test("the token none opens the control surface", async () => {
    await listening({ adminToken: "none" }, async (url) => expect((await ask(url, target, {})).status).toBe(200));
  });

  test.each(["0.0.0.0", "::", "192.0.2.1"])("the sandbox does not listen on %s without a token", async (host) => {
    await using sandbox = await createSandbox();
    await expect(sandbox.listen({ host })).rejects.toMatchObject({ name: "ConfigError" });
    await expect(sandbox.listen({ host })).rejects.toThrow("--admin-token");
  });
});

test("credentials have all values of a merchant and are the same at every start", async () => {
  await using sandbox = await createSandbox();
  await using other = await createSandbox();
  await using seeded = await createSandbox({ seed: "teal" });
  const { body } = await get(sandbox, target);
  expect(Object.keys(body)).toEqual([
    "baseUrl",
    "processingAccountId",
    "kid",
    "privateKey",
    "publicKey",
    "hmacKid",
    "hmacKey",
    "hmacKeys",
  ]);
  expect(body).toMatchObject({ processingAccountId: "2HdN2jq6XWmlkhqRC2gDTNYCvNH", baseUrl: "http://localhost" });
  expect(body.hmacKeys).toEqual([{ kid: body.hmacKid, key: body.hmacKey }]);
  expect(other.credentials).toEqual(sandbox.credentials);
  expect(seeded.credentials.privateKey).not.toBe(sandbox.credentials.privateKey);
  expect(seeded.credentials.hmacKey).not.toBe(sandbox.credentials.hmacKey);
});

test("the sandbox is ready until close is called", async () => {
  const sandbox = await createSandbox();
  const before = await get(sandbox, "/_sandbox/ready");
  expect([before.status, before.body]).toEqual([200, { status: "ready", ...present }]);
  const closed = sandbox.close();
  const after = await get(sandbox, "/_sandbox/ready");
  expect([after.status, after.body]).toEqual([503, { status: "closing", ...present }]);
  await closed;
  expect((await get(sandbox, "/_sandbox/ready")).status).toBe(503);
});

describe("secrets are not exposed", () => {
  /** A part of a PEM that is in no other key. */
  const pieceOf = (pem: string) => pem.split("\n")[2] ?? "";

  test("a private key of the merchant is never returned, also not to its sender", async () => {
    const { privateKey, publicKey } = await generateWithJose();
    const processingAccountId = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
    await using sandbox = await createSandbox({
      merchants: [{ merchantId: "shop", processingAccountIds: [processingAccountId], credentials: [{ publicKey }] }],
    });
    const query = `?processingAccountId=${processingAccountId}`;
    const shown = await get(sandbox, `/_sandbox/credentials${query}`);
    expect([shown.status, shown.body.publicKey.trim()]).toEqual([200, publicKey.trim()]);
    expect(shown.body).not.toHaveProperty("privateKey");
    const refused = await post(sandbox, "/_sandbox/credentials", { processingAccountId, publicKey: privateKey });
    expect(refused.status).toBe(400);
    const kept = [refused.text, (await snapshotOf(sandbox, processingAccountId)).text, shown.text];
    for (const text of kept) expect(text).not.toMatch(/PRIVATE KEY/);
    for (const text of kept) expect(text).not.toContain(pieceOf(privateKey));
  });

  test("the request log has no secrets from any part of a request", async () => {
    await using sandbox = await createSandbox({ adminToken: "s3cr3t" });
    const { privateKey, hmacKey } = sandbox.credentials;
    const target = `/v1/payments?adminToken=s3cr3t&key=${encodeURIComponent(privateKey)}`;
    const body = { ...paymentRequest(), hmacKey, keys: [{ privateKey }], jwk: { d: hmacKey } };
    await post(sandbox, target, body, { Authorization: "Bearer s3cr3t" });
    const keyAsHeader = Buffer.from(JSON.stringify({ kty: "EC", d: hmacKey })).toString("base64url");
    const wrong = [
      hmacKey,
      `${hmacKey}..${hmacKey}`,
      privateKey.replaceAll("\n", ""),
      `${keyAsHeader}..${"A".repeat(86)}`,
    ];
    for (const signature of wrong) {
      await post(sandbox, "/v1/payments", `{"password":"${hmacKey}`, { "X-Signature": signature });
    }
    const log = await get(sandbox, "/_sandbox/requests");
    expect(log.body.data).toHaveLength(5);
    const pieces = [hmacKey, pieceOf(privateKey), encodeURIComponent(pieceOf(privateKey)), keyAsHeader];
    for (const secret of ["s3cr3t", ...pieces]) {
      expect(log.text).not.toContain(secret);
      expect(JSON.stringify((await snapshotOf(sandbox)).body.real)).not.toContain(secret);
    }
    const logged = log.body.data.at(-1);
    expect(logged.target).toBe("/v1/payments?adminToken=[redacted]&key=[redacted]");
    const redacted = { hmacKey: "[redacted]", keys: [{ privateKey: "[redacted]" }], jwk: { d: "[redacted]" } };
    expect(JSON.parse(logged.body)).toEqual({ ...paymentRequest(), ...redacted });
  });
});
