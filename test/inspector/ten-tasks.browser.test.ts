import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signRequest, type WorldHandle } from "../../src/index.ts";
import { findChromium } from "../support/chromium.ts";
import { paymentRequest } from "../support/merchant.ts";
import { desktop, openStage, pay, type Stage } from "./stage.ts";

const publicUrl = "http://192.168.1.20:8852";
const clicksMax = 2;
const manyPayments = 500;
/** More elements than a page has on the way to a control. */
const tabsMax = 120;

/** How a person uses a control: the pointer or the keyboard. */
type Hand = (page: Page, control: Locator) => Promise<void>;

const hands: Readonly<Record<string, Hand>> = {
  "the mouse": (_, control) => control.click(),
  "the keyboard": async (page, control) => {
    const isFocused = () => control.evaluate((element) => element === element.ownerDocument.activeElement);
    for (let tabs = 0; !(await isFocused()); tabs += 1) {
      if (tabs > tabsMax) throw new Error(`Tab does not reach ${control}`);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
  },
};

/** A task, from the list of payments of a world. */
interface Task {
  /** Makes what the task is about. */
  readonly prepare?: (world: WorldHandle) => Promise<unknown>;
  /** Text that is typed into the search before the first click. */
  readonly typed?: string;
  /** The `data-testid` of each clicked control. Of several elements it is the first. */
  readonly clicks: readonly string[];
  readonly see: (page: Page, world: WorldHandle) => Promise<unknown>;
  readonly be: unknown;
}

const textOf = (testid: string) => (page: Page) => page.getByTestId(testid).first().textContent();
const clipboard = (page: Page) => page.evaluate("navigator.clipboard.readText()");

const tasks: Readonly<Record<string, Task>> = {
  "why is a payment pending": {
    prepare: pay,
    clicks: ["payment-row"],
    see: textOf("finding"),
    be: expect.stringContaining("payer"),
  },
  "why was a call answered with 401": {
    prepare: (world) => {
      const { kid, privateKey } = world.credentials;
      const signature = signRequest({ method: "GET", target: "/v1/payments", kid, privateKey });
      return world.fetch("/v1/payments?limit=5", { headers: { "X-Signature": signature } });
    },
    clicks: [],
    see: textOf("diagnosis"),
    be: expect.stringContaining("the query string is missing"),
  },
  "resend a webhook, and see the response with its headers": {
    prepare: async (world) => {
      await world.payments.act(await pay(world), "pay");
      await world.settle();
    },
    clicks: ["payment-row", "why-resend"],
    see: (page) => page.locator("li:target").getByTestId("answered-text").textContent(),
    be: expect.stringMatching(/^503\n.*^x-request-id: 7$/ms),
  },
  "decline the next payment": {
    clicks: ["scenario-frequent"],
    see: textOf("queue"),
    be: expect.stringContaining("declined"),
  },
  "half an hour later": {
    clicks: ["advance-30-min"],
    see: textOf("clock"),
    be: "2026-01-05 17:30:00",
  },
  [`find one of ${manyPayments} payments`]: {
    prepare: async (world) => {
      const request = paymentRequest({ account: world.processingAccountId });
      for (let made = 0; made < manyPayments; made += 1)
        await world.request("POST", "/v1/payments", { ...request, merchantReference: `order-${made}-end` });
    },
    typed: "order-250-",
    clicks: ["payment-row"],
    see: textOf("reference"),
    be: "order-250-end",
  },
  "copy a call as curl": {
    prepare: pay,
    clicks: ["call-open", "copy-curl"],
    see: clipboard,
    be: expect.stringMatching(/^curl -X POST 'http/),
  },
  "share a payment": {
    prepare: pay,
    clicks: ["payment-row", "copy-link"],
    see: clipboard,
    be: expect.stringMatching(/^http:\/\/[^/]+\/inspector\/payments\/\w{27}/),
  },
  "begin a demo on a phone": {
    prepare: pay,
    clicks: ["phone-shop-open"],
    see: (page) => page.getByTestId("phone-shop-link").isVisible(),
    be: true,
  },
  "switch to another world": {
    prepare: pay,
    clicks: ["world", "world-choice"],
    see: async (page, world) =>
      (await page.getByTestId("world").textContent())?.includes(world.processingAccountId.slice(-6)),
    be: false,
  },
};

describe.skipIf(findChromium() === undefined)("from the list of payments, at most two clicks are needed to", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ publicUrl, demo: true, adminToken: "none", auth: "verify" });
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  const rows = Object.entries(tasks).flatMap(([name, task]) =>
    Object.keys(hands).map((hand) => [name, hand, task] as const),
  );

  test.each(rows)("%s, with %s", async (_, hand, { prepare, typed, clicks, see, be }) => {
    const use = hands[hand] as Hand;
    expect(clicks.length).toBeLessThanOrEqual(clicksMax);
    const answer = () => new Response("busy", { status: 503, headers: { "X-Request-Id": "7" } });
    await using world = await stage.world({ webhook: async () => answer() });
    await prepare?.(world);
    await stage.inPage({ ...desktop, permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      await page.goto(`/?world=${world.processingAccountId}`);
      if (typed !== undefined) {
        await page.getByTestId("search").pressSequentially(typed);
        await expect.poll(() => page.getByTestId("payment-row").count()).toBe(1);
      }
      for (const testid of clicks) await use(page, page.getByTestId(testid).first());
      await expect.poll(() => see(page, world)).toEqual(be);
    });
  });
});
