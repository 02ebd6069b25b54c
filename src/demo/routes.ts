import { type Context, Hono } from "hono";
import { type Account, AccountOpener, type AccountOptions, type AccountSource, NoAccountError } from "./account.ts";
import { catalogue } from "./catalogue.ts";
import { script, stylesheet } from "./files.ts";
import { findItem } from "./goods.ts";
import { messagePage, type Page, respondPage } from "./layout.ts";
import { logoDataUrl } from "./logo.ts";
import type { Send } from "./nomupay.ts";
import { orderList } from "./order-list.ts";
import { orderPage } from "./order-page.ts";
import type { Order } from "./orders.ts";
import { type Reader, readerOf } from "./reader.ts";
import { Shop } from "./shop.ts";
import { isUnsettled, summaryOf } from "./states.ts";

/** Settings of the shop and its clock. */
export type DemoOptions = Omit<AccountOptions, "merchantName" | "merchantLogo"> & { readonly now: () => number };

/** The demo shop at `/demo`. It is an ordinary merchant: it uses the sandbox only over HTTP. */
export function createDemoShop({ now, ...options }: DemoOptions): Hono {
  const opener = new AccountOpener({ ...options, merchantName: "Harbour Coffee", merchantLogo: logoDataUrl });
  return createShopWith(opener, now, options.send);
}

