import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signRequest, type WorldHandle } from "../../src/index.ts";
import { axeColours, axeFindings } from "../support/axe.ts";
import { smallTargets } from "../support/browser.ts";
import { findChromium } from "../support/chromium.ts";
import { get, paymentRequest, post } from "../support/merchant.ts";
import { isFull } from "../support/scope.ts";
import { controlsOf, desktop, openStage, phone, rootOf, type Stage } from "./stage.ts";

/** References of maximum length: one with markup, text directions and emoji, one with 255 wide characters. */
const markup = `"><script>alert(1)</script>\u202E\u2067漢'\`#{1}👩‍👩‍👧‍👦 مقهى `.repeat(6).slice(0, 240);
const wide = "Ｗ".repeat(255);

/** Creates records of every kind in a world. @returns the addresses of its pages. */
async function fill(world: WorldHandle, reference = "order-1001"): Promise<Record<string, string>> {
  const request = { ...paymentRequest({ account: world.processingAccountId }), merchantReference: reference };
  const create = async (amount: number, returnUrl = "https://merchant.site/back") => {
    const { body } = await post(world, "/v1/payments", {
      ...request,
      amount: { value: amount, currency: "hkd" },
      paymentMethod: { type: "alipay_hk", alipayHk: { flowType: "qr_link", returnUrl } },
    });
    return body.id as string;
  };
  const pending = await create(64);
  const refunded = await create(128.5, `https://merchant.site/?x=${encodeURIComponent(reference)}`);
  await world.payments.act(refunded, "pay", { wallet: "mainland" });
  await world.settle();
  await world.payments.refund(refunded, { amount: 50, merchantReference: reference });
  const target = `/v1/payments/${refunded}?x=${encodeURIComponent(reference)}`;
  await get(world, target, { "X-Signature": "a.b" });
  const { kid, privateKey = "" } = world.credentials;
  const signature = signRequest({ method: "GET", target: `/v1?${reference}`, body: "{}\n", kid, privateKey });
  await get(world, target, { "X-Signature": signature });
  const calls = `/_sandbox/requests?processingAccountId=${world.processingAccountId}`;
  const wrongCall = (await get(world, calls)).body.data[0].id;
  await create(8888.01);
  const aborted = await create(1);
  await world.payments.act(aborted, "cancel");
  await world.scenarios.next("declined_risk", { times: 2 });
  const of = `world=${world.processingAccountId}`;
  const [webhook] = (await get(world, `/_sandbox/notifications?processingAccountId=${world.processingAccountId}`)).body
    .data;
  const returnParameters = [{ name: reference.slice(0, 9), value: reference.replace(/[{}]|\p{Cc}/gu, "") }];
  await world.change({ contract: { paidStatus: "approved", returnParameters } });
  return {
    "the list": `/?${of}`,
    "a world without payments": "/",
    "a search": `/?${of}&q=${encodeURIComponent(reference)}`,
    "a page after a form": `/?${of}&done=advanced.ms-1800000.expired-103.sent-4`,
    "the controls": `/inspector/controls?${of}`,
    "the calls": `/inspector/requests?requests=all&${of}`,
    "the keys": `/inspector/connect?${of}`,
    "a call with a valid signature": `/inspector/requests/1/command?${of}`,
    "the doctor": `/inspector/doctor?${of}`,
    "a call that the doctor examines": `/inspector/doctor?${of}&request=${wrongCall}`,
    "the webhooks": `/inspector/webhooks?${of}`,
    "a world without webhooks": "/inspector/webhooks",
    "a webhook": `/inspector/webhooks?notification=${webhook.id}&${of}`,
    "a webhook as a command": `/inspector/webhooks/${webhook.id}/command`,
    "the rules": `/inspector/rules?${of}`,
    "the rules at the defaults": "/inspector/rules",
    "a payment that is pending": `/inspector/payments/${pending}`,
    "a payment with everything": `/inspector/payments/${refunded}`,
    "a payment that is over": `/inspector/payments/${aborted}`,
    "an unknown address": `/inspector/payments/${of.slice(6)}`,
  };
}

