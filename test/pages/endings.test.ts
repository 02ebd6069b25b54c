import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get } from "../support/merchant.ts";

type Act = Parameters<Sandbox["payments"]["act"]>[1];

const coffee = { settings: { merchantName: "Harbour Coffee" } } as const;

/** Words of an element or a page, without its markup. */
const wordsOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, "")
    .replaceAll("&#39;", "'")
    .replace(/\s+/g, " ")
    .trim();

/** Content of the first element with that test id. */
function contentOf(text: string, testId: string): string | undefined {
  const content = new RegExp(`<(\\w+)[^>]* data-testid="${testId}"[^>]*>(.*?)</\\1>`, "s").exec(text)?.[2];
  return content === undefined ? undefined : wordsOf(content);
}

/** Ends a payment. @returns its page for a computer. */
async function resultOf(sandbox: Sandbox, act: Act, { scans = true, lang = "en" } = {}) {
  const { id, nextStep } = await createPayment(sandbox);
  if (scans) await sandbox.payments.act(id, "scan");
  await sandbox.payments.act(id, act);
  const url = `${nextStep.redirect.url}?view=qr`;
  return { id, url, text: (await get(sandbox, `${url}&lang=${lang}`)).text };
}

/** The steps of a page: name, state and words. */
function stepsOf(text: string): string[] {
  return [...text.matchAll(/<li data-step="(\w+)" data-state="(\w+)"[^>]*>(.*?)<\/li>/gs)].map(
    ([, name, state, words = ""]) => `${name} ${state}: ${wordsOf(words)}`,
  );
}

