import { describe, expect, test } from "vitest";
import { ConfigError, createSandbox, type Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";

/** Addresses of every kind of page, with texts of maximum length. */
async function everyPage(sandbox: Sandbox): Promise<string[]> {
  const merchantReference = "漢".repeat(255);
  const { body } = await post(sandbox, "/v1/payments", { ...paymentRequest(), merchantReference });
  const waiting: string = body.nextStep.redirect.url;
  const paid = (await createPaidPayment(sandbox)).nextStep.redirect.url;
  return [
    `${waiting}?view=qr`,
    `${waiting}?wallet=here`,
    `${waiting}?view=wallet`,
    `${paid}?view=qr`,
    paid,
    `${paid}x`,
  ];
}

describe("the files that a browser loads", () => {
  test("each page is less than 20 KB, with one stylesheet and one script of less than 5 KB", async () => {
    await using sandbox = await frozenSandbox({ settings: { merchantName: "漢".repeat(255) } });
    for (const language of ["en", "zh-HK"]) {
      for (const target of await everyPage(sandbox)) {
        const { text } = await get(sandbox, `${target}${target.includes("?") ? "&" : "?"}lang=${language}`);
        expect(Buffer.byteLength(text)).toBeLessThan(20_000);
        expect(text.match(/<link rel="stylesheet"/g)).toHaveLength(1);
        const scripts = [...text.matchAll(/<script src="([^"]*)" defer>/g)];
        expect(scripts.length).toBeLessThanOrEqual(1);
        for (const [, script = ""] of scripts) {
          expect(Buffer.byteLength((await get(sandbox, script)).text)).toBeLessThan(5_000);
        }
      }
    }
  });

  test("stylesheet and script are immutable at their versioned address, and revalidated at any other", async () => {
    await using sandbox = await frozenSandbox();
    const { text } = await get(sandbox, (await createPayment(sandbox)).nextStep.redirect.url);
    const files = [...text.matchAll(/"(\/assets\/[^"]*)"/g)].map(([, file = ""]) => file);
    expect(files).toEqual([
      expect.stringMatching(/^\/assets\/mark\.svg\?v=[\da-f]{8}$/),
      expect.stringMatching(/^\/assets\/sandbox\.css\?v=[\da-f]{8}$/),
      expect.stringMatching(/^\/assets\/live\.js\?v=[\da-f]{8}$/),
    ]);
    for (const file of files) {
      const { headers, text } = await get(sandbox, file);
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(text.length).toBeGreaterThan(200);
      const tag = headers.get("etag") ?? "";
      const again = await get(sandbox, file.replace(/\?.*/, ""), { "If-None-Match": tag });
      expect([again.status, again.text, again.headers.get("cache-control")]).toEqual([304, "", "no-cache"]);
      const other = await get(sandbox, file.replace(/=.*/, "=0"), { "If-None-Match": '"0"' });
      expect([other.status, other.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    }
  });
});

describe("the origins that may frame the payer's pages", () => {
  test.each([
    [undefined, "'none'"],
    ["none", "'none'"],
    ["'self'", "'self'"],
    ["https://shop.example 'self'", "https://shop.example 'self'"],
    ["http://localhost:* https://*.shop.example:8443", "http://localhost:* https://*.shop.example:8443"],
    ["http://[::1]:3000 http://127.0.0.1:3000", "http://[::1]:3000 http://127.0.0.1:3000"],
    ["https: *", "https: *"],
  ])("frameAncestors %j: %s", async (frameAncestors, sources) => {
    await using sandbox = await frozenSandbox({ frameAncestors });
    for (const target of await everyPage(sandbox)) {
      const policy = (await get(sandbox, target)).headers.get("content-security-policy") ?? "";
      expect(policy.split("; ").at(-1)).toBe(`frame-ancestors ${sources}`);
      expect(policy).toMatch(/^default-src 'none'; style-src 'self'; script-src 'self'; /);
    }
    expect((await get(sandbox, "/docs")).headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  });

  test.each([
    "",
    "https://shop.example; script-src *",
    "https://shop.example, https://other.example",
    "https://shop.example\r\nX-Header: 1",
    "'unsafe-inline'",
    "javascript:",
    "https://shop.example/path",
    " ",
  ])("%j is refused", async (frameAncestors) => {
    await expect(createSandbox({ frameAncestors })).rejects.toThrow(ConfigError);
  });
});
