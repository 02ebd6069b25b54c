import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { SandboxOptions } from "../../src/index.ts";
import { languages } from "../../src/language/language.ts";
import { axeColours, axeFindings } from "../support/axe.ts";
import { inPage } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { createElsewhere, type DemoShop, withDemoShop } from "../support/demo-shop.ts";
import { isFull } from "../support/scope.ts";

const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 760 } };
const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  isMobile: true,
  hasTouch: true,
  userAgent: "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/150.0.0.0 Mobile Safari/537.36",
};
/** Timeout of a test that opens many pages, in milliseconds. */
const manyPages = 60_000;

const stateOf = (page: Page) => page.getByTestId("state").getAttribute("data-state");
const reaches = (page: Page, state: string) => page.locator(`[data-testid=state][data-state=${state}]`).waitFor();

/** Pays a payment with the reference of an order that the shop did not start. */
async function payElsewhere(shop: DemoShop, number: string): Promise<void> {
  await shop.control("POST", `/payments/${await createElsewhere(shop, 1, number)}/actions`, { action: "pay" });
  await shop.settle();
}

/** Test id of every interactive element of the page, sorted. */
function controlsOf(page: Page): Promise<string[]> {
  return page
    .locator("a, button, input:not([type=hidden]), select, textarea, summary, [tabindex]")
    .evaluateAll((all) =>
      all.map((one) => one.closest("[data-testid]")?.getAttribute("data-testid") ?? one.outerHTML).sort(),
    );
}

