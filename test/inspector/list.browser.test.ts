import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorldHandle } from "../../src/index.ts";
import { findChromium } from "../support/chromium.ts";
import { paymentRequest, post } from "../support/merchant.ts";
import { desktop, openStage, pay, rootOf, type Stage } from "./stage.ts";

const count = 500;

describe.skipIf(findChromium() === undefined)("in a world with five hundred payments, the list", () => {
  let stage: Stage;
  let world: WorldHandle;
  /** In the order of their creation: `order-1` is the first. */
  const ids: string[] = [];
  beforeAll(async () => {
    stage = await openStage();
    world = await stage.world({ webhook: async () => new Response(null, { status: 204 }) });
    for (let number = 1; number <= count; number += 1) {
      const request = paymentRequest({ account: world.processingAccountId, amount: number === 490 ? 50_000 : 200 });
      const { body } = await post(world, "/v1/payments", { ...request, merchantReference: `order-${number}` });
      ids.push(body.id);
    }
    await world.payments.act(ids[489] ?? "", "pay");
    await world.settle();
    await world.payments.refund(ids[489] ?? "", { amount: 1 });
    await world.clock.advance("PT2S");
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const home = () => `/?world=${world.processingAccountId}`;
  const paymentPath = (number: number) => `/inspector/payments/${ids[number - 1]}`;
  const pathOf = (page: Page) => new URL(page.url()).pathname;
  const focused = (page: Page) => page.evaluate("document.activeElement.dataset.testid");
  const caret = (page: Page) => page.getByTestId("search").evaluate((field) => field.selectionStart);
  const rowTexts = (page: Page) => page.getByTestId("payment-row").allTextContents();

  test("finds one by typing a part of its reference and clicking it", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto(home());
      await page.getByTestId("search").pressSequentially("der-123");
      await page.getByTestId("payment-row").filter({ hasText: "order-123" }).click();
      await page.getByTestId("payment").waitFor();
      expect(pathOf(page)).toBe(paymentPath(123));
      expect(await page.getByTestId("payment-row").count()).toBe(1);
    }));

  test("narrows with each keystroke, keeps focus, caret and payment, and changes the address", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto(paymentPath(500));
      const search = page.getByTestId("search");
      await search.pressSequentially("er-49");
      await expect.poll(async () => (await rowTexts(page)).length).toBe(11);
      expect(await page.getByTestId("announcement").textContent()).toBe("11 payments.");
      await search.press("Home");
      await search.pressSequentially("ord");
      await page.waitForURL((url) => url.searchParams.get("q") === "order-49");
      expect([await focused(page), await caret(page), await search.inputValue()]).toEqual(["search", 3, "order-49"]);
      expect(pathOf(page)).toBe(paymentPath(500));
      await search.fill("");
      await expect.poll(async () => (await rowTexts(page)).length).toBe(30);
      expect(new URL(page.url()).searchParams.has("q")).toBe(false);
      await page.getByTestId("status-filter").selectOption("captured");
      await page.getByTestId("no-payments").waitFor();
      await page.reload();
      expect(await page.getByTestId("no-payments").textContent()).toBe("No payment matches.");
    }));

  test("opens the next and the previous payment with j and k, and leaves typed letters and shortcuts alone", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto(home());
      for (const [key, number] of [
        ["k", undefined],
        ["j", 500],
        ["j", 499],
        ["k", 500],
        ["k", 500],
        ["Control+j", 500],
      ] as const) {
        await page.keyboard.press(key);
        if (number === undefined) expect(pathOf(page)).toBe("/");
        else await page.waitForURL(`**${paymentPath(number)}*`);
      }
      await page.keyboard.press("/");
      expect(await focused(page)).toBe("search");
      await page.keyboard.type("j/k?");
      expect(await page.getByTestId("search").inputValue()).toBe("j/k?");
      expect(await page.getByTestId("keys").isVisible()).toBe(false);
      expect(pathOf(page)).toBe(paymentPath(500));
    }));

  test("lists the keys with ?, and a switch turns them off until it turns them on", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto(home());
      const dialog = page.getByTestId("keys");
      await page.keyboard.press("?");
      await dialog.waitFor();
      expect(await dialog.locator("kbd").allTextContents()).toEqual(["/", "j", "k", "?"]);
      expect(await dialog.getByText("need JavaScript").isVisible()).toBe(false);
      await page.keyboard.press("j");
      await page.getByTestId("keys-switch").press("Space");
      await page.keyboard.press("Escape");
      for (const reloads of [false, true]) {
        if (reloads) await page.reload();
        for (const key of ["/", "j", "?"]) await page.keyboard.press(key);
        expect([await focused(page), await dialog.isVisible(), pathOf(page)]).toEqual([undefined, false, "/"]);
      }
      await page.getByTestId("keys-open").press("Enter");
      await page.getByTestId("keys-switch").press("Space");
      await page.keyboard.press("?");
      await dialog.waitFor({ state: "hidden" });
      await page.keyboard.press("j");
      await page.waitForURL(`**${paymentPath(500)}*`);
    }));

  test("shows its keys without a script too, and says that they need one", () =>
    stage.inPage({ ...desktop, javaScriptEnabled: false }, async (page) => {
      await page.goto(home());
      await page.getByTestId("keys-open").press("Enter");
      await page.getByTestId("keys").getByText("The shortcuts need JavaScript.").waitFor();
      expect(await page.getByTestId("keys-switch").isVisible()).toBe(false);
      await page.getByTestId("keys-close").press("Enter");
      await page.getByTestId("keys").waitFor({ state: "hidden" });
    }));

  /** Numbers of the orders whose rows are completely visible. */
  const visible = (page: Page) =>
    page.getByTestId("payment-row").evaluateAll((rows) =>
      rows
        .filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          const pane = row.closest("#list").getBoundingClientRect();
          return top >= pane.top && bottom <= pane.bottom;
        })
        .map((row) => Number(/order-(\d+)/.exec(row.textContent)?.[1])),
    );

  test("has rows of 44 pixels, of which at least 12 are visible at 1280 x 800", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto(home());
      const heights = page
        .getByTestId("payment-row")
        .evaluateAll((rows) => rows.map((row) => Math.round(row.getBoundingClientRect().height * 10) / 10));
      expect(new Set(await heights)).toEqual(new Set([44]));
      expect((await visible(page)).length).toBeGreaterThanOrEqual(12);
    }));

  test("scrolls to the payment of the address, and shows one of an older page above", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto(home());
      expect(await visible(page)).not.toContain(475);
      await page.goto(paymentPath(475));
      expect(await visible(page)).toContain(475);
      expect(await page.getByTestId("selected-payment").count()).toBe(0);
      await page.goto(paymentPath(1));
      expect((await visible(page)).slice(0, 2)).toEqual([1, 500]);
      await page.getByTestId("show-in-list").click();
      await expect.poll(() => visible(page)).toEqual([1]);
    }));

  test.each([1280, 768, 320])("breaks no amount, and never scrolls sideways, at %i pixels", (width) =>
    stage.inPage({ viewport: { width, height: 800 } }, async (page) => {
      for (const path of [home(), paymentPath(490)]) {
        await page.goto(path);
        const lines = await page.locator(".amount").evaluateAll((amounts) =>
          amounts
            .filter((amount) => amount.checkVisibility())
            .map((amount) => {
              const range = amount.ownerDocument.createRange();
              range.selectNodeContents(amount);
              return range.getClientRects().length;
            }),
        );
        expect(new Set(lines)).toEqual(new Set([1]));
        const sideways = await rootOf(page).evaluate(({ scrollWidth, clientWidth, ownerDocument }) => {
          const panes = [...ownerDocument.querySelectorAll(".panes > *")];
          return scrollWidth > clientWidth || panes.some((pane) => pane.scrollWidth > pane.clientWidth);
        });
        expect([path, sideways]).toEqual([path, false]);
      }
    }),
  );
});

describe.skipIf(findChromium() === undefined)("a timeline", () => {
  test.each([1280, 768])("breaks no path, and has the query string below it, at %i pixels", async (width) => {
    await using stage = await openStage();
    const id = await pay(await stage.world());
    await stage.sandbox.fetch(`/v1/payments/${id}/refunds?idempotencyKey=11111111-0178-49f8-a06b-69df097a712f`);
    await stage.inPage({ viewport: { width, height: 800 } }, async (page) => {
      await page.goto(`/inspector/payments/${id}`);
      const paths = page.getByTestId("line").locator(".path");
      const shown = await paths.evaluateAll((all) =>
        all.map((one) => [
          one.textContent.replace(/\w{4}…\w{4}/, "…"),
          one.getClientRects().length,
          one.scrollWidth > one.clientWidth,
        ]),
      );
      expect(shown).toEqual([
        ["/v1/payments", 1, false],
        ["/v1/payments/…/refunds", 1, false],
      ]);
      expect(await page.locator(".query").allTextContents()).toEqual([
        "?idempotencyKey=11111111-0178-49f8-a06b-69df097a712f",
      ]);
    });
  });
});
