import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorldHandle } from "../../src/index.ts";
import { axeColours, axeFindings } from "../support/axe.ts";
import { smallTargets } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { desktop, openStage, phone, rootOf, type Stage } from "./stage.ts";

/** Hostile texts: markup, quotes, Arabic, a direction override, emoji. The reference has the maximum length. */
const hostileReference = `"><script>alert(1)</script>\u202eW漢'\`\${1}👩‍👩‍👧‍👦${"W漢".repeat(110)}`.slice(0, 255);
const hostileName = `<img src=x onerror=alert(1)>"' مقهى الميناء \u202eevil ${"W".repeat(200)} 👩‍👩‍👧‍👦`;

/** Functions that return the address of each page. */
const openers: Readonly<Record<string, (stage: Stage, world: WorldHandle, reference?: string) => Promise<string>>> = {
  "the QR page": async (stage, world, reference) => `${(await stage.pay("qr_link", { world, reference })).pay}?view=qr`,
  "the wallet beside the QR code": async (stage, world, reference) =>
    `${(await stage.pay("qr_link", { world, reference })).pay}?view=qr&wallet=here`,
  "the wallet": async (stage, world, reference) => (await stage.pay("mobile_redirect", { world, reference })).pay,
  "the result of a paid payment": async (stage, world, reference) => {
    const { id, pay } = await stage.pay("qr_link", { world, reference });
    await world.payments.act(id, "pay");
    return `${pay}?view=qr`;
  },
  "the result of a declined payment": async (stage, world, reference) => {
    const { id, pay } = await stage.pay("mobile_redirect", { world, reference });
    await world.payments.act(id, "decline", { return: "never" });
    return pay;
  },
  "the result of a cancelled payment": async (stage, world, reference) => {
    const { id, pay } = await stage.pay("qr_link", { world, reference });
    await world.payments.act(id, "cancel");
    return `${pay}?view=qr`;
  },
  "the result of a failed payment": async (stage, world, reference) => {
    const { id, pay } = await stage.pay("mobile_redirect", { world, reference });
    await world.payments.act(id, "fail");
    return pay;
  },
  "an unknown address": async (stage, world) => `${(await stage.pay("qr_link", { world })).pay}x`,
};

/** Opens every drawer of the page. */
async function unfold(page: Page): Promise<void> {
  for (const drawer of await page.locator("summary").all()) await drawer.click();
}

/** Horizontal overflow of the page, in pixels. */
const overflow = (page: Page) => rootOf(page).evaluate((root) => root.scrollWidth - root.clientWidth);

