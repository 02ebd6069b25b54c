import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorldHandle } from "../../src/index.ts";
import { axeFindings } from "../support/axe.ts";
import { smallTargets } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { desktop, openStage, phone, rootOf, type Stage } from "./stage.ts";

/** A reference of the greatest length, a name that is worse: markup, quotes, Arabic, an override of direction, emoji. */
const hostileReference = `"><script>alert(1)</script>\u202eW漢'\`\${1}👩‍👩‍👧‍👦${"W漢".repeat(110)}`.slice(0, 255);
const hostileName = `<img src=x onerror=alert(1)>"' مقهى الميناء \u202eevil ${"W".repeat(200)} 👩‍👩‍👧‍👦`;

/** Every page, by the address that opens it. */
const openers: Readonly<Record<string, (stage: Stage, world: WorldHandle, reference?: string) => Promise<string>>> = {
  "the QR page": async (stage, world, reference) => `${(await stage.pay("qr_link", { world, reference })).pay}?view=qr`,
  "the wallet beside the QR code": async (stage, world, reference) =>
    `${(await stage.pay("qr_link", { world, reference })).pay}?view=qr&wallet=here`,
  "the wallet": async (stage, world, reference) => (await stage.pay("mobile_redirect", { world, reference })).pay,
  "a result that was paid": async (stage, world, reference) => {
    const { id, pay } = await stage.pay("qr_link", { world, reference });
    await world.payments.act(id, "pay");
    return `${pay}?view=qr`;
  },
  "a result that was declined": async (stage, world, reference) => {
    const { id, pay } = await stage.pay("mobile_redirect", { world, reference });
    await world.payments.act(id, "decline", { return: "never" });
    return pay;
  },
  "an address that is not there": async (stage, world) => `${(await stage.pay("qr_link", { world })).pay}x`,
};

/** Opens what is folded away. */
async function unfold(page: Page): Promise<void> {
  for (const drawer of await page.locator("summary").all()) await drawer.click();
}

/** How far the page can be scrolled to the side. */
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
    ["a computer", desktop],
    ["a phone", phone],
  ])("has no fault that axe knows, on %s, in light and dark", async (_, size) => {
    await stage.inPage({ ...size, bypassCSP: true }, async (page) => {
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
  ])("has targets of 44 pixels, and moves nothing after it was drawn, on %s", async (_, size) => {
    await stage.inPage(size, async (page) => {
      for (const [name, open] of Object.entries(openers)) {
        await page.goto(await open(stage, world));
        expect([name, await page.evaluate<number>(layoutShift)]).toEqual([name, 0]);
        await unfold(page);
        expect([name, await smallTargets(page, "a, button, summary, label")]).toEqual([name, []]);
      }
    });
  });

  /** Widths of screens; 640 is a screen of 1280 pixels at 200 %. */
  const widths = [320, 640, 1280];

  test("holds hostile text, shows it as it is and scrolls to no side, on a screen of any width", async () => {
    const alerts: string[] = [];
    await stage.inPage({}, async (page) => {
      page.on("dialog", (dialog) => void alerts.push(dialog.message()));
      page.on("console", (message) => void (message.type() === "error" && alerts.push(message.text())));
      for (const [name, open] of Object.entries(openers)) {
        const missing = name === "an address that is not there";
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

  test("is reached with the Tab key alone, in the order that it is read, with a mark where the focus is", async () => {
    await stage.inPage(desktop, async (page) => {
      await page.goto(`${await openers["the wallet"]?.(stage, world)}`);
      const languages = ["language-en", "language-zh-HK", "language-zh-CN"];
      const acts = ["pay", "cancel", "decline", "wallet-hong-kong", "other-outcomes"];
      expect(await tabThrough(page, 8)).toEqual([...languages, ...acts]);
      await page.keyboard.press("Enter");
      const reasons = ["insufficient_funds", "limit_exceeded", "risk_rejected", "payment_declined"];
      const rest = ["expire", "fail", "pay-never-returns", "pay-return-by-post", "lying-return"];
      expect(await tabThrough(page, 9)).toEqual([...reasons.map((reason) => `decline-${reason}`), ...rest]);
    });
  });

  test("keeps still where somebody wants less motion", async () => {
    for (const [reducedMotion, moving] of [
      ["reduce", false],
      ["no-preference", true],
    ] as const) {
      await stage.inPage({ ...desktop, reducedMotion }, async (page) => {
        await page.goto(`${await openers["the QR page"]?.(stage, world)}`);
        expect(await rootOf(page).evaluate((root) => root.ownerDocument.getAnimations().length > 0)).toBe(moving);
      });
    }
  });
});

/** Presses Tab so many times. @returns what had the focus, with a remark where that cannot be seen. */
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

/** How much of the page has moved since it was first drawn. */
const layoutShift = `new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) sum += value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})`;