/** Classes of the page's scroll areas that overflow horizontally. */
const overflow = (page: Page) =>
  page
    .locator("html, .panes > *, .panel, .why, .timeline")
    .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className));

describe.skipIf(findChromium() === undefined)("every page of the inspector", () => {
  let stage: Stage;
  let world: WorldHandle;
  let pages: Record<string, string>;
  beforeAll(async () => {
    stage = await openStage({ demo: true });
    world = await stage.world({ webhook: async () => new Response("no", { status: 500 }) });
    pages = await fill(world);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const sizes = [
    ["a computer", desktop],
    ["a phone", phone],
  ] as const;
  test.each(isFull ? sizes : sizes.slice(0, 1))(
    `has no axe findings on %s, ${axeColours}`,
    (_, size) =>
      stage.inPage({ ...size, bypassCSP: true }, async (page) => {
        for (const [name, address] of Object.entries(pages)) {
          await page.goto(address);
          await controlsOf(page);
          expect([name, await axeFindings(page)]).toEqual([name, []]);
        }
        await page.goto(pages["the list"] ?? "");
        await page.getByTestId("connect").click();
        await page.getByTestId("reveal-private-key").click();
        expect(["the dialog", await axeFindings(page)]).toEqual(["the dialog", []]);
      }),
    300_000,
  );

  test.each([
    ["a computer", desktop],
    ["a phone", phone],
  ])("has targets of 44 pixels on %s", (_, size) =>
    stage.inPage(size, async (page) => {
      for (const [name, address] of Object.entries(pages)) {
        await page.goto(address);
        await controlsOf(page);
        // A link in a line of text is as high as the line.
        const looser = { exempt: "p:not(.badges), dd a, .unseen, .skip", leastHeight: 43.5 };
        expect([name, await smallTargets(page, "a, button, summary, input, select, textarea", looser)]).toEqual([
          name,
          [],
        ]);
      }
    }),
  );

  /** Screen widths, in pixels. 640 is a screen of 1280 pixels at a zoom of 200 %. */
  const widths = [320, 640, 820, 1280];

  test("runs no part of a hostile text and never scrolls sideways, at any screen width", async () => {
    const alerts: string[] = [];
    await stage.inPage({}, async (page) => {
      page.on("dialog", (dialog) => void alerts.push(dialog.message()));
      page.on("console", (message) => void (message.type() === "error" && alerts.push(message.text())));
      for (const reference of [markup, wide]) {
        await using hostile = await stage.world({
          settings: { merchantName: reference },
          webhook: async () => new Response(`${reference}\n${reference}`, { status: 500 }),
        });
        for (const [name, address] of Object.entries(await fill(hostile, reference))) {
          await page.goto(address);
          for (const width of widths) {
            await page.setViewportSize({ width, height: 700 });
            await controlsOf(page);
            expect([name, width, await overflow(page)]).toEqual([name, width, []]);
          }
        }
      }
    });
    expect(alerts.filter((text) => !text.includes("404"))).toEqual([]);
  });

  test("can be used with the Tab key alone, in reading order, with a visible focus", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto(pages["a payment that is pending"] ?? "");
      expect(await tabThrough(page, 10)).toEqual([
        "skip",
        "brand",
        "nav-payments",
        "nav-requests",
        "nav-webhooks",
        "nav-doctor",
        "world",
        "unsigned-badge",
        "wrong-badge",
        "zone-hkt",
      ]);
      await page.getByTestId("skip").focus();
      await page.keyboard.press("Enter");
      expect(await tabThrough(page, 5)).toEqual(["copy-id", "open-pay", "open-wallet", "why-pay", "why-advance"]);
    }));

  test("shows in forced colours which payment, page and filter are selected", () =>
    stage.inPage({ ...desktop, forcedColors: "active" }, async (page) => {
      const background = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate((one) => one.ownerDocument.defaultView.getComputedStyle(one).backgroundColor);
      await page.goto(pages["a payment that is pending"] ?? "");
      expect(await background(".rows a[aria-current]")).not.toBe(await background(".rows a:not([aria-current])"));
      expect(await background(".zones [aria-pressed=true]")).not.toBe(await background(".zones [aria-pressed=false]"));
      await page.goto(pages["the calls"] ?? "");
      expect(await background(".bar nav a[aria-current]")).not.toBe(await background(".bar nav a:not([aria-current])"));
      expect(await background(".filters a[aria-current]")).not.toBe(await background(".filters a:not([aria-current])"));
    }));

  test("prints the timeline with every detail, and neither controls nor keys", () =>
    stage.inPage(desktop, async (page) => {
      const visible = (selector: string) =>
        page.locator(selector).evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
      await page.goto(pages["a payment with everything"] ?? "");
      const details = await page.locator(".timeline pre").count();
      expect(await visible(".timeline pre")).toBe(0);
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await visible(".timeline pre")).toBe(details);
      expect(details).toBeGreaterThan(5);
      expect(await visible("header nav, .controls, .list, form, button, .why, .share, .timeline .button")).toBe(0);
      const cut = await page
        .locator(".inspector, .panes, main, .timeline, .timeline pre")
        .evaluateAll((all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length);
      expect(cut).toBe(0);
      const background = "getComputedStyle(document.body).backgroundColor";
      expect(await page.evaluate(background)).toBe("rgb(255, 255, 255)");
      await page.goto(pages["the keys"] ?? "");
      const { kid, hmacKey } = world.credentials;
      expect(await page.locator("body").innerText()).not.toMatch(new RegExp(`${kid}|${hmacKey}|PRIVATE KEY`));
    }));

  test("has no animation if the browser asks for reduced motion", async () => {
    for (const [reducedMotion, duration] of [
      ["reduce", "0s"],
      ["no-preference", "0.12s, 0.12s"],
    ] as const) {
      await stage.inPage({ ...desktop, reducedMotion }, async (page) => {
        await page.goto(pages["the list"] ?? "");
        const style = "getComputedStyle(document.querySelector('button')).transitionDuration";
        expect(await page.evaluate(style)).toBe(duration);
      });
    }
  });

  test("shows one pane at a time on a phone: the list, the payment or the controls", () =>
    stage.inPage(phone, async (page) => {
      const shown = async () =>
        page
          .locator(".panes > *")
          .evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => one.className));
      await page.goto(pages["the list"] ?? "");
      expect(await shown()).toEqual(["list", "subject"]);
      await page.getByTestId("payment-row").first().click();
      await page.getByTestId("payment").waitFor();
      expect(await shown()).toEqual(["subject"]);
      await page.getByTestId("back").click();
      await page.getByTestId("payment-row").first().waitFor();
      await page.getByTestId("nav-controls").click();
      await page.getByTestId("clock").waitFor();
      expect(await shown()).toEqual(["controls"]);
    }));
});

/** Presses Tab `times` times. @returns the focused elements, with a remark if the focus is not visible. */
async function tabThrough(page: Page, times: number): Promise<string[]> {
  const seen: string[] = [];
  for (let time = 0; time < times; time += 1) {
    await page.keyboard.press("Tab");
    seen.push(
      await rootOf(page).evaluate(({ ownerDocument: { activeElement, defaultView } }) => {
        const { outlineStyle, outlineWidth } = defaultView.getComputedStyle(activeElement);
        const visible = outlineStyle === "solid" && Number.parseFloat(outlineWidth) >= 2;
        return `${activeElement.dataset.testid}${visible ? "" : ", not visibly"}`;
      }),
    );
  }
  return seen;
}