describe.skipIf(findChromium() === undefined)("every page", () => {
  let stage: Stage;
  let world: WorldHandle;
  let hostile: WorldHandle;
  beforeAll(async () => {
    stage = await openStage();
    world = await stage.world();
    hostile = await stage.world({ settings: { merchantName: hostileName } });
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test.each([
    ["a computer in English", { ...desktop, locale: "en" }],
    ["a phone in Hong Kong", { ...phone, locale: "zh-HK" }],
    ["a computer in mainland China", { ...desktop, locale: "zh-CN" }],
  ] as const)(`has no axe findings on %s, ${axeColours}`, async (_, options) => {
    await stage.inPage({ ...options, bypassCSP: true }, async (page) => {
      for (const [name, open] of Object.entries(openers)) {
        await page.goto(await open(stage, world));
        await unfold(page);
        expect([name, await axeFindings(page)]).toEqual([name, []]);
      }
    });
  });

  test.each([
    ["a computer", desktop],
    ["a phone", phone],
  ])("has targets of 44 pixels and no layout shift on %s", async (_, size) => {
    await stage.inPage(size, async (page) => {
      for (const [name, open] of Object.entries(openers)) {
        await page.goto(await open(stage, world));
        expect([name, await page.evaluate<number>(layoutShift)]).toEqual([name, 0]);
        await unfold(page);
        expect([name, await smallTargets(page, "a, button, summary, label")]).toEqual([name, []]);
      }
    });
  });

  /** Screen widths, in pixels. 640 is a screen of 1280 pixels at a zoom of 200 %. */
  const widths = [320, 640, 1280];

  test("shows hostile text literally and never scrolls sideways, at any screen width", async () => {
    const alerts: string[] = [];
    await stage.inPage({}, async (page) => {
      page.on("dialog", (dialog) => void alerts.push(dialog.message()));
      page.on("console", (message) => void (message.type() === "error" && alerts.push(message.text())));
      for (const [name, open] of Object.entries(openers)) {
        const missing = name === "an unknown address";
        await page.goto(await open(stage, hostile, hostileReference));
        await unfold(page);
        for (const width of widths) {
          await page.setViewportSize({ width, height: 600 });
          expect([name, width, await overflow(page)]).toEqual([name, width, 0]);
        }
        if (missing) continue;
        const texts = await page.locator("bdi").evaluateAll((all) => all.map((one) => one.textContent));
        expect([...new Set(texts)].sort()).toEqual([hostileReference, hostileName].sort());
        const isolation = await page
          .locator("bdi")
          .evaluateAll((all) => all.map((one) => one.ownerDocument.defaultView.getComputedStyle(one).unicodeBidi));
        expect([...new Set(isolation)]).toEqual(["isolate"]);
      }
    });
    expect(alerts.filter((text) => !text.includes("404"))).toEqual([]);
  });

  test.each([
    ["a computer", desktop],
    ["a phone", phone],
  ])("has Cancel beside Pay on %s, below the choice of the wallet, and Decline in the drawer", async (_, size) => {
    await stage.inPage(size, async (page) => {
      await page.goto(`${await openers["the wallet"]?.(stage, world)}`);
      const boxOf = async (id: string) => (await page.getByTestId(id).boundingBox()) ?? { x: 0, y: 0, width: 0 };
      const [wallet, pay, cancel] = [await boxOf("wallet-hong-kong"), await boxOf("pay"), await boxOf("cancel")];
      expect(wallet.y).toBeLessThan(pay.y);
      expect(cancel.y).toBe(pay.y);
      expect(cancel.x).toBeGreaterThan(pay.x + pay.width);
      expect(pay.width).toBeGreaterThan(cancel.width);
      expect(await page.getByTestId("decline").isVisible()).toBe(false);
      await unfold(page);
      expect(await page.getByTestId("decline").isVisible()).toBe(true);
    });
  });

  test("shows the chosen wallet and the state of each step in forced colours", async () => {
    await stage.inPage({ ...desktop, forcedColors: "active" }, async (page) => {
      const looksOf = (selector: string, pseudo?: string) =>
        page.locator(selector).evaluateAll(
          (all, pseudo) =>
            all.map((one) => {
              const look = one.ownerDocument.defaultView.getComputedStyle(one, pseudo);
              return [look.backgroundColor, look.borderColor, look.borderWidth, look.borderRadius].join();
            }),
          pseudo,
        );
      await page.goto(`${await openers["the wallet beside the QR code"]?.(stage, world)}`);
      expect(new Set(await looksOf(".switch span")).size).toBe(2);
      const [created, scan, confirm, back] = await looksOf("[data-step]", "::before");
      expect(created).toBe(scan);
      expect(new Set([scan, confirm, back]).size).toBe(3);
      await page.goto(`${await openers["the result of a cancelled payment"]?.(stage, world)}`);
      expect(new Set(await looksOf("[data-step]", "::before")).size).toBe(3);
    });
  });

  test("gives the avatar in a fact no margin", async () => {
    await stage.inPage(desktop, async (page) => {
      const { id, wallet } = await stage.pay("qr_link", { world });
      await world.payments.act(id, "pay");
      await page.goto(wallet);
      const margin = await page
        .locator(".facts .avatar")
        .evaluate((one) => one.ownerDocument.defaultView.getComputedStyle(one).margin);
      expect(margin).toBe("0px");
    });
  });

  test("can be used with the Tab key alone, in reading order, with a visible focus", async () => {
    await stage.inPage(desktop, async (page) => {
      await page.goto(`${await openers["the wallet"]?.(stage, world)}`);
      const languages = ["language-en", "language-zh-HK", "language-zh-CN"];
      const acts = ["wallet-hong-kong", "pay", "cancel", "other-outcomes"];
      expect(await tabThrough(page, 7)).toEqual([...languages, ...acts]);
      await page.keyboard.press("Enter");
      const reasons = ["insufficient_funds", "limit_exceeded", "risk_rejected", "payment_declined"];
      const rest = ["expire", "fail", "pay-never-returns", "pay-return-by-post", "lying-return"];
      expect(await tabThrough(page, 10)).toEqual(["decline", ...reasons.map((reason) => `decline-${reason}`), ...rest]);
    });
  });

  test.each(["en", "zh-HK", "zh-CN"])("breaks no line within a date or a time at 320 pixels, in %s", async (lang) => {
    await using tomorrow = await stage.world({ settings: { expiryMs: 86_400_000 } });
    await stage.inPage({ viewport: { width: 320, height: 600 } }, async (page) => {
      for (const name of ["the QR page", "the wallet", "the result of a paid payment"]) {
        const url = new URL(`${await openers[name]?.(stage, tomorrow)}`);
        url.searchParams.set("lang", lang);
        await page.goto(url.href);
        const parts = page.locator(".facts .part");
        expect(await parts.count()).toBe(2);
        expect([name, await parts.evaluateAll((all) => all.map((one) => one.getClientRects().length))]).toEqual([
          name,
          [1, 1],
        ]);
        expect([name, await overflow(page)]).toEqual([name, 0]);
      }
    });
  });

  test("has no animation if the browser asks for reduced motion", async () => {
    for (const [reducedMotion, moving] of [
      ["reduce", false],
      ["no-preference", true],
    ] as const) {
      await stage.inPage({ ...desktop, reducedMotion }, async (page) => {
        for (const name of ["the QR page", "the result of a paid payment"]) {
          await page.goto(`${await openers[name]?.(stage, world)}`);
          const isMoving = await rootOf(page).evaluate((root) => root.ownerDocument.getAnimations().length > 0);
          expect([name, isMoving]).toEqual([name, moving]);
        }
      });
    }
  });
});

/** Presses Tab `times` times. @returns the focused elements, with a remark if the focus is not visible. */
async function tabThrough(page: Page, times: number): Promise<string[]> {
  const seen: string[] = [];
  for (let time = 0; time < times; time += 1) {
    await page.keyboard.press("Tab");
    seen.push(
      await rootOf(page).evaluate(({ ownerDocument: { activeElement, defaultView } }) => {
        const marked = activeElement.type === "radio" ? activeElement.nextElementSibling : activeElement;
        const { outlineStyle, outlineWidth } = defaultView.getComputedStyle(marked);
        const visible = outlineStyle === "solid" && Number.parseFloat(outlineWidth) >= 2;
        return `${activeElement.dataset.testid}${visible ? "" : ", not visibly"}`;
      }),
    );
  }
  return seen;
}

/** Layout shift of the page since its first paint. */
const layoutShift = `new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) sum += value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})`;
