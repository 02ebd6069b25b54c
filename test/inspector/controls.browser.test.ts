import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signRequest, type WorldHandle } from "../../src/index.ts";
import { findChromium } from "../support/chromium.ts";
import { get } from "../support/merchant.ts";
import { isFull } from "../support/scope.ts";
import { controlsOf, desktop, openStage, pay, phone, type Stage, use } from "./stage.ts";

interface Site {
  readonly page: Page;
  readonly world: WorldHandle;
  /** Id of the payment that the page shows. */
  readonly id: string;
}

/** How to use a control, and the effect to expect. */
interface Row {
  /** Values of fields to set first, by `data-testid`. */
  readonly fill?: Readonly<Record<string, string>>;
  /** Control to press in place of the row's own, for example the button of a field. `nothing` presses none. */
  readonly press?: string;
  readonly see: (site: Site) => Promise<unknown>;
  readonly be: unknown;
  /** Limits the row to pages with script, or to phones. */
  readonly only?: "script" | "phone";
  /** Whether the control changes nothing in the world, so that another row can follow. */
  readonly readOnly?: true;
}
type Rows = Readonly<Record<string, Row>>;

/** A page and its controls. The test fails for a control without a row and for a row without a control. */
interface Scene {
  /** Creates the records that the page shows. @returns the id of the payment that the page shows. */
  readonly prepare: (world: WorldHandle) => Promise<string>;
  readonly path: (id: string) => string;
  readonly rows: Rows;
}

const nothing = "nothing";
const demoAccount = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";
const path = ({ page }: Site) => Promise.resolve(new URL(page.url()).pathname);
const query = (name: string) => async (site: Site) => new URL(site.page.url()).searchParams.get(name) ?? "";
const payment = ({ world, id }: Site) => world.payments.get(id);
const status = async (site: Site) => (await payment(site)).status;
const firstRefund = async (site: Site) => (await payment(site)).refunds[0];
const attempts = async ({ world }: Site) => (await world.notifications.list()).data.at(-1)?.attempts.length;
const copied = ({ page }: Site) => page.evaluate("navigator.clipboard.readText()");
const focused = ({ page }: Site) => page.evaluate("document.activeElement.dataset.testid");
const opened = (testid: string) => async (site: Site) =>
  (await site.page.locator(`details[open] > [data-testid=${testid}]`).count()) > 0;

const leads = (to: unknown): Row => ({ see: path, be: to, readOnly: true });
const opens = (testid: string): Row => ({ see: opened(testid), be: true, readOnly: true });
const takesFocus = (testid: string): Row => ({ press: nothing, see: focused, be: testid, readOnly: true });
const copies = (pattern: RegExp): Row => ({
  see: copied,
  be: expect.stringMatching(pattern),
  only: "script",
  readOnly: true,
});
const shownTime = ({ page }: Site) => page.getByTestId("bar-clock").textContent();
const showsDemo: Row = {
  see: ({ page }) => page.getByTestId("world").textContent(),
  be: expect.stringContaining("2HdN…NYCvNH"),
  readOnly: true,
};
const showsAnotherWorld: Row = {
  see: async ({ page, world }) => {
    const { processingAccountId: id } = world;
    return (await page.getByTestId("world").textContent())?.includes(`${id.slice(0, 4)}…${id.slice(-6)}`);
  },
  be: false,
  readOnly: true,
};
const showsClock = (time: string): Row => ({ see: ({ world }) => world.clock.now(), be: `2026-01-05T${time}.000Z` });
const asks = (name: string, value: unknown): Row => ({ see: query(name), be: value, readOnly: true });
const filters = (name: string, value: string): Row => ({
  ...asks(name, value),
  fill: { [`filter-${name}`]: value },
  press: "search-go",
});
const endpoint = async ({ world }: Site) => (await world.settings()).webhookUrl;
const secondQueued = async ({ world }: Site) => (await world.scenarios.queue())[1];
const aPayment = /^\/inspector\/payments\/\w{27}$/;

async function paidAndNotified(world: WorldHandle): Promise<string> {
  const id = await pay(world, { returnUrl: `${world.credentials.baseUrl}/docs` });
  await world.payments.act(id, "pay");
  await world.settle();
  return id;
}

/** The id of the webhook of a paid payment. */
async function notified(world: WorldHandle): Promise<string> {
  await paidAndNotified(world);
  return (await world.notifications.list()).data[0]?.id ?? "";
}

