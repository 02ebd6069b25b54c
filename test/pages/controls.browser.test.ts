import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorldHandle } from "../../src/index.ts";
import { findChromium } from "../support/chromium.ts";
import { isFull } from "../support/scope.ts";
import { controlsOf, desktop, openStage, phone, type Stage, type StagedPayment } from "./stage.ts";

/** Effect of a control: the state of the payment, and the page that the browser ends on. */
interface Effect {
  readonly status: string;
  readonly reason?: string;
  readonly wallet?: string;
  /** Final page. For the merchant's site it is the request received, without `/back?order=1`. */
  readonly at: string;
}

/** A page and its controls. The test fails for a control without a row and for a row without a control. */
interface Scene {
  readonly open: (stage: Stage, world: WorldHandle) => Promise<{ payment: StagedPayment; url: string }>;
  /** Whether the browser stays on the result. Only for scenes about the result itself. */
  readonly stays?: true;
  readonly rows: Readonly<Record<string, Effect>>;
}

const pendingState = { status: "pending", reason: "required_next_step" } as const;
const cancelled = { status: "aborted", reason: "cancelled_by_consumer" } as const;
const declined = (reason = "payment_declined") => ({ status: "declined", reason });

const languageRows = (state: Omit<Effect, "at">) => ({
  "language-en": { ...state, at: "in en" },
  "language-zh-HK": { ...state, at: "in zh-HK" },
  "language-zh-CN": { ...state, at: "in zh-CN" },
});

/** Rows of the wallet's controls. @param afterAct final page of an act: the merchant's site or the result. */
function walletRows(afterAct: "GET" | "result", afterPost: "POST" | "result" = afterAct === "GET" ? "POST" : "result") {
  const wallet = "hong_kong";
  const afterLie = afterAct === "GET" ? "GET &status=captured&amount=200" : "result";
  return {
    pay: { status: "captured", wallet, at: afterAct },
    cancel: { ...cancelled, wallet, at: afterAct },
    decline: { ...declined(), wallet, at: afterAct },
    "decline-insufficient_funds": { ...declined("insufficient_funds"), wallet, at: afterAct },
    "decline-limit_exceeded": { ...declined("limit_exceeded"), wallet, at: afterAct },
    "decline-risk_rejected": { ...declined("risk_rejected"), wallet, at: afterAct },
    "decline-payment_declined": { ...declined(), wallet, at: afterAct },
    expire: { status: "aborted", reason: "expired", wallet, at: afterAct },
    fail: { status: "failed", reason: "processing_error", wallet, at: afterAct },
    "pay-never-returns": { status: "captured", wallet, at: "result without a way back" },
    "pay-return-by-post": { status: "captured", wallet, at: afterPost },
    "lying-return": { ...declined(), wallet, at: afterLie },
    "wallet-hong-kong": { status: "captured", wallet, at: afterAct },
    "wallet-mainland": { status: "captured", wallet: "mainland", at: afterAct },
    "other-outcomes": { ...pendingState, at: "wallet with open drawer" },
    ...languageRows(pendingState),
  };
}

type ActArguments = Parameters<WorldHandle["payments"]["act"]>;

/** A result page that the browser stays on, with a link or button to the merchant. */
function resultScene(
  place: "pay" | "wallet",
  at: string,
  after: ActArguments[1],
  details: ActArguments[2],
  state: Omit<Effect, "at">,
): Scene {
  return {
    stays: true,
    open: async (stage, world) => {
      const payment = await stage.pay("qr_link", { world });
      await world.payments.act(payment.id, after, details);
      return { payment, url: place === "pay" ? `${payment.pay}?view=qr` : `${payment.wallet}?tab=same` };
    },
    rows: {
      "back-to-merchant": { ...state, at },
      stay: { ...state, at: "result that stays" },
      ...languageRows(state),
    },
  };
}

const paid = { status: "captured" } as const;

const scenes: Readonly<Record<string, Scene>> = {
  "the QR page": {
    open: async (stage, world) => {
      const payment = await stage.pay("qr_link", { world });
      return { payment, url: `${payment.pay}?view=qr` };
    },
    rows: {
      "open-wallet": { ...pendingState, at: "wallet beside the code" },
      "use-phone": { ...pendingState, at: "command for phones" },
      cancel: { ...cancelled, at: "GET" },
      ...languageRows(pendingState),
    },
  },
  "the wallet beside the QR code": {
    open: async (stage, world) => {
      const payment = await stage.pay("qr_link", { world });
      return { payment, url: `${payment.pay}?view=qr&wallet=here` };
    },
    rows: walletRows("GET"),
  },
  "the wallet of mobile_redirect": {
    open: async (stage, world) => {
      const payment = await stage.pay("mobile_redirect", { world });
      return { payment, url: payment.pay };
    },
    rows: walletRows("GET"),
  },
  "the wallet on another device": {
    open: async (stage, world) => {
      const payment = await stage.pay("qr_link", { world });
      return { payment, url: payment.wallet };
    },
    rows: walletRows("result"),
  },
  "the result before the code": resultScene("pay", "GET", "pay", undefined, paid),
  "the result in the wallet": resultScene("wallet", "GET", "cancel", undefined, cancelled),
  "the result that goes back by POST": resultScene("wallet", "POST", "pay", { return: "by_post" }, paid),
  "the result that lies": resultScene(
    "pay",
    "GET &status=captured&amount=200",
    "decline",
    { return: "lying" },
    declined(),
  ),
  "the result without a way back": {
    open: async (stage, world) => {
      const payment = await stage.pay("mobile_redirect", { world });
      await world.payments.act(payment.id, "pay", { return: "never" });
      return { payment, url: payment.pay };
    },
    rows: languageRows(paid),
  },
  "the page for an unknown address": {
    open: async (stage, world) => {
      const payment = await stage.pay("mobile_redirect", { world });
      return { payment, url: `${payment.pay}x` };
    },
    rows: { "to-inspector": { ...pendingState, at: "inspector" }, ...languageRows(pendingState) },
  },
};

