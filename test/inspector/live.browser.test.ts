import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { findChromium } from "../support/chromium.ts";
import { createPayment, post } from "../support/merchant.ts";
import { desktop, openStage, pay, type Stage } from "./stage.ts";

const inHongKong = (instant: string) => new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(11, 19);

const copying = { ...desktop, permissions: ["clipboard-read", "clipboard-write"] };

describe.skipIf(findChromium() === undefined)("with a script, the inspector", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test("shows changes at once and announces them to screen readers", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      await page.goto(`/?world=${world.processingAccountId}`);
      await page.getByTestId("no-payments").waitFor();
      const id = await pay(world);
      await page.getByTestId("payment-row").click();
      await page.waitForURL(`**/inspector/payments/${id}**`);
      await world.payments.act(id, "scan");
      await page.getByText("has opened the wallet").waitFor();
      await world.payments.act(id, "pay");
      await page.getByTestId("payment").and(page.locator("[data-status=captured]")).waitFor();
      expect(await page.getByTestId("announcement").textContent()).toBe("The payment is now captured.");
      expect(await page.title()).toContain("(captured)");
      expect(await page.getByTestId("row-status").textContent()).toBe("captured");
      await world.scenarios.next("expired");
      await page.getByTestId("queue").getByText("expired").waitFor();
      await world.clock.advance("PT1M");
      await page.getByTestId("clock").getByText("17:01:00").waitFor();
    }));

  test("keeps typed text, open drawers, scroll positions and the focus", () =>
    stage.inPage({ viewport: { width: 1280, height: 500 } }, async (page) => {
      await using world = await stage.world();
      const id = await pay(world);
      for (let made = 0; made < 12; made += 1) await pay(world);
      await page.goto(`/inspector/payments/${id}`);
      await page.getByTestId("call-open").first().click();
      await page.getByTestId("reset-open").click();
      await page.getByTestId("act-open").click();
      await page.getByTestId("act-reason").selectOption("risk_rejected");
      await page.getByTestId("scenario-group").first().click();
      await page.getByTestId("scenario-times").fill("7");
      await page.getByTestId("search").pressSequentially("order-10");
      const scroll = await page.locator("#list, main").evaluateAll((panes) =>
        panes.map((pane) => {
          pane.scrollTop = 90;
          return pane.scrollTop;
        }),
      );

      const newest = await pay(world);
      await page.locator(`#row-${newest}`).waitFor({ state: "attached" });
      await world.payments.act(id, "scan");
      await page.locator("[data-kind=Payer]").waitFor({ state: "attached" });

      expect(await page.evaluate("document.activeElement.dataset.testid")).toBe("search");
      expect(await page.getByTestId("search").inputValue()).toBe("order-10");
      expect(await page.getByTestId("act-reason").inputValue()).toBe("risk_rejected");
      expect(await page.getByTestId("scenario-times").inputValue()).toBe("7");
      expect(await page.locator("details[open]").count()).toBe(4);
      const after = await page.locator("#list, main").evaluateAll((panes) => panes.map((pane) => pane.scrollTop));
      expect([scroll[1], after[1]]).toEqual([90, 90]);
      // The visible rows keep their place, although a row was added above them.
      expect(after[0]).toBeGreaterThanOrEqual(90);
    }));

  test("waits with an update until the pointer is released, so that a click reaches its link", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      const older = await pay(world);
      const id = await pay(world);
      await page.goto(`/?world=${world.processingAccountId}`);
      await page.locator(`#row-${older}`).hover();
      await page.mouse.down();
      const update = page.waitForResponse((response) => response.url().includes("world="));
      const newest = await pay(world);
      await (await update).finished();
      await page.mouse.up();
      await page.waitForURL(`**/inspector/payments/${older}**`);
      await page.locator(`#row-${newest}`).waitFor({ state: "attached" });
      expect(await page.locator(`#row-${id}`).count()).toBe(1);
    }));

  test("keeps the focus on the page when the focused element disappears", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      const id = await pay(world);
      await page.goto(`/inspector/payments/${id}`);
      await page.getByTestId("why-advance").focus();
      await world.payments.act(id, "cancel");
      await page.locator("[data-status=aborted]").waitFor();
      expect(await page.evaluate("document.activeElement.id")).toBe("main");
    }));

  test("counts up a running clock, and not a frozen one", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      await pay(world);
      await page.goto(`/?world=${world.processingAccountId}`);
      const clock = page.getByTestId("clock");
      const note = page.getByTestId("row-note");
      expect([await clock.textContent(), await note.textContent()]).toEqual([
        "2026-01-05 17:00:00",
        "expires in 30:00",
      ]);
      await world.clock.run();
      await clock.getByText("17:00:02").waitFor();
      expect(await note.textContent()).toMatch(/^expires in 29:5[678]$/);
      await world.clock.freeze();
      await page.getByTestId("clock-mode").getByText("frozen").waitFor();
      const frozenTime = inHongKong(await world.clock.now());
      await clock.getByText(frozenTime).waitFor();
    }));

  test("says that the sandbox does not respond, holds forms back, and continues by itself", () =>
    stage.inPage(desktop, async (page) => {
      const first = await createSandbox();
      const url = await first.listen();
      await createPayment(first);
      await page.goto(url);
      await page.getByTestId("payment-row").waitFor();
      await first.close();
      const connection = page.getByTestId("connection");
      await connection.getByText("Reconnecting…").waitFor();
      const gone = page.getByTestId("gone");
      await gone.getByText("The sandbox does not respond. This page continues as soon as it is back.").waitFor();
      expect(await gone.isVisible()).toBe(true);
      await page.getByTestId("clock-freeze").click();
      expect(await page.getByTestId("payment-row").count()).toBe(1);
      await using second = await createSandbox();
      await second.listen({ port: Number(new URL(url).port) });
      await page.getByTestId("no-payments").waitFor({ timeout: 15_000 });
      await expect.poll(() => connection.textContent()).toBe("");
      expect(await gone.textContent()).toBe("");
      await createPayment(second);
      await page.getByTestId("payment-row").waitFor();
    }));

  test("reconnects after an error response from a proxy", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      await page.route("**/_sandbox/events?**", (route) => route.fulfill({ status: 502 }), { times: 1 });
      await page.goto(`/?world=${world.processingAccountId}`);
      await page.getByTestId("connection").getByText("Reconnecting…").waitFor();
      await expect.poll(() => page.getByTestId("connection").textContent()).toBe("");
      expect(await page.getByTestId("gone").textContent()).toBe("");
      await pay(world);
      await page.getByTestId("payment-row").waitFor();
    }));

  test("shows the error of a form until the page is reloaded, and does not send the form again", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      await page.goto(`/?world=${world.processingAccountId}`);
      await page.getByTestId("advance-by").fill("tomorrow");
      await page.getByTestId("advance").click();
      await page.getByTestId("problem").waitFor();
      expect(await page.getByRole("alert").textContent()).toContain('The duration is "tomorrow"; expected 30m, 1h30m');
      expect(new URL(page.url()).pathname).toBe("/");
      await pay(world);
      await page.getByTestId("payment-row").waitFor();
      expect(await page.getByTestId("problem").count()).toBe(1);
      await page.reload();
      expect(await page.getByTestId("problem").count()).toBe(0);
    }));

  test("copies without the clipboard API, as over plain http", () =>
    stage.inPage(desktop, async (page) => {
      await page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
      await page.goto("/");
      await page.getByTestId("connect").click();
      await page.getByTestId("copy-kid").click();
      await page.getByTestId("dialog-announcement").getByText("Copied.").waitFor({ state: "attached" });
      await page.getByTestId("dialog-close").click();
      await page.getByTestId("search").press("ControlOrMeta+V");
      expect(await page.getByTestId("search").inputValue()).toBe(stage.sandbox.credentials.kid);
      expect(await page.locator("textarea").count()).toBe(0);
    }));

  test("shows a tick on the button for two seconds after copying", () =>
    stage.inPage(copying, async (page) => {
      await using world = await stage.world();
      const id = await pay(world);
      await page.goto(`/inspector/payments/${id}`);
      const button = page.getByTestId("copy-id");
      const shown = () => button.locator("path").evaluateAll((paths) => paths.map((path) => path.checkVisibility()));
      expect(await shown()).toEqual([true, false]);
      await button.click();
      await expect.poll(shown).toEqual([false, true]);
      await page.getByTestId("announcement").getByText("Copied.").waitFor({ state: "attached" });
      await expect.poll(shown).toEqual([true, false]);
    }));

  test("finds a world by a part of its name or id, and shows it at once, by keyboard alone", () =>
    stage.inPage(desktop, async (page) => {
      await using first = await stage.world({ settings: { merchantName: "Harbour Coffee" } });
      await using second = await stage.world({ settings: { merchantName: "Harbour Coffee" } });
      await using third = await stage.world({ settings: { merchantName: "Peak Books" } });
      await pay(second);
      await page.goto(`/inspector/requests?world=${first.processingAccountId}`);
      await page.getByTestId("world").press("Enter");
      const search = page.getByTestId("world-search");
      await expect.poll(() => search.evaluate((one) => one.matches(":focus"))).toBe(true);
      const choices = () =>
        page
          .getByTestId("world-choice")
          .evaluateAll((links) =>
            links.filter((link) => link.checkVisibility()).map((link) => new URL(link.href).searchParams.get("world")),
          );
      await page.keyboard.type("PEAK b");
      expect(await choices()).toEqual([third.processingAccountId]);
      await search.fill("no such world");
      expect([await choices(), await page.getByTestId("no-world").isVisible()]).toEqual([[], true]);
      await search.fill("harbour");
      expect(await choices()).toEqual([second.processingAccountId]);
      // An update of the page keeps the selection.
      await pay(first);
      await page.getByTestId("world-counts").getByText("1 payment, 1 pending").first().waitFor();
      expect(await choices()).toEqual([second.processingAccountId]);
      await search.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/inspector/requests?world=${second.processingAccountId}`);
      expect(await page.getByTestId("world").textContent()).toContain(second.processingAccountId.slice(-6));
      await page.getByTestId("world").press("Enter");
      await search.press("Escape");
      expect(await search.isVisible()).toBe(false);
      expect(await page.evaluate("document.activeElement.dataset.testid")).toBe("world");
      await search.evaluate((one) => one.form.closest("details").setAttribute("open", ""));
      await search.fill(first.processingAccountId);
      await search.press("Enter");
      await page.waitForURL(`**/inspector/requests?world=${first.processingAccountId}`);
    }));

  test("shows the keys in a dialog, which the keyboard opens and closes, and hides the secret ones", () =>
    stage.inPage(copying, async (page) => {
      await using world = await stage.world();
      const { kid, hmacKey, processingAccountId } = world.credentials;
      await page.goto(`/?world=${processingAccountId}`);
      expect(await page.content()).not.toContain(hmacKey);
      await page.getByTestId("connect").press("Enter");
      const dialog = page.getByTestId("dialog");
      await dialog.getByText(kid, { exact: true }).waitFor();
      const key = dialog.getByText(hmacKey, { exact: true });
      expect([await key.isVisible(), await page.locator("dialog:modal").count()]).toEqual([false, 1]);
      await page.getByTestId("copy-hmac-key").press("Enter");
      await page.getByTestId("dialog-announcement").getByText("Copied.").waitFor({ state: "attached" });
      expect(await page.evaluate("navigator.clipboard.readText()")).toBe(hmacKey);
      await page.getByTestId("reveal-hmac-key").press("Enter");
      expect(await key.isVisible()).toBe(true);
      // An update of the page keeps the dialog.
      await pay(world);
      await page.getByTestId("payment-row").waitFor();
      expect(await key.isVisible()).toBe(true);
      await page.keyboard.press("Escape");
      expect(await dialog.isVisible()).toBe(false);
      expect(await page.evaluate("document.activeElement.dataset.testid")).toBe("connect");
      expect(new URL(page.url()).pathname).toBe("/");
    }));

  test("shows the same instants in Hong Kong time and in UTC, the clocks of the script too", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world({ clock: "2026-01-05T17:30:00Z" });
      const id = await pay(world);
      await page.goto(`/inspector/payments/${id}`);
      const shown = () =>
        Promise.all(["bar-clock", "clock", "line"].map((testid) => page.getByTestId(testid).first().textContent()));
      expect(await shown()).toEqual([
        "2026-01-06 01:30:00",
        "2026-01-06 01:30:00",
        expect.stringMatching(/2026-01-06\s+01:30:00\.000/),
      ]);
      await page.getByTestId("advance-by").fill("half typed");
      await page.getByTestId("zone-utc").click();
      await page.getByTestId("timeline").getByText("17:30:00.000").first().waitFor();
      expect(await shown()).toEqual([
        "2026-01-05 17:30:00",
        "2026-01-05 17:30:00",
        expect.stringMatching(/2026-01-05\s+17:30:00\.000/),
      ]);
      expect(await page.getByTestId("advance-by").inputValue()).toBe("half typed");
      await world.clock.advance("PT1M");
      await page.getByTestId("bar-clock").getByText("2026-01-05 17:31:00").waitFor();
      await world.clock.run();
      await page
        .getByTestId("bar-clock")
        .getByText(/^2026-01-05 17:31:0[1-9]$/)
        .waitFor();
      await page.getByTestId("zone-hkt").click();
      await page.getByTestId("timeline").getByText("01:30:00.000").first().waitFor();
      const clock = page.getByTestId("clock");
      const before = await clock.textContent();
      await expect.poll(() => clock.textContent()).not.toBe(before);
      expect(await clock.textContent()).toMatch(/^2026-01-06 01:31:\d\d$/);
    }));

  test("shows only changes of its own world", () =>
    stage.inPage(desktop, async (page) => {
      await using world = await stage.world();
      await using other = await stage.world();
      await page.goto(`/?world=${world.processingAccountId}`);
      await pay(other);
      await pay(world, { amount: 5 });
      await page.getByTestId("payment-row").waitFor();
      expect(await page.getByTestId("payment-row").allTextContents()).toEqual([expect.stringContaining("HK$5.00")]);
    }));
});

describe.skipIf(findChromium() === undefined)("with an admin token, a browser", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ adminToken: "open-sesame", clock: "2026-01-05T09:00:00Z" });
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test.each([true, false])("signs in, acts, and signs out; with script: %s", (javaScriptEnabled) =>
    stage.inPage({ ...desktop, javaScriptEnabled }, async (page) => {
      const id = await pay(stage.sandbox);
      await page.goto(`/inspector/payments/${id}`);
      await page.getByTestId("token").fill("sesame");
      await page.getByTestId("sign-in").click();
      expect(await page.getByTestId("problem").textContent()).toBe("This is not the admin token.");
      expect(await page.getByTestId("token").inputValue()).toBe("");
      await page.getByTestId("token").fill("open-sesame");
      await page.getByTestId("token").press("Enter");
      await page.getByTestId("payment").waitFor();
      expect(await page.context().cookies()).toMatchObject([{ httpOnly: true, sameSite: "Strict", secure: false }]);
      if (javaScriptEnabled) {
        await post(stage.sandbox, `/_sandbox/payments/${id}/actions`, { action: "scan" });
        await page.getByText("has opened the wallet").waitFor();
      }
      await page.getByTestId("why-pay").click();
      await page.locator("[data-status=captured]").waitFor();
      await page.getByTestId("sign-out").click();
      await page.getByTestId("token").waitFor();
      await page.goto(`/inspector/payments/${id}`);
      expect(await page.getByTestId("token").count()).toBe(1);
    }),
  );

  test("is asked to sign in as soon as its session has ended", () =>
    stage.inPage(desktop, async (page) => {
      await page.goto("/");
      await page.getByTestId("token").fill("open-sesame");
      await page.getByTestId("sign-in").click();
      await page.getByTestId("clock").waitFor();
      await page.context().clearCookies();
      await pay(stage.sandbox);
      await page.getByTestId("token").waitFor();
    }));
});