const copiesWebhook = copies(/^curl -i 'http.*-H 'x-signature: ey.*--data-binary '\{"id":"/s);

const controlRows: Rows = {
  "unsigned-badge": asks("requests", "unsigned"),
  "wrong-badge": asks("requests", "wrong"),
  "clock-run": {
    see: async ({ world }) =>
      (await get(world, `/_sandbox/clock?processingAccountId=${world.processingAccountId}`)).body.mode,
    be: "running",
  },
  "advance-1-min": showsClock("09:01:00"),
  "advance-30-min": showsClock("09:30:00"),
  "advance-by": { ...showsClock("11:00:00"), fill: { "advance-by": "PT2H" }, press: "advance" },
  advance: { ...showsClock("09:00:05"), fill: { "advance-by": "PT5S" } },
  "queue-clear": { see: ({ world }) => world.scenarios.queue(), be: [] },
  "scenario-frequent": { see: secondQueued, be: { scenario: "declined", times: 1 } },
  "scenario-times": {
    fill: { "scenario-times": "7" },
    press: "scenario-frequent",
    see: secondQueued,
    be: { scenario: "declined", times: 7 },
  },
  "scenario-search": { ...takesFocus("scenario-search"), only: "script" },
  "scenario-group": opens("scenario-group"),
  scenario: { see: secondQueued, be: { scenario: "declined_insufficient_funds", times: 1 } },
  "endpoint-open": opens("endpoint-open"),
  "endpoint-url": {
    fill: { "endpoint-url": "http://localhost:9/other" },
    press: "endpoint-save",
    see: endpoint,
    be: "http://localhost:9/other",
  },
  "endpoint-save": { fill: { "endpoint-url": "" }, see: endpoint, be: undefined },
  "reset-open": opens("reset-open"),
  "reset-confirm": { see: async ({ world }) => (await world.payments.list()).data, be: [] },
  "to-rules": leads("/inspector/rules"),
  "docs-link": leads("/docs"),
  "shop-link": leads("/demo"),
};

const connectRows: Rows = {
  "copy-base-url": copies(/^http:\/\/127\.0\.0\.1:\d+$/),
  "copy-processing-account-id": copies(/^\w{27}$/),
  "copy-kid": copies(/^\w{27}$/),
  "copy-private-key": copies(/^"-----BEGIN PRIVATE KEY-----\\n/),
  "copy-hmac-key": copies(/^[\w-]{43}$/),
  "copy-all": copies(/^NOMUPAY_BASE_URL=.*\nNOMUPAY_PROCESSING_ACCOUNT_ID=/),
  "reveal-private-key": opens("reveal-private-key"),
  "reveal-hmac-key": opens("reveal-hmac-key"),
  "environment-open": opens("environment-open"),
  "environment-text": takesFocus("environment-text"),
  "connect-to-rules": leads("/inspector/rules"),
};

const listRows: Rows = {
  search: { ...asks("q", "order-1001"), fill: { search: "order-1001" }, press: "search-go" },
  "status-filter": { ...asks("status", "declined"), fill: { "status-filter": "declined" }, press: "search-go" },
  "search-go": { ...asks("q", "order"), fill: { search: "order" } },
  "keys-open": { see: ({ page }) => page.getByTestId("keys").isVisible(), be: true, readOnly: true },
  "filters-open": opens("filters-open"),
  "filter-only": filters("only", "refund_failed"),
  "filter-from": filters("from", "2026-01-05"),
  "filter-until": filters("until", "2026-01-05"),
  "filter-least": filters("least", "1"),
  "filter-most": filters("most", "999.5"),
  "payment-row": leads(expect.stringMatching(aPayment)),
  older: asks("cursor", expect.any(String)),
};

const callRows: Rows = {
  "call-open": opens("call-open"),
  "request-text": takesFocus("request-text"),
  "answer-text": takesFocus("answer-text"),
  "curl-text": takesFocus("curl-text"),
  "copy-curl": copies(/^curl -X POST 'http/),
  "to-doctor": leads("/inspector/doctor"),
  "copy-signed": copies(/^curl -X POST 'http.*\n {2}-H 'X-Signature: eyJ[\w-]+\.\.[\w-]+'/s),
};

/** The text of the sentence, after a form was sent. */
const diagnosis = ({ page }: Site) => page.getByTestId("doctor-sentence").textContent();

const doctorRows: Rows = {
  back: { ...leads("/"), only: "phone" },
  "doctor-command": leads("/inspector/requests/1/command"),
  "doctor-expected": takesFocus("doctor-expected"),
  "doctor-given": takesFocus("doctor-given"),
  "doctor-signature": takesFocus("doctor-signature"),
  "copy-given-signature": copies(/^eyJ[\w-]+\.\.[\w-]+$/),
  "doctor-signing-input-open": opens("doctor-signing-input-open"),
  "doctor-signing-input": takesFocus("doctor-signing-input"),
  "doctor-checks-open": opens("doctor-checks-open"),
  "doctor-sign": {
    see: ({ page }) => page.getByTestId("doctor-valid-signature").textContent(),
    be: expect.stringMatching(/^eyJ[\w-]+\.\.[\w-]+$/),
    readOnly: true,
  },
  "doctor-request-open": opens("doctor-request-open"),
  "doctor-request-text": {
    fill: { "doctor-request-text": "curl http://localhost/v1/payments -H 'X-Signature: word'" },
    press: "doctor-request-go",
    see: diagnosis,
    be: expect.stringMatching(/^X-Signature has one part/),
    readOnly: true,
  },
  "doctor-request-go": {
    fill: { "doctor-request-text": "GET /v1/payments" },
    see: diagnosis,
    be: expect.stringMatching(/^X-Signature is missing/),
    readOnly: true,
  },
  "doctor-message-open": opens("doctor-message-open"),
  "doctor-kind": {
    fill: { "doctor-kind": "response", "doctor-message-text": "X-Signature: word" },
    press: "doctor-message-go",
    see: diagnosis,
    be: expect.stringMatching(/^X-Signature is not/),
    readOnly: true,
  },
  "doctor-url": takesFocus("doctor-url"),
  "doctor-message-text": takesFocus("doctor-message-text"),
  "doctor-hmac-key": takesFocus("doctor-hmac-key"),
  "doctor-computed": takesFocus("doctor-computed"),
  "doctor-message-go": {
    fill: { "doctor-url": "http://localhost/", "doctor-message-text": "X-Signature: word" },
    see: diagnosis,
    be: expect.stringMatching(/^X-Signature is not/),
    readOnly: true,
  },
};

const scenes: Readonly<Record<string, Scene>> = {
  "the list": {
    prepare: async (world) => {
      for (let made = 0; made < 31; made += 1) await pay(world);
      return "";
    },
    path: () => "/",
    rows: {
      ...listRows,
      skip: takesFocus("skip"),
      world: opens("world"),
      "world-search": { ...showsDemo, fill: { "world-search": demoAccount }, press: "world-open" },
      "world-open": { ...showsDemo, fill: { "world-search": demoAccount } },
      "world-choice": showsAnotherWorld,
      "zone-hkt": { see: shownTime, be: "2026-01-05 17:00:00", readOnly: true },
      "zone-utc": { see: shownTime, be: "2026-01-05 09:00:00" },
      connect: takesFocus("connect"),
      "nav-requests": leads("/inspector/requests"),
      "nav-doctor": leads("/inspector/doctor"),
      "nav-webhooks": leads("/inspector/webhooks"),
      "nav-controls": { ...leads("/inspector/controls"), only: "phone" },
      "all-requests": leads("/inspector/requests"),
      "request-payment": leads(expect.stringMatching(aPayment)),
    },
  },
  "an older page of the list": {
    prepare: async (world) => {
      for (let made = 0; made < 31; made += 1) await pay(world);
      const { text } = await get(world, `/?world=${world.processingAccountId}`);
      return /cursor=([^"&]*)/.exec(text)?.[1] ?? "";
    },
    path: (cursor) => `/?cursor=${cursor}`,
    rows: { newest: asks("cursor", "") },
  },
  "a list with filters": {
    prepare: (world) => pay(world),
    path: () => "/?q=order&status=pending",
    rows: { "filters-clear": asks("q", "") },
  },
  "a world without payments": {
    prepare: (world) => pay(world, { account: demoAccount }),
    path: () => "/",
    rows: {
      "test-payment": { see: path, be: expect.stringMatching(aPayment) },
      buy: leads("/demo"),
      "busy-world": {
        see: ({ page }) => page.getByTestId("payment-row").first().isVisible(),
        be: true,
        readOnly: true,
      },
      "first-payment-text": takesFocus("first-payment-text"),
      "copy-first-payment": copies(/^curl -X POST 'http.*\/v1\/payments'/),
    },
  },
  "the doctor": {
    prepare: async (world) => {
      const { kid, privateKey = "" } = world.credentials;
      const signature = signRequest({ method: "GET", target: "/v1/payments", body: "{}", kid, privateKey });
      const target = `/v1/payments?processingAccountId=${world.processingAccountId}`;
      await world.fetch(target, { headers: { "X-Signature": signature } });
      return "";
    },
    path: () => "/inspector/doctor?request=1",
    rows: doctorRows,
  },
  "the controls": {
    prepare: async (world) => {
      await pay(world);
      const body = JSON.stringify({ processingAccountId: world.processingAccountId });
      await world.fetch("/v1/payments", { method: "POST", headers: { "X-Signature": "a.b" }, body });
      await world.scenarios.next("declined_risk", { times: 2 });
      return "";
    },
    path: () => "/inspector/controls",
    rows: controlRows,
  },
  "the keys": { prepare: (world) => pay(world), path: () => "/inspector/connect", rows: connectRows },
  "a clock that runs": {
    prepare: async (world) => {
      await world.clock.run();
      return "";
    },
    path: () => "/inspector/controls",
    rows: {
      "clock-freeze": { see: async ({ page }) => page.getByTestId("clock-mode").textContent(), be: "frozen" },
    },
  },
  "the calls": {
    prepare: async (world) => {
      for (let made = 0; made < 51; made += 1) await pay(world);
      return "";
    },
    path: () => "/inspector/requests?requests=all",
    rows: {
      brand: leads("/"),
      "nav-payments": leads("/"),
      back: { ...leads("/"), only: "phone" },
      "filter-loose": asks("requests", "loose"),
      "filter-all": { ...asks("requests", "all") },
      "filter-unsigned": asks("requests", "unsigned"),
      "filter-wrong": asks("requests", "wrong"),
      "older-requests": asks("before", "2"),
      ...callRows,
    },
  },
  "a call with a valid signature": {
    prepare: (world) => pay(world),
    path: () => "/inspector/requests/1/command",
    rows: {
      "signed-text": takesFocus("signed-text"),
      "to-calls": leads("/inspector/requests"),
      "copy-command": copies(/^curl -X POST 'http.*X-Signature/s),
    },
  },
  "older calls": {
    prepare: (world) => pay(world),
    path: () => "/inspector/requests?requests=all&before=99",
    rows: { "newest-requests": asks("before", "") },
  },
  "the webhooks": {
    prepare: async (world) => {
      for (let made = 0; made < 51; made += 1) await world.payments.act(await pay(world), "pay");
      await world.settle();
      return "";
    },
    path: () => "/inspector/webhooks",
    rows: {
      "webhooks-all": asks("deliveries", ""),
      "webhooks-waiting": asks("deliveries", "waiting"),
      "webhooks-delivered": asks("deliveries", "delivered"),
      "webhooks-failed": asks("deliveries", "failed"),
      "webhooks-unsent": asks("deliveries", "unsent"),
      "webhook-row": asks("notification", expect.any(String)),
      "older-webhooks": asks("deliveries_before", expect.any(String)),
      "resend-failed": { see: async ({ page }) => page.getByTestId("notice").count(), be: 1 },
    },
  },
  "older webhooks": {
    prepare: async (world) => {
      for (let made = 0; made < 51; made += 1) await world.payments.act(await pay(world), "pay");
      const { text } = await get(world, `/inspector/webhooks?world=${world.processingAccountId}`);
      return /deliveries_before=([^"&]*)/.exec(text)?.[1] ?? "";
    },
    path: (cursor) => `/inspector/webhooks?deliveries_before=${cursor}`,
    rows: { "newest-webhooks": asks("deliveries_before", "") },
  },
  "a world without webhooks and endpoint": {
    prepare: async (world) => {
      await world.change({ webhookUrl: null });
      return "";
    },
    path: () => "/inspector/webhooks",
    rows: { "to-endpoint": leads("/inspector/controls") },
  },
  "a webhook": {
    prepare: notified,
    path: (id) => `/inspector/webhooks?notification=${id}`,
    rows: {
      "to-webhooks": asks("notification", ""),
      "copy-webhook-id": copies(/^\w{27}$/),
      "webhook-payment": leads(expect.stringMatching(aPayment)),
      "copy-webhook-now": copiesWebhook,
      "why-resend": { see: attempts, be: 2 },
      "webhook-headers": takesFocus("webhook-headers"),
      "webhook-body": takesFocus("webhook-body"),
      "exact-open": opens("exact-open"),
      "exact-body": takesFocus("exact-body"),
      "copy-exact-body": copies(/^\{"id":"\w{27}","type":"payment"/),
      "signature-header": takesFocus("signature-header"),
    },
  },
  "the rules": {
    prepare: async (world) => {
      await world.change({ contract: { returnParameters: [{ name: "order", value: "x".repeat(99) }] } });
      return "";
    },
    path: () => "/inspector/rules",
    rows: {
      "rules-docs": leads("/docs/control"),
      "rules-json": takesFocus("rules-json"),
      "copy-rules": copies(/^\{\s+"settings": \{\s+"contract": \{\s+"returnParameters": \[/),
      "rule-value-text": takesFocus("rule-value-text"),
    },
  },
  "a payment that was created under other rules": {
    prepare: async (world) => {
      const id = await pay(world);
      await world.change({ contract: { paidStatus: "approved" } });
      return id;
    },
    path: (id) => `/inspector/payments/${id}`,
    rows: { "payment-to-rules": leads("/inspector/rules") },
  },
  "a webhook as a command": {
    prepare: notified,
    path: (id) => `/inspector/webhooks/${id}/command`,
    rows: {
      "webhook-command": takesFocus("webhook-command"),
      "copy-command": copiesWebhook,
      "to-webhook": leads("/inspector/webhooks"),
    },
  },
  "a payment that is pending": {
    prepare: (world) => pay(world, { returnUrl: `${world.credentials.baseUrl}/docs` }),
    path: (id) => `/inspector/payments/${id}`,
    rows: {
      back: { ...leads("/"), only: "phone" },
      "copy-id": copies(/^\w{27}$/),
      "copy-link": copies(/^http:\/\/127\.0\.0\.1:\d+\/inspector\/payments\/\w{27}$/),
      "export-json": takesFocus("export-json"),
      "export-har": takesFocus("export-har"),
      "open-pay": leads(expect.stringMatching(/^\/pay\//)),
      "open-wallet": leads(expect.stringMatching(/^\/wallet\//)),
      "foreign-link": leads("/docs"),
      ...callRows,
      "why-pay": { see: status, be: "captured" },
      "why-advance": { see: status, be: "aborted" },
      "act-open": opens("act-open"),
      "act-wallet": {
        fill: { "act-wallet": "mainland" },
        press: "act-pay",
        see: async (site) => (await payment(site)).wallet,
        be: "mainland",
      },
      "act-reason": {
        fill: { "act-reason": "risk_rejected" },
        press: "act-decline",
        see: async (site) => (await payment(site)).reason?.code,
        be: "risk_rejected",
      },
      "act-scan": { see: async ({ page }) => page.getByText("has opened the wallet").count(), be: 1 },
      "act-pay": { see: status, be: "captured" },
      "act-decline": { see: status, be: "declined" },
      "act-cancel": { see: status, be: "aborted" },
      "act-expire": { see: status, be: "aborted" },
      "act-fail": { see: status, be: "failed" },
    },
  },
  "a payment whose webhook is retried": {
    prepare: paidAndNotified,
    path: (id) => `/inspector/payments/${id}`,
    rows: {
      "why-resend": { see: attempts, be: 2 },
      "why-advance": { see: attempts, be: 2 },
      "notifications-open": opens("notifications-open"),
      resend: { see: attempts, be: 2 },
      "attempt-open": opens("attempt-open"),
      "sent-text": takesFocus("sent-text"),
      "answered-text": takesFocus("answered-text"),
      "copy-webhook": copiesWebhook,
      "to-webhook": leads("/inspector/webhooks"),
      "refund-open": opens("refund-open"),
      "refund-amount": {
        fill: { "refund-amount": "12.5" },
        press: "refund-start",
        see: async (site) => (await payment(site)).amounts.reserved,
        be: 12.5,
      },
      "refund-reference": {
        fill: { "refund-reference": "a return" },
        press: "refund-start",
        see: async (site) => (await firstRefund(site))?.merchantReference,
        be: "a return",
      },
      "refund-start": { see: async (site) => (await payment(site)).amounts.reserved, be: 200 },
    },
  },
  "a payment with a refund that is pending": {
    prepare: async (world) => {
      const id = await paidAndNotified(world);
      await world.payments.refund(id, { amount: 50 });
      return id;
    },
    path: (id) => `/inspector/payments/${id}`,
    rows: {
      "why-finish": { see: status, be: "partially_refunded" },
      "refunds-open": opens("refunds-open"),
      "refund-succeed": { see: status, be: "partially_refunded" },
      "refund-fail": { see: async (site) => (await firstRefund(site))?.status, be: "failed" },
    },
  },
  "a payment whose refund failed": {
    prepare: async (world) => {
      const id = await paidAndNotified(world);
      await world.refunds.act((await world.payments.refund(id, { amount: 50 })).id, "fail");
      return id;
    },
    path: (id) => `/inspector/payments/${id}`,
    rows: { "why-refund": { see: async (site) => (await payment(site)).amounts.reserved, be: 50 } },
  },
  "a payment without an endpoint": {
    prepare: async (world) => {
      await world.change({ webhookUrl: null });
      return paidAndNotified(world);
    },
    path: (id) => `/inspector/payments/${id}`,
    rows: {
      "why-endpoint-url": {
        fill: { "why-endpoint-url": "http://localhost:9/hooks" },
        press: "why-endpoint",
        see: endpoint,
        be: "http://localhost:9/hooks",
      },
      "why-endpoint": { fill: { "why-endpoint-url": "https://shop.test/" }, see: endpoint, be: "https://shop.test/" },
    },
  },
};

const known = new Set(Object.values(scenes).flatMap(({ rows }) => Object.keys(rows)));

/** Browser settings by name. */
const browsers = {
  "1280 px, with script": { ...desktop, permissions: ["clipboard-read", "clipboard-write"] },
  "1280 px, without script": { ...desktop, javaScriptEnabled: false },
  "390 px, with script": { ...phone, permissions: ["clipboard-read", "clipboard-write"] },
  "390 px, without script": { ...phone, javaScriptEnabled: false },
} as const satisfies Record<string, BrowserContextOptions>;
type BrowserName = keyof typeof browsers;
/** The two that differ in both width and script. */
const crosswise = ["1280 px, with script", "390 px, without script"] as const satisfies readonly BrowserName[];

function rowsAt(browser: BrowserName, { rows }: Scene): [string, Row][] {
  return Object.entries(rows).filter(
    ([, { only }]) =>
      !(only === "script" && browser.endsWith("without script")) && !(only === "phone" && browser.startsWith("1280")),
  );
}

describe.skipIf(findChromium() === undefined)("the controls of the inspector", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ demo: true });
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  async function visit(
    browser: BrowserName,
    scene: Scene,
    run: (site: Site, open: () => Promise<unknown>) => Promise<void>,
  ): Promise<void> {
    await using world = await stage.world({ webhook: async () => new Response("no", { status: 500 }) });
    const id = await scene.prepare(world);
    const target = scene.path(id);
    const address = `${target}${target.includes("?") ? "&" : "?"}world=${world.processingAccountId}`;
    await stage.inKeptPage(browser, browsers[browser], (page) => run({ page, world, id }, () => page.goto(address)));
  }

  async function check(site: Site, testid: string, row: Row): Promise<void> {
    await use(site.page, testid, row);
    await expect.poll(() => row.see(site), { message: testid }).toEqual(row.be);
  }

  describe.each(isFull ? (Object.keys(browsers) as BrowserName[]) : crosswise)("at %s", (browser) => {
    test.each(Object.entries(scenes))("%s: each control has a row, and each row a control", (_, scene) =>
      visit(browser, scene, async ({ page }, open) => {
        await open();
        const seen = await controlsOf(page);
        expect(seen.filter((testid) => !known.has(testid))).toEqual([]);
        expect(rowsAt(browser, scene).filter(([testid]) => !seen.includes(testid))).toEqual([]);
      }),
    );
  });

  // Without a script the controls are links and forms: test/inspector/forms.test.ts submits each of those.
  describe.each(isFull ? crosswise : crosswise.slice(0, 1))("each has its effect at %s", (browser) => {
    const rowsOf = (scene: Scene, readOnly: boolean) =>
      rowsAt(browser, scene).filter(([, row]) => (row.readOnly === true) === readOnly);

    test.each(Object.entries(scenes))("%s: the controls that change nothing", async (_, scene) => {
      await visit(browser, scene, async (site, open) => {
        for (const [testid, row] of rowsOf(scene, true)) {
          await open();
          await check(site, testid, row);
        }
      });
    });

    const changing = Object.entries(scenes).flatMap(([name, scene]) =>
      rowsOf(scene, false).map(([testid, row]) => [name, testid, scene, row] as const),
    );
    test.each(changing)("%s: %s", (_, testid, scene, row) =>
      visit(browser, scene, async (site, open) => {
        await open();
        await check(site, testid, row);
      }),
    );
  });
});
