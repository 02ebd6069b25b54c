import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get } from "../support/merchant.ts";

const notices = {
  en: "SANDBOX: no money moves",
  "zh-HK": "沙盒環境：不涉及真實款項",
  "zh-CN": "沙箱环境：不涉及真实资金",
};

/** Language of a page. Checks that its root element and its notice agree. */
async function languageOf(sandbox: Sandbox, target: string, headers: Record<string, string> = {}) {
  const { text } = await get(sandbox, target, headers);
  const shown = Object.entries(notices).find(([, notice]) => text.includes(notice))?.[0];
  expect(shown).toBe(/<html lang="([^"]*)"/.exec(text)?.[1]);
  return shown;
}

describe("the language of the pages", () => {
  test.each([
    ["", "en"],
    ["en-GB,en;q=0.9", "en"],
    ["zh-HK", "zh-HK"],
    ["zh-TW,zh;q=0.8", "zh-HK"],
    ["zh-Hant", "zh-HK"],
    ["yue", "zh-HK"],
    ["zh-MO;q=0.5,fr", "zh-HK"],
    ["zh", "zh-CN"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"],
    ["zh-SG", "zh-CN"],
    ["zh-Hans-HK", "zh-CN"],
    ["fr-FR,de;q=0.9", "en"],
    ["fr,zh-HK;q=0.2,en;q=0.7", "en"],
    ["en;q=0, zh-CN;q=0.1", "zh-CN"],
    ["ZH-hk", "zh-HK"],
    ["*", "en"],
    ["zh-;q=nothing,,;,zh_HK,<script>", "en"],
  ])("Accept-Language %j: %s", async (header, language) => {
    await using sandbox = await frozenSandbox();
    const page = (await createPayment(sandbox)).nextStep.redirect.url;
    expect(await languageOf(sandbox, page, { "Accept-Language": header })).toBe(language);
  });

  test("the address has priority over the cookie, and the cookie over the browser's languages", async () => {
    await using sandbox = await frozenSandbox();
    const page = (await createPayment(sandbox)).nextStep.redirect.url;
    const headers = { "Accept-Language": "en", Cookie: "other=1; lang=zh-CN" };
    expect(await languageOf(sandbox, page, headers)).toBe("zh-CN");
    expect(await languageOf(sandbox, `${page}?lang=zh-HK`, headers)).toBe("zh-HK");
    expect(await languageOf(sandbox, `${page}?lang=fr`, headers)).toBe("zh-CN");
    expect(await languageOf(sandbox, page, { ...headers, Cookie: "lang=../etc" })).toBe("en");
  });

  test("only a language that the payer chooses is kept in a cookie", async () => {
    await using sandbox = await frozenSandbox();
    const page = (await createPayment(sandbox)).nextStep.redirect.url;
    const { headers } = await get(sandbox, `${page}?lang=zh-HK`);
    expect(headers.get("set-cookie")?.split("; ").sort()).toEqual(
      ["HttpOnly", "Max-Age=31536000", "Path=/", "SameSite=Lax", "lang=zh-HK"].sort(),
    );
    for (const target of [page, `${page}?lang=fr`]) {
      expect((await get(sandbox, target)).headers.get("set-cookie")).toBeNull();
    }
  });

  test("the language links and the forms keep the other query parameters", async () => {
    await using sandbox = await frozenSandbox();
    const page = (await createPayment(sandbox)).nextStep.redirect.url;
    const { text } = await get(sandbox, `${page}?view=wallet&tab=same&lang=zh-CN&own="><b>`);
    const kept = "view=wallet&amp;tab=same&amp;lang=zh-HK&amp;own=%22%3E%3Cb%3E";
    expect(text).toContain(`href="?${kept}" lang="zh-HK" hreflang="zh-HK" data-testid="language-zh-HK"`);
    expect(text).toContain(`/actions?${kept.replace("zh-HK", "zh-CN")}"`);
    expect(text).toMatch(/data-testid="language-zh-CN"[^>]* aria-current="true"/);
    expect(text.match(/aria-current="true"/g)).toHaveLength(1);
  });
});

describe("amounts and times", () => {
  test.each([
    ["en", "HK$1,128.50", "until 5:30:00 pm HKT", "until 6 Jan 2026, 5:00:00 pm HKT"],
    ["zh-HK", "HK$1,128.50", "請於香港時間下午5:30:00前付款", "請於香港時間2026年1月6日 下午5:00:00前付款"],
    ["zh-CN", "HK$1,128.50", "请在香港时间17:30:00前付款", "请在香港时间2026年1月6日 17:00:00前付款"],
  ])("in %s are %s, %s, and on another day %s", async (language, amount, time, later) => {
    for (const [expiryMs, shown] of [
      [30 * 60_000, time],
      [86_400_000, later],
    ] as const) {
      await using sandbox = await frozenSandbox({ settings: { expiryMs } });
      const { text } = await get(
        sandbox,
        `${(await createPayment(sandbox, { amount: 1128.5 })).nextStep.redirect.url}?lang=${language}`,
      );
      expect(text).toContain(`data-testid="amount">${amount}<`);
      expect(text.replace(/<[^>]*>/g, "")).toContain(shown);
    }
  });

  test.each([
    [30 * 60_000, "30:00"],
    [65_999, "1:05"],
    [9000, "0:09"],
    [3_600_000, "1:00:00"],
    [3 * 86_400_000 + 61_000, "72:01:01"],
  ])("%i ms are shown as %s", async (expiryMs, left) => {
    await using sandbox = await frozenSandbox({ settings: { expiryMs } });
    const { text } = await get(sandbox, (await createPayment(sandbox)).nextStep.redirect.url);
    expect(text).toContain(`role="timer">${left}<`);
  });
});

test("the Chinese pages contain no English words except names", async () => {
  await using sandbox = await frozenSandbox({ settings: { merchantName: "海港咖啡" } });
  const waiting = (await createPayment(sandbox)).nextStep.redirect.url;
  const paid = (await createPaidPayment(sandbox)).nextStep.redirect.url;
  for (const language of ["zh-HK", "zh-CN"]) {
    for (const target of [
      `${waiting}?view=qr&wallet=here`,
      `${waiting}?view=wallet`,
      `${paid}?view=qr`,
      `${paid}x?a`,
    ]) {
      const { text } = await get(sandbox, `${target}&lang=${language}`);
      const words = text
        .replace(/<(title|code|bdi|svg)[^>]*>.*?<\/\1>|<[^>]*>/gs, " ")
        .match(/[A-Za-z]+(?: [A-Za-z]+)*/g);
      const names = ["EN", "HK", "POST", "AlipayHK"];
      expect((words ?? []).filter((word) => !names.includes(word))).toEqual([]);
    }
  }
});
