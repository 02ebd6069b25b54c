import qrReader from "jsqr";
import type { Locator, Page } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox } from "../../src/index.ts";
import { findChromium } from "../support/chromium.ts";
import { createPayment } from "../support/merchant.ts";
import { atNine, desktop, openStage, phone, rootOf, type Stage } from "./stage.ts";

/** Returns the text of a QR code. */
async function read(code: Locator): Promise<string | undefined> {
  const { data, width, height } = PNG.sync.read(await code.screenshot());
  return qrReader.default(new Uint8ClampedArray(data), width, height)?.data;
}

const patient = { timeout: 10_000 };

const statusOf = (page: Page) => page.getByTestId("status").textContent();
const stateOf = (page: Page, step: string) => page.locator(`[data-step=${step}]`).getAttribute("data-state");
const timeLeft = (page: Page) => page.getByTestId("expiry").getByRole("timer");

/** Waits for a number of periods of a timer like the page's countdown. */
async function waitForTicks(page: Page, rounds: number): Promise<void> {
  await page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        let rounds = 0;
        setInterval(() => ++rounds === wanted && resolve(), 250);
      }),
    rounds,
  );
}

describe.skipIf(findChromium() === undefined)("a page that is open", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test.each(["light", "dark"] as const)("has a QR code that can be read at 200 pixels, in %s", async (colorScheme) => {
    const payment = await stage.pay();
    await stage.inPage({ ...desktop, colorScheme }, async (page) => {
      await page.goto(payment.pay);
      const code = page.getByTestId("qr");
      await code.evaluate((element) => {
        element.style.width = "200px";
      });
      expect((await code.boundingBox())?.width).toBe(200);
      expect(await read(code)).toBe(payment.wallet);
    });
  });

  test("shows the scan without losing the focus, and then the payment", async () => {
    await using world = await stage.world();
    const payment = await stage.pay("qr_link", { world });
    await stage.inPage(desktop, async (page) => {
      await page.goto(payment.pay);
      expect(await statusOf(page)).toBe("Your phone cannot reach this sandbox.");
      expect(await stateOf(page, "scan")).toBe("now");
      await page.getByTestId("open-wallet").focus();

      await world.payments.act(payment.id, "scan");
      await page.getByText("Scanned. Confirm on your phone.").waitFor();
      expect([await stateOf(page, "scan"), await stateOf(page, "confirm")]).toEqual(["done", "now"]);
      expect(await page.locator("[aria-current=step]").getAttribute("data-step")).toBe("confirm");
      expect(await rootOf(page).evaluate((root) => root.ownerDocument.activeElement.dataset.testid)).toBe(
        "open-wallet",
      );

      await world.payments.act(payment.id, "pay");
      await page.getByTestId("back-to-merchant").waitFor();
      expect(await statusOf(page)).toBe("Paid");
      expect([await stateOf(page, "confirm"), await stateOf(page, "back")]).toEqual(["done", "now"]);
    });
  });

  test("shows the scan automatically, also without script", async () => {
    const payment = await stage.pay();
    await stage.inPage({ ...desktop, javaScriptEnabled: false }, async (page) => {
      await page.goto(payment.pay);
      await stage.sandbox.payments.act(payment.id, "scan");
      await page.getByText("Scanned. Confirm on your phone.").waitFor();
    });
  });

  const pages = [
    ["the QR page", "qr_link"],
    ["the wallet", "mobile_redirect"],
  ] as const;

  test.each(pages)("counts down by the world's clock: %s", async (_, flowType) => {
    await using world = await stage.world();
    const payment = await stage.pay(flowType, { world });
    await stage.inPage(desktop, async (page) => {
      await page.goto(payment.pay);
      const first = await timeLeft(page).textContent();
      expect(first).toMatch(/^(30:00|29:\d\d)$/);
      await expect.poll(() => timeLeft(page).textContent(), patient).not.toBe(first);
      expect(await page.getByText("The sandbox's clock is frozen.").isVisible()).toBe(false);
    });
  });

  test.each(pages)("does not count down while the world's clock is frozen, and says so: %s", async (_, flowType) => {
    await using world = await stage.world(atNine);
    const payment = await stage.pay(flowType, { world });
    await stage.inPage(desktop, async (page) => {
      await page.goto(payment.pay);
      await waitForTicks(page, 6);
      expect(await timeLeft(page).textContent()).toBe("30:00");
      expect(await page.getByText("The sandbox's clock is frozen.").isVisible()).toBe(true);

      await world.clock.advance("PT10M");
      await expect.poll(() => timeLeft(page).textContent(), patient).toBe("20:00");
      await world.clock.run();
      await expect.poll(() => timeLeft(page).textContent(), patient).toMatch(/^19:5\d$/);
      expect(await page.getByText("The sandbox's clock is frozen.").isVisible()).toBe(false);
    });
  });

  test.each(pages)("shows that the time has run out: %s", async (_, flowType) => {
    await using world = await stage.world(atNine);
    const payment = await stage.pay(flowType, { world });
    await stage.inPage(desktop, async (page) => {
      await page.goto(payment.pay);
      await world.clock.advance("PT30M");
      await page.getByText("You did not pay in time.").waitFor();
      expect(await page.getByTestId("status").getAttribute("data-status")).toBe("aborted");
    });
  });

  test.each(pages)("warns in the last minute, and not before: %s", async (_, flowType) => {
    await using world = await stage.world(atNine);
    const payment = await stage.pay(flowType, { world });
    await stage.inPage(desktop, async (page) => {
      await page.goto(payment.pay);
      const warning = page.getByTestId("expiry").getByRole("status");
      await world.clock.advance("PT28M59S");
      await expect.poll(() => timeLeft(page).textContent(), patient).toBe("1:01");
      expect(await warning.textContent()).toBe("");
      await world.clock.advance("PT1S");
      await expect.poll(() => warning.textContent(), patient).toBe("Less than a minute left.");
      await world.clock.advance("PT1M");
      await page.getByText("You did not pay in time.").waitFor();
    });
  });

  test.each(pages)("says that the sandbox is gone, and continues when it is back: %s", async (_, flowType) => {
    await using world = await stage.world();
    const payment = await stage.pay(flowType, { world });
    await stage.inPage(desktop, async (page, context) => {
      await page.goto(payment.pay);
      const notice = page.getByTestId("gone");
      expect(await notice.textContent()).toBe("");
      await context.setOffline(true);
      // Ends the request that is held.
      await world.payments.act(payment.id, "scan");
      await page.getByText("The sandbox does not respond.").waitFor();
      await context.setOffline(false);
      await expect.poll(() => notice.textContent(), patient).toBe("");
      await world.payments.act(payment.id, "pay");
      await page.getByTestId("back-to-merchant").waitFor();
    });
  });

  test("says so when the sandbox has ended, and shows a way on when another one has started", async () => {
    const first = await createSandbox();
    const { port } = new URL(await first.listen());
    const { nextStep } = await createPayment(first);
    await stage.inPage(desktop, async (page) => {
      await page.goto(nextStep.redirect.url);
      await first.close();
      await page.getByText("The sandbox does not respond.").waitFor();
      await using second = await createSandbox();
      await second.listen({ port: Number(port) });
      await page.getByText("No payment has this address.").waitFor();
      expect(await page.getByTestId("to-inspector").isVisible()).toBe(true);
    });
  });

  test("counts down to the return, except after the Back button", async () => {
    await using world = await stage.world({ settings: { returnDelayMs: 3000, merchantName: "Harbour Coffee" } });
    const payment = await stage.pay("mobile_redirect", { world });
    await stage.inPage(desktop, async (page) => {
      await page.goto(payment.pay);
      await page.getByTestId("pay").click();
      const sentence = page.getByText(/^Returning to Harbour Coffee in \d…$/);
      const seen = new Set([await sentence.textContent()]);
      await page.getByText("Returning to Harbour Coffee in 1…").waitFor();
      seen.add(await sentence.textContent());
      expect(seen.size).toBe(2);
      await page.getByTestId("merchant-site").waitFor();
      await page.goBack();
      await page.getByTestId("back-to-merchant").waitFor();
      expect(await sentence.count()).toBe(0);
    });
  });

  test.each([
    ["pay", []],
    ["cancel", ["confirm"]],
    ["expire", ["confirm"]],
    ["decline", ["confirm"]],
    ["fail", ["confirm"]],
  ] as const)("after %s is red only at the steps %j", async (act, steps) => {
    await using world = await stage.world();
    const payment = await stage.pay("qr_link", { world });
    await world.payments.act(payment.id, "scan");
    await world.payments.act(payment.id, act);
    await stage.inPage(desktop, async (page) => {
      await page.goto(`${payment.pay}?view=qr`);
      const red = await page
        .locator("[data-step]")
        .evaluateAll((all) =>
          all
            .filter(
              (one) =>
                one.ownerDocument.defaultView.getComputedStyle(one, "::before").backgroundColor === "rgb(179, 38, 30)",
            )
            .map((one) => one.dataset.step),
        );
      expect(red).toEqual(steps);
    });
  });

  test("shows in a second tab that the first has paid", async () => {
    await using world = await stage.world();
    const payment = await stage.pay("mobile_redirect", { world });
    await stage.inPage(phone, async (first, context) => {
      const second = await context.newPage();
      await Promise.all([first.goto(payment.pay), second.goto(payment.pay)]);
      await first.getByTestId("pay").click();
      await second.getByTestId("back-to-merchant").waitFor();
      expect(await statusOf(second)).toBe("Paid");
    });
  });

  test.each([true, false])(
    "shows the current status after a click if the payment was paid elsewhere, with script: %s",
    async (script) => {
      await using world = await stage.world();
      const payment = await stage.pay("mobile_redirect", { world });
      await stage.inPage({ ...phone, javaScriptEnabled: script }, async (page) => {
        // Blocks the page's own status request, so that the click comes first.
        await page.route("**/status", () => undefined);
        await page.goto(payment.pay);
        await world.payments.act(payment.id, "pay");
        await page.getByTestId("cancel").click();
        expect(await statusOf(page)).toBe("Paid");
        expect((await world.payments.get(payment.id)).status).toBe("captured");
      });
    },
  );

  test.each([true, false])(
    "treats a double click as one click, and a reload changes nothing, with script: %s",
    async (script) => {
      await using world = await stage.world();
      const payment = await stage.pay("mobile_redirect", { world });
      await stage.inPage({ ...phone, javaScriptEnabled: script }, async (page) => {
        await page.goto(payment.pay);
        await page.getByTestId("pay").dblclick();
        await page.getByTestId("back-to-merchant").waitFor();
        const reloaded = await page.reload();
        expect(reloaded?.request().method()).toBe("GET");
        expect(await statusOf(page)).toBe("Paid");
        const { status, ledger } = await world.payments.get(payment.id);
        expect([status, ledger.length]).toEqual(["captured", 1]);
      });
    },
  );

  test("does not leave for the merchant again after the Back button", async () => {
    const payment = await stage.pay("mobile_redirect");
    await stage.inPage(phone, async (page) => {
      await page.goto(payment.pay);
      await page.getByTestId("pay").click();
      await page.getByTestId("merchant-site").waitFor();
      await page.goBack();
      expect(await statusOf(page)).toBe("Paid");
      expect(await page.getByTestId("pay").count()).toBe(0);
      await page.getByTestId("back-to-merchant").click();
      await page.getByTestId("merchant-site").waitFor();
    });
  });
});