describe("each ending has its own title, symbol and colour", () => {
  const endings = [
    ["pay", "Paid", undefined, "good"],
    ["cancel", "Cancelled", "You cancelled this payment.", "calm"],
    ["expire", "Expired", "You did not pay in time.", "calm"],
    ["decline", "Declined", "Your wallet declined this payment.", "bad"],
    ["fail", "Failed", "Your payment could not be processed.", "warning"],
  ] as const;

  test.each(endings)("%s: %s", async (act, title, reason, shade) => {
    await using sandbox = await frozenSandbox();
    const { text } = await resultOf(sandbox, act);
    expect(text).toContain(`<title>${title} ·`);
    expect([contentOf(text, "status"), contentOf(text, "reason")]).toEqual([title, reason]);
    expect(text).toContain(`class="seal ${shade}"`);
    expect(text).toContain(`class="status ${shade}"`);
  });

  test("no two have the same symbol", async () => {
    await using sandbox = await frozenSandbox();
    const symbols = new Set<string | undefined>();
    for (const [act] of endings) {
      symbols.add(/<svg class="seal.*?<path d="([^"]*)"/s.exec((await resultOf(sandbox, act)).text)?.[1]);
    }
    expect(symbols.size).toBe(endings.length);
  });
});

describe("the steps after the end are in the past tense, without instructions", () => {
  const created = "created done: Payment created";
  const scanned = "scan done: Code scanned";
  const back = "back now: Back to Harbour Coffee";
  test.each([
    ["pay", true, [created, scanned, "confirm done: Confirmed on your phone", back]],
    ["cancel", true, [created, scanned, "confirm stopped: Cancelled", back]],
    ["cancel", false, [created, "scan stopped: Cancelled", back]],
    ["expire", false, [created, "scan stopped: Expired", back]],
    ["decline", true, [created, scanned, "confirm stopped: Declined", back]],
    ["fail", true, [created, scanned, "confirm stopped: Failed", back]],
  ] as const)("%s, after a scan: %s", async (act, scans, steps) => {
    await using sandbox = await frozenSandbox(coffee);
    const { text } = await resultOf(sandbox, act, { scans });
    expect(stepsOf(text)).toEqual(steps);
    expect(text).not.toContain("<small>");
  });

  test("a browser that does not return has no step for it", async () => {
    await using sandbox = await frozenSandbox();
    const { id, nextStep } = await createPayment(sandbox);
    await sandbox.payments.act(id, "pay", { return: "never" });
    expect(stepsOf((await get(sandbox, `${nextStep.redirect.url}?view=qr`)).text).at(-1)).toMatch(/^confirm done/);
  });
});

describe("the receipt", () => {
  test.each([
    [undefined, undefined, "Paid"],
    [50, "HK$50.00", "Paid, and refunded in part"],
    [200, "HK$200.00", "Paid, and refunded"],
  ])("after a refund of %s: date, payment id, and %s", async (amount, refunded, title) => {
    await using sandbox = await frozenSandbox();
    const { id, url } = await resultOf(sandbox, "pay");
    if (amount !== undefined) await sandbox.payments.refund(id, { amount });
    await sandbox.clock.advance("P2D");
    const { text } = await get(sandbox, url);
    expect(contentOf(text, "status")).toBe(title);
    expect(contentOf(text, "date")).toBe("5 Jan 2026, 5:00:00 pm HKT");
    expect(contentOf(text, "payment-id")).toBe(id);
    expect(contentOf(text, "refunded")).toBe(refunded);
  });

  test("does not list a refund that is pending or failed", async () => {
    await using sandbox = await frozenSandbox();
    const { id, url } = await resultOf(sandbox, "pay");
    await sandbox.request("POST", `/v1/payments/${id}/refunds`, {
      merchantReference: "refund-1",
      amount: { value: 50, currency: "hkd" },
    });
    expect(contentOf((await get(sandbox, url)).text, "refunded")).toBeUndefined();
    const [refund] = (await sandbox.payments.get(id)).refunds;
    await sandbox.refunds.act(`${refund?.id}`, "fail");
    expect(contentOf((await get(sandbox, url)).text, "refunded")).toBeUndefined();
  });

  test("of an unpaid payment has the instant of its end", async () => {
    await using sandbox = await frozenSandbox();
    const { nextStep } = await createPayment(sandbox);
    await sandbox.clock.advance("PT1H");
    const { text } = await get(sandbox, `${nextStep.redirect.url}?view=qr`);
    expect(contentOf(text, "date")).toBe("5 Jan 2026, 5:30:00 pm HKT");
  });
});

describe("the return", () => {
  test.each([
    [2000, "Returning to Harbour Coffee in 2…"],
    [2001, "Returning to Harbour Coffee in 3…"],
    [0, "Returning to Harbour Coffee…"],
  ])("after %i ms: %s", async (returnDelayMs, sentence) => {
    await using sandbox = await frozenSandbox({ settings: { ...coffee.settings, returnDelayMs } });
    const { url, text } = await resultOf(sandbox, "pay");
    expect(wordsOf(text)).toContain(sentence);
    expect(contentOf(text, "back-to-merchant")).toBe("Return to Harbour Coffee");
    expect(wordsOf((await get(sandbox, `${url}&stay=yes`)).text)).not.toContain("Returning");
  });

  test("on the phone that scanned, says that the other page returns", async () => {
    await using sandbox = await frozenSandbox(coffee);
    const { url } = await resultOf(sandbox, "pay");
    const { text } = await get(sandbox, url.replace("/pay/", "/wallet/").replace(/\?.*/, ""));
    expect(wordsOf(text)).toContain("The page with the code returns to Harbour Coffee. You can close this page.");
    expect(wordsOf(text)).not.toContain("Returning");
  });
});

describe("every page addresses the payer", () => {
  test("in English, no page speaks of the payer", async () => {
    await using sandbox = await frozenSandbox(coffee);
    const { nextStep } = await createPayment(sandbox);
    const pages = ["?view=qr", "?view=qr&wallet=here", "?view=wallet"].map((query) => nextStep.redirect.url + query);
    for (const act of ["pay", "cancel", "expire", "decline", "fail"] as const) {
      pages.push((await resultOf(sandbox, act)).url);
    }
    for (const page of pages) expect(wordsOf((await get(sandbox, page)).text)).not.toMatch(/\bpayer\b/i);
  });

  test("the page with the code names the method, and what replaces the app", async () => {
    await using sandbox = await frozenSandbox(coffee);
    const { nextStep } = await createPayment(sandbox);
    const words = wordsOf((await get(sandbox, `${nextStep.redirect.url}?view=qr`)).text);
    expect(words).toContain("Pay with AlipayHK");
    expect(words).toContain("In this sandbox, your phone's camera replaces the AlipayHK app.");
    expect(words).toContain("Cancel and return to Harbour Coffee");
  });

  test.each([
    ["qr", 61_000, false],
    ["qr", 60_000, true],
    ["wallet", 61_000, false],
    ["wallet", 60_000, true],
  ])("the %s page %i ms before the expiry warns: %s", async (view, expiryMs, warns) => {
    await using sandbox = await frozenSandbox({ settings: { expiryMs } });
    const { nextStep } = await createPayment(sandbox);
    const { text } = await get(sandbox, `${nextStep.redirect.url}?view=${view}`);
    expect(wordsOf(text).includes("Less than a minute left.")).toBe(warns);
  });
});

describe("Chinese as written in Hong Kong", () => {
  test("on the waiting pages", async () => {
    await using sandbox = await frozenSandbox({ ...coffee, publicUrl: "https://sandbox.example.com" });
    const url = new URL((await createPayment(sandbox)).nextStep.redirect.url).pathname;
    const code = wordsOf((await get(sandbox, `${url}?view=qr&lang=zh-HK`)).text);
    for (const text of ["AlipayHK 沙盒", "以 AlipayHK 付款", "AlipayHK 應用程式", "身邊沒有手機？"]) {
      expect(code).toContain(text);
    }
    const wallet = wordsOf((await get(sandbox, `${url}?view=wallet&lang=zh-HK`)).text);
    for (const text of ["你的錢包", "風險監控", "未有說明原因"]) expect(wallet).toContain(text);
    expect(code + wallet).not.toMatch(/Alipay(?!HK)|風險管控|手邊|不說明/);
  });

  test("on the results", async () => {
    await using sandbox = await frozenSandbox(coffee);
    const words = wordsOf((await resultOf(sandbox, "cancel", { lang: "zh-HK" })).text);
    expect(words).toContain("你已取消付款");
    expect(words).toContain("2 秒後返回 Harbour Coffee…");
    expect(words).not.toMatch(/付款人|Alipay(?!HK)/);
  });

  test.each([
    ["zh-HK", "付款已取消 · AlipayHK 沙盒"],
    ["zh-CN", "付款已取消 · AlipayHK 沙箱"],
    ["en", "Cancelled · Alipay HK sandbox"],
  ])("the title and the bar are in the payer's language: %s", async (lang, title) => {
    await using sandbox = await frozenSandbox();
    const { text } = await resultOf(sandbox, "cancel", { lang });
    expect(text).toContain(`<title>${title}</title>`);
    expect(/<p class="brand">.*?<span>(.*?)<\/span>/s.exec(text)?.[1]).toBe(title.split(" · ")[1]);
  });
});