describe.skipIf(findChromium() === undefined)("the demo shop in a real browser", () => {
  /** Passes to `run` a shop with a running clock, and a page at its menu. */
  async function atTheMenu(
    options: BrowserContextOptions,
    run: (page: Page, shop: DemoShop) => Promise<void>,
    sandboxOptions: SandboxOptions = {},
  ): Promise<void> {
    const settings = { returnDelayMs: 0, refundDelayMs: 50, outcomeDelayMs: 50, ...sandboxOptions.settings };
    await withDemoShop({ clock: "running", ...sandboxOptions, settings }, async (shop) => {
      await inPage(options, async (page) => {
        await page.goto(`${shop.url}/demo`);
        await run(page, shop);
      });
    });
  }

  /** Chooses, pays in the wallet of this tab, and comes back to the order. */
  async function buy(page: Page, item: string, act = "pay"): Promise<void> {
    const shelf = page.getByTestId("testing-shelf");
    if (!(await page.getByTestId(`item-${item}`).isVisible())) await shelf.click();
    await page.getByTestId(`item-${item}`).check();
    await page.getByTestId("buy").click();
    if ((await page.getByTestId("open-wallet").count()) > 0) await page.getByTestId("open-wallet").click();
    await page.getByTestId(act).first().click();
    await page.waitForURL(/\/demo\/orders\/\d+$/);
  }

  describe.each([
    ["a computer", desktop, "qr_link", isFull ? [true, false] : [true]],
    ["a phone", phone, "mobile_redirect", isFull ? [true, false] : [false]],
  ])("on %s", (_, device, flow, scripts) => {
    test.each(scripts)("buy, pay, come back, refund a part; with script: %s", (javaScriptEnabled) =>
      atTheMenu({ ...device, javaScriptEnabled }, async (page) => {
        expect(await page.getByTestId(`flow-${flow}`).isChecked()).toBe(true);
        await buy(page, "beans");
        await reaches(page, "paid");
        expect(await page.getByTestId("amount").textContent()).toBe("HK$128.50");

        await page.getByTestId("refund-amount").fill("28.50");
        await page.getByTestId("refund-part").click();
        await reaches(page, "partly_refunded");
        expect(await page.getByTestId("refund-all").count()).toBe(0);
        expect(await page.getByTestId("no-more-refunds").textContent()).toMatch(
          /^Alipay HK allows one partial\s+refund\.$/,
        );

        const webhooks = page.locator(".heading", { hasText: "POST /demo/webhooks → 204" });
        const read = () => page.reload().then(() => webhooks.count());
        await expect.poll(read).toBe(2);
        const headings = await page.locator(".heading").allTextContents();
        expect(headings[0]).toBe("POST /v1/payments?idempotencyKey=order-1001 → 201");
        expect(headings).toContain("GET /demo/orders/1001/return");
        expect(headings.filter((heading) => heading.endsWith("→ 400"))).toEqual([]);
        const webhook = page.getByTestId("entry").filter({ hasText: "/demo/webhooks" }).first();
        await webhook.locator("summary").click();
        expect(await webhook.locator("pre").textContent()).toContain('\n    "status": "captured"');
      }),
    );

    test.each([
      ["cancel", "cancelled"],
      ["decline", "declined"],
    ])("%s in the wallet: the order is %s", (act, state) =>
      atTheMenu(device, async (page) => {
        await page.getByTestId("item-flat-white").check();
        await page.getByTestId("buy").click();
        if ((await page.getByTestId("open-wallet").count()) > 0) await page.getByTestId("open-wallet").click();
        if (act === "decline") await page.getByTestId("other-outcomes").click();
        await page.getByTestId(act).first().click();
        await page.waitForURL(/\/demo\/orders\/\d+$/);
        expect(await stateOf(page)).toBe(state);
        expect(await page.getByTestId("reason").textContent()).toMatch(/^Alipay HK: /);
      }),
    );
  });

  test(
    "each item on the testing shelf reaches its state without an action",
    () =>
      atTheMenu(desktop, async (page, { url }) => {
        const finalStates: Readonly<Record<string, string>> = {
          paid: "paid",
          declined: "declined",
          cancelled: "cancelled",
          expired: "expired",
          failed: "failed",
          "webhook-twice": "paid",
          "webhook-first": "paid",
          "webhook-never": "paid",
          "wrong-amount": "paid",
          "refund-fails": "paid",
          "lying-return": "declined",
          "return-by-post": "paid",
        };
        for (const [item, state] of Object.entries(finalStates)) {
          await page.goto(`${url}/demo`);
          await page.getByTestId("testing-shelf").click();
          await page.getByTestId(`item-${item}`).check();
          await page.getByTestId("buy").click();
          await page.waitForURL(/\/demo\/orders\/\d+$/);
          await reaches(page, state).catch((error: Error) => {
            throw new Error(`${item}: ${error.message}`);
          });
        }
      }),
    manyPages,
  );

  test.each([true, false])("an order's page shows changes automatically; with script: %s", (javaScriptEnabled) =>
    atTheMenu({ ...desktop, javaScriptEnabled }, async (page, shop) => {
      const { number } = await shop.buy("beans");
      await page.goto(`${shop.url}/demo/orders/${number}`);
      await reaches(page, "waiting");
      await shop.act(number, "pay");
      await reaches(page, "paid");
      expect(await page.title()).toBe(`Paid: order ${number} · Harbour Coffee`);
      if (javaScriptEnabled) expect(await page.locator("#announcement").textContent()).toContain("Paid");
    }),
  );

  test("an update of the page keeps open drawers and typed text", () =>
    atTheMenu(desktop, async (page, shop) => {
      await buy(page, "beans");
      await reaches(page, "paid");
      await page.getByTestId("entry").first().locator("summary").click();
      await page.getByTestId("refund-amount").fill("12.3");
      await shop.visit("/demo/orders/1001/return?again=yes");
      await page.getByText("return?again=yes").waitFor();
      expect(await page.locator("details[open]").count()).toBe(1);
      expect(await page.getByTestId("refund-amount").inputValue()).toBe("12.3");
      expect(await page.locator(":focus").getAttribute("id")).toBe("refund-amount");
    }));

  test("the page of an order that a reset removed says so automatically", () =>
    atTheMenu(desktop, async (page, shop) => {
      const { number } = await shop.buy("beans");
      await page.goto(`${shop.url}/demo/orders/${number}`);
      await shop.sandbox.reset();
      await shop.visit("/demo");
      await page.getByText("No order has this number.").waitFor();
    }));

  test("the language that the payer chose in the shop goes along to the payment and back", () =>
    atTheMenu(desktop, async (page) => {
      const language = () => page.locator("html").getAttribute("lang");
      await page.getByTestId("language-zh-HK").click();
      await page.getByTestId("item-milk-tea").check();
      expect(await page.locator(".chosen:visible").textContent()).toBe("HK$24.00 凍奶茶");
      await page.getByTestId("buy").click();
      await page.getByTestId("open-wallet").click();
      expect([await language(), await page.getByTestId("pay").textContent()]).toEqual(["zh-HK", "付款 HK$24.00"]);
      await page.getByTestId("language-zh-CN").click();
      await page.getByTestId("pay").click();
      await page.waitForURL(/\/demo\/orders\/\d+$/);
      await reaches(page, "paid");
      expect([await language(), await page.title()]).toEqual(["zh-CN", "已付款：订单 1001 · Harbour Coffee"]);
    }));

  test.each(["/demo", "/demo/orders/1001"])(
    "%s says that the sandbox does not respond, sends no form, and continues by itself",
    (path) =>
      atTheMenu({ ...desktop, locale: "zh-HK" }, async (page, shop) => {
        await shop.buy("beans");
        await page.goto(shop.url + path);
        const gone = page.getByTestId("gone");
        expect(await gone.textContent()).toBe("");
        await page.route("**/state", (route) => route.abort());
        await page.getByText("沙盒沒有回應。恢復後，此頁會自動繼續。").waitFor();
        if (path === "/demo") {
          await page.getByTestId("buy").click();
          expect(page.url()).toBe(shop.url + path);
        }
        await page.unroute("**/state");
        await shop.act("1001", "pay");
        await expect.poll(() => gone.textContent()).toBe("");
        if (path !== "/demo") await reaches(page, "paid");
      }),
  );

  test("the shop can be used with the keyboard alone", () =>
    atTheMenu(desktop, async (page) => {
      await page.getByTestId("item-flat-white").focus();
      for (const key of ["ArrowDown", "Tab", "Tab", "ArrowDown", "Tab"]) await page.keyboard.press(key);
      expect(await page.getByTestId("item-milk-tea").isChecked()).toBe(true);
      expect(await page.getByTestId("flow-mobile_redirect").isChecked()).toBe(true);
      await page.keyboard.press("Enter");
      await page.getByTestId("pay").waitFor();
    }));

  describe("every control has its effect on", () => {
    const chosen = (amount: string) => async (page: Page) => {
      expect(await page.locator(".chosen:visible .amount").allTextContents()).toEqual([amount]);
    };
    const at = (path: RegExp) => async (page: Page) => page.waitForURL(path);
    const bar = {
      "shop-link": at(/\/demo$/),
      "orders-link": at(/\/demo\/orders$/),
      "sandbox-link": at(/:\d+\/\?world=\w{27}$/),
      ...Object.fromEntries(
        // English is the last, because the pages stay in the chosen language.
        languages
          .toReversed()
          .map((language) => [
            `language-${language}`,
            async (page: Page) => expect(await page.locator("html").getAttribute("lang")).toBe(language),
          ]),
      ),
    };
    const everything: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
      "item-flat-white": chosen("HK$38.00"),
      "item-milk-tea": chosen("HK$24.00"),
      "item-pineapple-bun": chosen("HK$12.50"),
      "item-beans": chosen("HK$128.50"),
      "item-paid": chosen("HK$8,888.90"),
      "item-declined": chosen("HK$8,888.01"),
      "item-cancelled": chosen("HK$8,888.05"),
      "item-expired": chosen("HK$8,888.06"),
      "item-failed": chosen("HK$8,888.07"),
      "item-lying-return": chosen("HK$8,888.11"),
      "item-return-by-post": chosen("HK$8,888.12"),
      "item-webhook-twice": chosen("HK$8,888.20"),
      "item-webhook-never": chosen("HK$8,888.22"),
      "item-webhook-first": chosen("HK$8,888.23"),
      "item-wrong-amount": chosen("HK$8,888.27"),
      "item-refund-fails": chosen("HK$8,888.30"),
      "item-answer-lost": chosen("HK$8,888.40"),
      "item-too-many": chosen("HK$8,888.43"),
    };
    const entry = async (page: Page) => expect(await page.locator("details.entry[open]").count()).toBe(1);
    const timeline = { "timeline-link": at(/\/inspector\/payments\/\w{27}(\?|$)/) };
    const scenes: Readonly<Record<string, [string, Readonly<Record<string, (page: Page) => Promise<unknown>>>]>> = {
      menu: [
        "",
        {
          ...bar,
          ...everything,
          "testing-shelf": async (page) => expect(await page.getByTestId("item-paid").isVisible()).toBe(false),
          "flow-qr_link": async (page) =>
            expect(await page.getByTestId("flow-mobile_redirect").isChecked()).toBe(false),
          "flow-mobile_redirect": async (page) =>
            expect(await page.getByTestId("flow-qr_link").isChecked()).toBe(false),
          buy: at(/\/pay\//),
        },
      ],
      "an order that is waiting": ["waiting", { ...bar, entry, ...timeline, "go-on": at(/\/pay\//) }],
      "an order whose payment was rejected": ["rejected", { ...bar, entry, "try-again": at(/\/pay\//) }],
      "an order that was declined": ["declined", { ...bar, entry, ...timeline, "try-again": at(/\/pay\//) }],
      "an order that needs attention": [
        "attention",
        {
          ...bar,
          entry,
          "back-to-shop": at(/\/demo$/),
          "payment-link": at(/\/inspector\/payments\/\w{27}(\?|$)/),
          "refund-payment": async (page) => expect(await page.getByTestId("refund").count()).toBe(1),
        },
      ],
      "an order that is paid": [
        "paid",
        {
          ...bar,
          entry,
          ...timeline,
          "back-to-shop": at(/\/demo$/),
          "refund-amount": async (page) =>
            expect(await page.locator(":focus").getAttribute("id")).toBe("refund-amount"),
          "refund-part": async (page) =>
            expect(await page.getByTestId("notice").textContent()).toMatch(/^Please enter/),
          "refund-all": async (page) => expect(await page.getByTestId("refund").count()).toBe(1),
        },
      ],
      "the list of orders": [
        "list",
        { ...bar, "back-to-shop": at(/\/demo$/), "order-1001": at(/\/demo\/orders\/1001$/) },
      ],
      "an unknown page": ["nothing", { ...bar, "back-to-shop": at(/\/demo$/) }],
    };

    /** Opens the page of a scene, with a new order. */
    async function open(scene: string, page: Page, shop: DemoShop): Promise<void> {
      if (scene === "") {
        await page.goto(`${shop.url}/demo`);
        return page.getByTestId("testing-shelf").click();
      }
      if (scene === "nothing") return void (await page.goto(`${shop.url}/demo/nothing`));
      const { number } = await shop.buy(scene === "rejected" ? "too-many" : "beans");
      if (scene === "paid") await shop.act(number, "pay");
      if (scene === "declined") await shop.act(number, "decline");
      if (scene === "attention") await payElsewhere(shop, number);
      await page.goto(`${shop.url}/demo/orders${scene === "list" ? "" : `/${number}`}`);
    }

    test.each(Object.entries(scenes))(
      "%s",
      (_, [scene, effects]) =>
        atTheMenu(desktop, async (page, shop) => {
          await open(scene, page, shop);
          expect([...new Set(await controlsOf(page))]).toEqual(Object.keys(effects).sort());
          let isFresh = true;
          for (const [control, effect] of Object.entries(effects)) {
            // The bar is the same on every page.
            if (!isFull && scene !== "" && control in bar) continue;
            if (!isFresh) await open(scene, page, shop);
            const element = page.getByTestId(control).first();
            await (control === "entry" ? element.locator("summary") : element).click();
            await Promise.resolve(effect(page)).catch((error: Error) => {
              throw new Error(`${control}: ${error.message}`);
            });
            // Choosing an item keeps the page, so that the next control can be used on it.
            isFresh = control.startsWith("item-");
          }
        }),
      manyPages,
    );
  });

  describe("every page", () => {
    /** Opens every page of the shop, one after another. */
    async function everyPage(page: Page, shop: DemoShop, check: (name: string) => Promise<void>): Promise<void> {
      await page.goto(`${shop.url}/demo`);
      await page.getByTestId("testing-shelf").click();
      await check("menu");
      await page.goto(`${shop.url}/demo/orders`);
      await check("no orders");
      const { number } = await shop.buy("beans");
      await page.goto(`${shop.url}/demo/orders/${number}`);
      await check("waiting");
      await shop.act(number, "pay");
      await reaches(page, "paid");
      await page.getByTestId("refund-part").click();
      for (const summary of await page.locator(".entry summary").all()) await summary.click();
      await check("paid, with a notice and everything open");
      await page.getByTestId("refund-all").click();
      await reaches(page, "refunded");
      await check("refunded");
      await shop.act((await shop.buy("milk-tea")).number, "decline");
      await page.goto(`${shop.url}/demo/orders/1002`);
      await check("declined");
      await payElsewhere(shop, number);
      await page.goto(`${shop.url}/demo/orders/${number}`);
      await reaches(page, "attention");
      await check("needs attention");
      await shop.buy("too-many");
      await page.goto(`${shop.url}/demo/orders/1003`);
      await check("not started");
      await page.goto(`${shop.url}/demo/orders`);
      await check("orders");
      await page.goto(`${shop.url}/demo/nothing`);
      await check("nothing here");
    }

    const devices = [
      ["desktop", desktop],
      ["phone", phone],
    ] as const;
    test.each(
      devices.flatMap(([name, device], index) =>
        languages
          .filter((_, place) => isFull || (place + index) % 2 === 0)
          .map((language) => [name, language, device] as const),
      ),
    )(
      `has no axe findings on a %s in %s, ${axeColours}`,
      (_, language, device) =>
        atTheMenu({ ...device, locale: language, bypassCSP: true }, async (page, shop) => {
          const findings: string[] = [];
          await everyPage(page, shop, async (name) => {
            findings.push(...(await axeFindings(page)).map((found) => `${name}: ${found}`));
          });
          expect(findings).toEqual([]);
        }),
      manyPages,
    );

    test(
      "fits any screen width, and has targets of 44 pixels",
      () =>
        atTheMenu(desktop, async (page, shop) => {
          const findings: string[] = [];
          await everyPage(page, shop, async (name) => {
            for (const width of [320, 390, 640, 1280]) {
              await page.setViewportSize({ width, height: 700 });
              const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
              if (wide > width) findings.push(`${name} is ${wide} wide at ${width}`);
              const low = await page
                .locator("a, button, input[inputmode], summary, label:has(input)")
                .evaluateAll((all) =>
                  all
                    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
                    .map((one) => one.outerHTML),
                );
              findings.push(...low.map((one) => `${name} at ${width}: ${one}`));
            }
          });
          expect(findings).toEqual([]);
        }),
      manyPages,
    );
  });
});
