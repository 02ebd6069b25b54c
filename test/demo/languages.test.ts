import { describe, expect, test } from "vitest";
import { menu, testingShelf } from "../../src/demo/goods.ts";
import { commonTexts, type Language, languages } from "../../src/language/language.ts";
import { createElsewhere, type DemoShop, withDemoShop } from "../support/demo-shop.ts";

const headlines: Readonly<Record<Language, string>> = {
  en: "What would you like?",
  "zh-HK": "想點些甚麼？",
  "zh-CN": "想来点什么？",
};

/** Language of a page. Checks that its root element, its notice and its language links agree. */
function languageOf(text: string): string | undefined {
  const language = languages.find((one) => text.includes(`<html lang="${one}">`));
  expect(languages.filter((one) => text.includes(commonTexts[one].notice))).toEqual([language]);
  expect(text.match(/aria-current="true"/g)).toHaveLength(1);
  expect(text).toMatch(new RegExp(`data-testid="language-${language}"[^>]* aria-current="true"`));
  return language;
}

/** Every page of the shop: its name and its text in that language. */
async function everyPage(shop: DemoShop, language: Language) {
  const { visit, buy, act, control, account } = shop;
  const inLanguage = { "Accept-Language": language };
  const pages: [name: string, text: string][] = [];
  const add = async (name: string, path: string, form?: Record<string, string>) => {
    pages.push([name, (await visit(path, form, inLanguage)).text]);
  };
  await add("menu", "/demo");
  await add("no orders", "/demo/orders");
  await add("unknown page", "/demo/nothing");
  await add("unknown order", "/demo/orders/1");
  await add("invalid form", "/demo/orders", { item: "x" });
  for (const item of ["beans", "flat-white", "milk-tea"]) await buy(item);
  const world = await account();
  await act("1002", "pay");
  await visit("/demo/orders/1002/return");
  await visit("/demo/orders/1002/refunds", { what: "part", amount: "x", attempt: "1" });
  await act("1003", "decline", "insufficient_funds");
  for (const item of ["too-many", "answer-lost"]) await buy(item);
  const orders = ["waiting", "paid", "declined", "not started", "a lost response"];
  for (const [index, name] of orders.entries()) await add(name, `/demo/orders/${1001 + index}`);
  await visit("/demo/orders/1002/refunds", { what: "part", amount: "1", attempt: "1" });
  await add("refund pending", "/demo/orders/1002");
  const id = await createElsewhere(shop, 1);
  await control("POST", `/payments/${id}/actions`, { action: "pay" });
  await control("POST", "/settle", { processingAccountId: world });
  await add("needs attention", "/demo/orders/1001");
  await add("orders", "/demo/orders");
  await control("POST", "/reset", { processingAccountId: world });
  await add("unknown state", "/demo/orders/1001");
  return pages;
}

