import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import { createSandbox, type SandboxOptions, withSandbox } from "../../src/index.ts";
import { get } from "../support/merchant.ts";

/** Asks over a real socket, with exactly these headers. */
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

describe("a Host that could be a rebound name is refused on the control surface", () => {
  test.each([
    ["127.0.0.1", 200],
    ["127.0.0.1:8852", 200],
    ["192.168.1.20:8852", 200],
    ["[::1]:8852", 200],
    ["localhost:8852", 200],
    ["LOCALHOST", 200],
    ["sandbox", 200],
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
    ["eviltest", 200],
    ["evil.mytest", 403],
    ["svc.cluster.local.evil.com", 403],
    ["example.com", 403],
    ["listed.example.com.evil.com", 403],
  ])("%s: %i", async (host, status) => {
    const options = { publicUrl: "https://sandbox.example.com", allowHost: "listed.example.com" };
    await listening(options, async (url) => {
      const answer = await ask(url, target, { host });
      expect(answer.status).toBe(status);
      if (status === 403) expect(JSON.parse(answer.body).reason.code).toBe("forbidden_origin");
    });
  });
});

describe("no page of another origin drives the control surface", () => {
  test.each([
    ["no Origin", {}, 200],
    ["its own Origin", { origin: "http://localhost:8852" }, 200],
    ["the public URL's Origin", { origin: "https://sandbox.example.com" }, 200],
    ["a foreign Origin", { origin: "https://evil.com" }, 403],
    ["another port's Origin", { origin: "http://localhost:3000" }, 403],
    ["the Origin null", { origin: "null" }, 403],
    ["an Origin that is none", { origin: "x" }, 403],
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

  test("a person may follow a link from elsewhere to a page, but no script may ask for it", async () => {
    await listening({}, async (url) => {
      const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      expect((await ask(url, "/", link)).status).toBe(200);
      expect((await ask(url, "/", { ...link, "sec-fetch-mode": "cors" })).status).toBe(403);
      expect((await ask(url, "/", { ...link, "sec-fetch-dest": "iframe" })).status).toBe(403);
      expect((await ask(url, target, link)).status).toBe(403);
    });
  });

  test("the provider's API has no such checks: a merchant's browser code gets an answer", async () => {
    await listening({}, async (url) => {
      const answer = await ask(url, "/v1/payments/x", { host: "evil.com", origin: "https://evil.com" });
      expect(answer.status).toBe(404);
    });
  });

  test("what runs in this process is trusted", async () => {
    await using sandbox = await createSandbox({ adminToken: "secret" });
    const answer = await get(sandbox, target, { Origin: "https://evil.com" });
    expect(answer.status).toBe(200);
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

  test("health needs none", async () => {
    await listening({ adminToken: "secret" }, async (url) => {
      const answer = await ask(url, "/_sandbox/health", {});
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ status: "ok", version: "0.1.0", store: "memory", uptimeSeconds: 0 });
    });
  });

  test("the token none opens the control surface on purpose", async () => {
    await listening({ adminToken: "none" }, async (url) => expect((await ask(url, target, {})).status).toBe(200));
  });

  test.each(["0.0.0.0", "::", "192.0.2.1"])("off loopback (%s) it does not listen without one", async (host) => {
    await using sandbox = await createSandbox();
    await expect(sandbox.listen({ host })).rejects.toMatchObject({ name: "ConfigError" });
    await expect(sandbox.listen({ host })).rejects.toThrow("--admin-token");
  });
});

test("credentials carry what a merchant sets, and the same at every start", async () => {
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