/** Screen size, and whether JavaScript is enabled. */
type Setup = readonly [typeof desktop, boolean];
const defaultSetups: readonly Setup[] = [
  [desktop, true],
  [phone, false],
];
const allSetups: readonly Setup[] = isFull ? [...defaultSetups, [desktop, false], [phone, true]] : defaultSetups;
/** Setups of pages that do not use the default. The last two pages have the same controls as the wallet. */
const setups: Readonly<Record<string, readonly Setup[]>> = {
  "the QR page": allSetups,
  "the wallet of mobile_redirect": allSetups,
  "the wallet beside the QR code": [[desktop, true]],
  "the wallet on another device": [[phone, false]],
};

/** Uses a control: by touch on a phone, by keyboard on a computer. */
async function press(page: Page, control: string, touch: boolean): Promise<void> {
  const one = page.getByTestId(control);
  if (!(await one.isVisible())) await press(page, "other-outcomes", touch);
  if (touch) return one.tap();
  await one.focus();
  await page.keyboard.press(control.startsWith("wallet-") ? "Space" : "Enter");
}

/** Waits for the final page that a row names. @returns the page that the browser shows. */
async function place(page: Page, payment: StagedPayment, wanted: string): Promise<string> {
  const shown = (id: string) => page.getByTestId(id).first();
  if (/^(GET|POST)/.test(wanted)) {
    const said = (await shown("merchant-site").textContent()) ?? "";
    const { pathname, search } = new URL(payment.returnUrl);
    return said.replace(pathname + search, "").trim();
  }
  if (wanted.startsWith("in ")) {
    const language = wanted.slice(3);
    await page.locator(`html[lang="${language}"]`).waitFor();
    return `in ${await page.locator("html").getAttribute("lang")}`;
  }
  const marks: Record<string, string> = {
    "result without a way back": "[data-testid=never-returns]",
    "result that stays": "main:has([data-testid=back-to-merchant]):not(:has([data-testid=stay]))",
    "result with a button": "main form [data-testid=back-to-merchant]",
    result: "head:not(:has([http-equiv=refresh])) + body:not(:has([data-leave-after])) [data-testid=back-to-merchant]",
    "wallet beside the code": "main:has([data-testid=qr]):has([data-testid=pay])",
    inspector: "[data-testid=nav-payments]",
    "command for phones": "details[open] [data-testid=phone-command]",
    "wallet with open drawer": "details[open] [data-testid=fail]",
  };
  await page.locator(marks[wanted] ?? "nothing").waitFor();
  return wanted;
}

/** Uses controls of a new page, one after another. @returns the effect of each. */
async function effectsOf(
  stage: Stage,
  world: WorldHandle,
  page: Page,
  scene: Scene,
  controls: string[],
  touch: boolean,
) {
  const { payment, url } = await scene.open(stage, world);
  await page.goto(url);
  const effects: Record<string, object> = {};
  for (const control of controls) {
    await press(page, control, touch);
    if (control.startsWith("wallet-")) await press(page, "pay", touch);
    const at = await place(page, payment, scene.rows[control]?.at ?? "").catch(() => page.url());
    const { status, reason, wallet } = await world.payments.get(payment.id);
    effects[control] = { status, ...(reason && { reason: reason.code }), ...(wallet && { wallet }), at };
  }
  return effects;
}

/** Groups controls by visit: the language controls share one page, each other control gets a new page. */
function visits(controls: readonly string[]): string[][] {
  const languages = controls.filter((control) => control.startsWith("language-")).reverse();
  return [languages, ...controls.filter((control) => !languages.includes(control)).map((control) => [control])];
}

/** Without JavaScript the form is not submitted automatically: the page shows a button. */
function withoutScript(scene: Scene): Scene {
  const row = scene.rows["pay-return-by-post"];
  if (row?.at !== "POST") return scene;
  return { ...scene, rows: { ...scene.rows, "pay-return-by-post": { ...row, at: "result with a button" } } };
}

describe.skipIf(findChromium() === undefined)("every control of every page", () => {
  let stage: Stage;
  let slow: WorldHandle;
  beforeAll(async () => {
    stage = await openStage();
    slow = await stage.world();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const runs = Object.keys(scenes).flatMap((name) =>
    (setups[name] ?? defaultSetups).map(
      ([size, script]) => [name, size === phone ? "a phone" : "a computer", script, size] as const,
    ),
  );

  test.each(runs)("%s, on %s, with script: %s", async (name, _, javaScriptEnabled, size) => {
    const found = scenes[name] as Scene;
    const scene = javaScriptEnabled ? found : withoutScript(found);
    const world = scene.stays ? slow : stage.sandbox;
    const effects: Record<string, object> = {};
    await stage.inPage({ ...size, javaScriptEnabled }, async (first, context) => {
      await first.goto((await scene.open(stage, world)).url);
      const controls = await controlsOf(first);
      expect(controls).toEqual(Object.keys(scene.rows).sort());
      const waiting = visits(controls);
      const work = async (page: Page) => {
        for (let pressed = waiting.pop(); pressed !== undefined; pressed = waiting.pop()) {
          Object.assign(effects, await effectsOf(stage, world, page, scene, pressed, size === phone));
        }
      };
      await Promise.all([work(first), work(await context.newPage())]);
    });
    expect(effects).toEqual(scene.rows);
  });
});
