import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import manifest from "../package.json" with { type: "json" };
import { createSandbox, type Sandbox, signRequest } from "../src/index.ts";
import { cases } from "../src/rehearsal/cases.ts";
import { rehearse } from "../src/rehearsal/rehearse.ts";
import { htmlReport } from "../src/rehearsal/report/html.ts";
import { openMerchant } from "../test/rehearsal/merchant.ts";
import { orderMutants } from "../test/rehearsal/mutants/order.ts";
import { findChromium } from "../test/support/chromium.ts";

const folder = join(import.meta.dirname, "../docs/pictures");

/** Address in the pictures; the browser resolves it to the real port. */
const publicUrl = "http://192.168.1.20:8852";

const desktop: BrowserContextOptions = {
  viewport: { width: 1280, height: 760 },
  deviceScaleFactor: 1.5,
  locale: "en-HK",
};
const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 2,
  locale: "en-HK",
  isMobile: true,
  userAgent: "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/150.0.0.0 Mobile Safari/537.36",
};

/** Opens a page, passes it to `show`, and takes a screenshot. */
type Take = (name: string, options: BrowserContextOptions, show: (page: Page) => Promise<unknown>) => Promise<void>;

function photographer(browser: Browser): Take {
  return async (name, options, show) => {
    const context = await browser.newContext({ timezoneId: "Asia/Hong_Kong", reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    await show(page);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path, animations: "disabled", caret: "hide" });
    await context.close();
    console.log(path);
  };
}

/** Sends a signed request, as a merchant does. */
async function send<T>(sandbox: Sandbox, method: string, target: string, content?: object): Promise<T> {
  const { kid, privateKey } = sandbox.credentials;
  const body = content === undefined ? "" : JSON.stringify(content);
  const headers = { "X-Signature": signRequest({ method, target, body, kid, privateKey }) };
  const answer = await sandbox.fetch(target, { method, headers, ...(body === "" ? {} : { body }) });
  if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

interface Created {
  readonly id: string;
  readonly nextStep: { readonly redirect: { readonly url: string } };
}

function createPayment(sandbox: Sandbox, merchantReference: string, value: number, flowType = "qr_link") {
  return send<Created>(sandbox, "POST", `/v1/payments?idempotencyKey=${merchantReference}`, {
    processingAccountId: sandbox.processingAccountId,
    merchantReference,
    amount: { value, currency: "hkd" },
    paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl: "https://shop.example/thanks", flowType } },
  });
}

/** The payer's pages: QR code, wallet in three languages, and result. */
async function payerPictures(sandbox: Sandbox, take: Take): Promise<void> {
  const { url } = (await createPayment(sandbox, "order-1042", 128.5)).nextStep.redirect;
  const wallet = url.replace("/pay/", "/wallet/");
  await take("qr", desktop, (page) => page.goto(url));
  for (const locale of ["en", "zh-HK", "zh-CN"]) {
    await take(`wallet-${locale.toLowerCase()}`, { ...phone, locale }, (page) => page.goto(wallet));
  }
  await take("wallet-dark", { ...phone, colorScheme: "dark", locale: "zh-HK" }, (page) => page.goto(wallet));
  await take("result", phone, async (page) => {
    await page.goto(wallet);
    await page.getByTestId("pay").click();
    await page.getByTestId("status").waitFor();
  });
}

/** Reference of the payment whose notifications the endpoint refuses. */
const refusedReference = "order-1043";

const endpoint = async (request: Request) =>
  new Response(null, { status: (await request.text()).includes(refusedReference) ? 500 : 204 });

/** Script that replaces measured durations, which differ from run to run. */
const replaceDurations = `
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/\\b\\d+ ms\\b/g, "3 ms");
`;

/** The inspector: a morning's payments, and one with failed deliveries. */
async function inspectorPicture(sandbox: Sandbox, take: Take): Promise<void> {
  const morning: [string, number, (id: string) => Promise<unknown>][] = [
    ["order-1037", 33.3, (id) => sandbox.payments.act(id, "pay")],
    ["order-1038", 912, (id) => sandbox.payments.act(id, "pay")],
    ["order-1039", 15, (id) => sandbox.payments.act(id, "expire")],
    ["order-1040", 64, async () => undefined],
    ["order-1041", 88.8, (id) => sandbox.payments.act(id, "decline", "insufficient_funds")],
    [refusedReference, 128.5, (id) => sandbox.payments.act(id, "pay")],
  ];
  for (const [reference, value, act] of morning) {
    await act((await createPayment(sandbox, reference, value)).id);
    await sandbox.settle();
  }
  await sandbox.clock.advance("PT2M");
  await take("inspector", { ...desktop, viewport: { width: 1280, height: 860 } }, async (page) => {
    await page.goto(publicUrl);
    await page.getByTestId("payment-row").filter({ hasText: refusedReference }).click();
    await page.getByTestId("timeline").waitFor();
    await page.evaluate(replaceDurations);
  });
}

/** The demo shop: its menu, and an order with the requests of its server. */
async function shopPictures(take: Take): Promise<void> {
  await take("shop", desktop, (page) => page.goto(`${publicUrl}/demo`));
  await take("shop-order", desktop, async (page) => {
    await page.goto(`${publicUrl}/demo`);
    await page.getByTestId("item-beans").check();
    await page.getByTestId("buy").click();
    await page.getByTestId("open-wallet").click();
    await page.getByTestId("pay").click();
    await page.getByTestId("back-to-merchant").click();
    await page.locator("[data-testid=state][data-state=paid]").waitFor();
    await page.getByTestId("entry").last().locator("summary").click();
  });
}

/** The report on a merchant that fulfils an order twice if webhook and return come in the same instant. */
async function rehearsalPicture(take: Take): Promise<void> {
  const mutant = orderMutants.find(({ fails }) => fails[0] === "webhook_and_return_together");
  using merchant = await openMerchant(mutant?.merchant ?? "exemplary", mutant);
  const result = await rehearse(merchant.plan, { directory: merchant.directory, seed: "pictures" });
  const stable = { ...result, startedAt: "2026-01-05T01:30:00.000Z", version: manifest.version };
  const source = htmlReport(stable, cases);
  await take("rehearsal", { ...desktop, viewport: { width: 1280, height: 860 } }, (page) => page.setContent(source));
}

async function takeAll(executablePath: string): Promise<void> {
  await using sandbox = await createSandbox({
    clock: "2026-01-05T01:30:00.000Z",
    seed: "pictures",
    publicUrl,
    demo: true,
    webhook: endpoint,
    settings: { merchantName: "Harbour Coffee", returnDelayMs: 60_000 },
  });
  const { port } = new URL(await sandbox.listen());
  const rules = `--host-resolver-rules=MAP ${new URL(publicUrl).host} 127.0.0.1:${port}`;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", rules] });
  try {
    const take = photographer(browser);
    await shopPictures(take);
    await payerPictures(sandbox, take);
    await inspectorPicture(sandbox, take);
    await rehearsalPicture(take);
  } finally {
    await browser.close();
  }
}

const executablePath = findChromium();
if (executablePath === undefined) {
  console.error(
    "Chromium is missing: install it (Debian: apt-get install chromium), or set CHROME_PATH to an existing one.",
  );
  process.exitCode = 1;
} else {
  mkdirSync(folder, { recursive: true });
  await takeAll(executablePath);
}