describe("the language of the shop", () => {
  test.each<[Record<string, string>, string, Language]>([
    [{}, "", "en"],
    [{ "Accept-Language": "zh-HK" }, "", "zh-HK"],
    [{ "Accept-Language": "zh-TW,zh;q=0.8" }, "", "zh-HK"],
    [{ "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8" }, "", "zh-CN"],
    [{ "Accept-Language": "fr" }, "", "en"],
    [{ "Accept-Language": "en", Cookie: "lang=zh-CN" }, "", "zh-CN"],
    [{ "Accept-Language": "en", Cookie: "lang=zh-CN" }, "?lang=zh-HK", "zh-HK"],
    [{ Cookie: "lang=../etc" }, "?lang=fr", "en"],
  ])("with the headers %j and the query %j is %s", (headers, query, language) =>
    withDemoShop({}, async ({ visit }) => {
      const { text } = await visit(`/demo${query}`, undefined, headers);
      expect(languageOf(text)).toBe(language);
      expect(text).toContain(headlines[language]);
    }),
  );

  test("is kept in the cookie of the payer's pages: it goes along to the payment and back", () =>
    withDemoShop({}, async ({ visit, buy, act }) => {
      const cookieOf = (headers: Headers) => headers.get("set-cookie")?.split(";")[0] ?? "";
      const { headers } = await visit("/demo?lang=zh-HK");
      expect(cookieOf(headers)).toBe("lang=zh-HK");
      const { number, page } = await buy("beans");
      const payment = await visit(page, undefined, { Cookie: cookieOf(headers) });
      expect(payment.text).toContain('<html lang="zh-HK">');
      const changed = cookieOf((await visit(`${page}?lang=zh-CN`)).headers);
      await act(number, "pay");
      const { location } = await visit(`/demo/orders/${number}/return`, undefined, { Cookie: changed });
      expect(languageOf((await visit(location, undefined, { Cookie: changed })).text)).toBe("zh-CN");
    }));

  test("is kept in a cookie only if the payer chose it", () =>
    withDemoShop({}, async ({ visit }) => {
      for (const path of ["/demo", "/demo?lang=fr", "/demo/state?lang=zh-HK"]) {
        const { headers } = await visit(path, undefined, { "Accept-Language": "zh-HK" });
        expect(headers.get("set-cookie")).toBeNull();
      }
    }));
});

/** Elements whose content is English in every language: code, names of headers, and what the provider says. */
const foreign = new RegExp(
  [
    "<(title|code|pre|svg|script)[^>]*>.*?</\\1>",
    '<span lang="en"[^>]*>.*?</span>',
    '<dd class="id".*?</dd>',
    '<a class="id".*?</a>',
    "<dt>(?:X-[\\w-]+|[a-z-]+)</dt>",
  ].join("|"),
  "gs",
);
const names = "EN HK QR POST HTTP Webhook AlipayHK Harbour Coffee order".split(" ");

describe.each(["zh-HK", "zh-CN"] as const)("in %s", (language) => {
  test("no page has an English word besides names, and prices are in HK$", () =>
    withDemoShop({ settings: { merchantName: "海港咖啡" } }, async (shop) => {
      const pages = await everyPage(shop, language);
      for (const [name, text] of pages) {
        expect([name, languageOf(text)]).toEqual([name, language]);
        const words =
          text
            .replace(foreign, " ")
            .replace(/<[^>]*>/g, " ")
            .match(/[A-Za-z]{2,}/g) ?? [];
        expect([name, words.filter((word) => !names.includes(word))]).toEqual([name, []]);
      }
      expect(pages[0]?.[1]).toContain("HK$128.50");
      const attention = pages.find(([name]) => name === "needs attention");
      expect(attention?.[1]).toContain('data-state="attention"');
    }));

  test("every item has a name and a description of its own", () =>
    withDemoShop({}, async ({ visit }) => {
      const textsIn = async (one: Language) => {
        const { text } = await visit("/demo", undefined, { "Accept-Language": one });
        return [...text.matchAll(/<span class="(?:name|quiet words)">([^<]*)/g)].map(([, shown = ""]) => shown.trim());
      };
      const [shown, inEnglish] = [await textsIn(language), await textsIn("en")];
      // Each item and each way to pay has two texts.
      expect(shown).toHaveLength(2 * (menu.length + testingShelf.length + 2));
      expect(shown.filter((text, index) => text === "" || text === inEnglish[index])).toEqual([]);
    }));
});

test("the texts have the same keys in every language", async () => {
  const { en } = await import("../../src/demo/texts/en.ts");
  const { zhHk } = await import("../../src/demo/texts/zh-hk.ts");
  const { zhCn } = await import("../../src/demo/texts/zh-cn.ts");
  const keysOf = (value: unknown, path = ""): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`))
      : [path];
  expect(keysOf(zhHk)).toEqual(keysOf(en));
  expect(keysOf(zhCn)).toEqual(keysOf(en));
});