/** The shop with an account from any source. @param send sends a request to the provider; `fetch` by default. */
export function createShopWith(opener: AccountSource, now: () => number, send?: Send): Hono {
  let shop: Shop | undefined;
  /** The shop. After a reset of the sandbox it is a new one without orders. */
  const open = async (): Promise<Shop> => {
    const account = await opener.current();
    if (shop?.account !== account) shop = new Shop(account, () => opener.contract, now, send);
    return shop;
  };
  const respond = (c: Context, { account }: Shop, pageFor: (reader: Reader) => Page, status: 200 | 400 | 404 = 200) => {
    const reader = readerOf(c);
    return respondPage(c, reader, pageFor(reader), { account, logo: opener.logo }, status);
  };

  const app = new Hono({ strict: false }).basePath("/demo");
  app.get("/assets/shop.css", (c) => c.body(stylesheet(), 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/assets/shop.js", (c) => c.body(script(), 200, { "Content-Type": "text/javascript; charset=utf-8" }));

  app.get("/", async (c) => respond(c, await open(), (reader) => catalogue(reader, flowFor(c))));
  app.get("/state", (c) => c.json({ version: 0, settled: true }, 200, { "Cache-Control": "no-store" }));
  app.get("/orders", async (c) => {
    const shop = await open();
    return respond(c, shop, (reader) => orderList(reader, shop.orders));
  });

  app.post("/orders", async (c) => {
    const shop = await open();
    const form = await formOf(c);
    const item = findItem(form.get("item") ?? undefined);
    const flow = form.get("flow");
    if (item === undefined || (flow !== "qr_link" && flow !== "mobile_redirect"))
      return respond(c, shop, invalidForm, 400);
    return payNow(c, shop, shop.place(item, flow));
  });

  /** Runs work on an existing order, then redirects to its page. */
  const withOrder = (work: (c: Context, shop: Shop, order: Order) => Promise<Response | undefined>) => {
    return async (c: Context) => {
      const shop = await open();
      const order = shop.order(c.req.param("number") ?? "");
      if (order === undefined) return respond(c, shop, unknownOrder, 404);
      return (await work(c, shop, order)) ?? c.redirect(`/demo/orders/${order.number}`, 303);
    };
  };

  app.get(
    "/orders/:number",
    withOrder(async (c, shop, order) => {
      if (isUnsettled(order)) await shop.track(order);
      return respond(c, shop, (reader) => orderPage(reader, order, (url) => forBrowser(url, c, shop.account)));
    }),
  );
  app.post("/orders/:number/payment", withOrder(payNow));
  app.post("/orders/:number/refunds", withOrder(refund));
  // The browser returns by GET or by POST. The shop ignores the content of the request.
  app.on(["GET", "POST"], "/orders/:number/return", withOrder(recordReturn));

  app.get("/orders/:number/state", async (c) => {
    const order = shop?.order(c.req.param("number"));
    if (order === undefined) return c.json({}, 404);
    await shop?.trackIfDue(order);
    const state = { version: order.version, settled: !isUnsettled(order), ...summaryOf(order) };
    return c.json(state, 200, { "Cache-Control": "no-store" });
  });

  app.post("/webhooks", async (c) => {
    const status = await shop?.receiveWebhook(c.req.raw.headers, new Uint8Array(await c.req.arrayBuffer()));
    return c.body(null, status ?? 401);
  });

  app.notFound(async (c) => respond(c, await open(), notFound, 404));
  app.onError((error, c) => {
    if (!(error instanceof NoAccountError)) throw error;
    const reader = readerOf(c);
    const { closed, closedSentence } = reader.texts;
    return respondPage(c, reader, messagePage(reader, closed, closedSentence(error.status)), {}, 502);
  });
  return app;
}

/** Redirects the payer to the payment's page, or to the order's page if the payment could not be started. */
async function payNow(c: Context, shop: Shop, order: Order): Promise<Response> {
  const url = await shop.pay(order, browserUrl(c, shop.account));
  if (url === undefined) return c.redirect(`/demo/orders/${order.number}`, 303);
  return c.redirect(forBrowser(url, c, shop.account), 303);
}

const onThisMachine = /^(localhost|127\.[\d.]+|\[::1\])$/;

/**
 * Base URL of the sandbox for the browser of a request. A phone came by an address of this machine in its network; a
 * URL with `localhost` would lead the phone to itself.
 */
function browserUrl(c: Context, { publicUrl }: Account): string {
  const { origin, hostname } = new URL(c.req.url);
  const isRemote = !onThisMachine.test(hostname);
  return isRemote && onThisMachine.test(new URL(publicUrl).hostname) ? origin : publicUrl;
}

/** A URL of the sandbox for the browser of a request. */
function forBrowser(url: string, c: Context, account: Account): string {
  const { publicUrl } = account;
  return url.startsWith(publicUrl) ? browserUrl(c, account) + url.slice(publicUrl.length) : url;
}

async function recordReturn(c: Context, shop: Shop, order: Order): Promise<undefined> {
  const { pathname, search } = new URL(c.req.url);
  await shop.recordReturn(order, c.req.method, pathname + search);
}

async function refund(c: Context, shop: Shop, order: Order): Promise<undefined> {
  const form = await formOf(c);
  const attempt = Number(form.get("attempt"));
  const cents = form.get("what") === "part" ? readAmount(form.get("amount") ?? "") : undefined;
  if (form.get("what") === "part" && cents === undefined) {
    shop.setNotice(order, { shop: "invalid_amount" });
  } else if (!Number.isInteger(attempt) || attempt < 1 || attempt > 99) {
    shop.setNotice(order, { shop: "outdated_form" });
  } else {
    await shop.refund(order, cents, attempt, form.get("payment") ?? undefined);
  }
}

async function formOf(c: Context): Promise<URLSearchParams> {
  return new URLSearchParams(await c.req.text());
}

/** Converts a typed amount to cents. */
function readAmount(typed: string): number | undefined {
  const plain = typed
    .replace(/^\s*(HK)?\$/i, "")
    .replaceAll(",", "")
    .trim();
  return /^\d{1,7}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : undefined;
}

/** The default way to pay: a phone opens its own wallet, a computer shows a QR code. */
function flowFor(c: Context): Order["flowType"] {
  const hint = c.req.header("Sec-CH-UA-Mobile");
  const isPhone =
    hint === undefined ? /Mobile|Android|iPhone|iPad/i.test(c.req.header("User-Agent") ?? "") : hint === "?1";
  return isPhone ? "mobile_redirect" : "qr_link";
}

const unknownOrder = (reader: Reader): Page =>
  messagePage(reader, reader.texts.unknownOrder, reader.texts.unknownOrderSentence);
const notFound = (reader: Reader): Page => messagePage(reader, reader.texts.noPage, reader.texts.noPageSentence);
const invalidForm = (reader: Reader): Page =>
  messagePage(reader, reader.texts.invalidForm, reader.texts.invalidFormSentence);
