import { describe, expect, test } from "vitest";
import { foreignUrl } from "../../src/http/inspector/format.ts";
import { frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { paymentPage, plain, textsOf } from "./reading.ts";

const hostile = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `'onmouseover='alert(1)`,
  `</pre></code></bdi></details></main><h1>gone</h1>`,
  "\u202Egnp.tfel-ot-thgir\u202D\u2066\u2067",
  "𝓐".repeat(127),
  "Ｗ".repeat(255),
  "👨‍👩‍👧‍👦🇭🇰".repeat(10),
  "{{constructor}} #{7*7} &lt;b&gt;",
];

/** Elements of a page with the names of their attributes. */
function elementsOf(html: string): string[] {
  const tags = html.matchAll(/<([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/g);
  return [...tags].map(([, name, attributes = ""]) => `${name} ${attributes.replace(/="[^"]*"/g, "").trim()}`);
}

describe.each(hostile)("%s", (text) => {
  test("is shown as text in every field that a merchant controls", async () => {
    await using sandbox = await frozenSandbox({
      webhook: async () => new Response(text.repeat(3), { status: 500 }),
      settings: { merchantName: text },
    });
    const request = { ...paymentRequest({ returnUrl: `https://merchant.site/?x=${encodeURIComponent(text)}` }), text };
    const { body } = await post(sandbox, "/v1/payments", { ...request, merchantReference: text });
    await sandbox.payments.act(body.id, "pay");
    await sandbox.settle();
    await post(sandbox, `/v1/payments/${body.id}/refunds`, { merchantReference: text });
    await post(sandbox, "/v1/payments", text);
    await get(sandbox, `/v1/payments/${body.id}?x=${encodeURIComponent(text)}`, { "X-Signature": encodeURI(text) });
    const page = await paymentPage(sandbox, body.id);
    const others = [
      "/",
      "/inspector/requests",
      "/inspector/requests?requests=wrong",
      `/?q=${encodeURIComponent(text)}`,
    ];
    for (const html of [page, ...(await Promise.all(others.map(async (path) => (await get(sandbox, path)).text)))]) {
      const elements = elementsOf(html);
      expect(elements.filter((one) => /^(img|iframe|script(?! src defer$))| on/.test(one))).toEqual([]);
      expect(elements.filter((one) => /^(h1|main|body)\b/.test(one))).toHaveLength(3);
      // Direction characters in the text must not affect the rest of the page.
      const outside = html.replaceAll(/<(bdi|pre|option)\b[^>]*>.*?<\/\1>|<input[^>]*>/gs, "");
      expect(outside).not.toMatch(/[\u202E\u2066\u2067]/);
    }
    expect(textsOf(page, "reference")).toEqual([text.replace(/\s+/g, " ").trim()]);
    expect(plain(page)).toContain(`500 content-type: text/plain;charset=UTF-8 ${text.repeat(3)}`.replace(/\s+/g, " "));
    expect(textsOf((await get(sandbox, "/")).text, "payment-row")[0]).toContain(text.slice(0, 5));
  });
});

test.each([
  ["https://merchant.site/a?b=1&c='", true],
  ["HTTP://merchant.site/", true],
  ["javascript:alert(1)", false],
  ["JavaScript://x/%0aalert(1)", false],
  ["data:text/html,<script>alert(1)</script>", false],
  ["alipays://pay", false],
  ["//evil.com", false],
  [" https://merchant.site", false],
  ["https://", false],
])("%s is a link: %s", async (url, isLink) => {
  const html = String(await foreignUrl(url));
  expect(html.includes("<a ")).toBe(isLink);
  expect(plain(html)).toBe(url.trim());
});
