import { type Context, Hono } from "hono";
import { AccountOpener, type AccountOptions, NoAccountError } from "./account.ts";
import { catalogue } from "./catalogue.ts";
import { findItem } from "./goods.ts";
import { messagePage, type Page, respondPage } from "./layout.ts";
import { orderList } from "./order-list.ts";
import { orderPage } from "./order-page.ts";
import { isUnsettled, type Order } from "./orders.ts";
import { script } from "./script.ts";
import { Shop } from "./shop.ts";
import { stylesheet } from "./stylesheet.ts";

/** What the shop is told: where the sandbox is, and the time. */
export type DemoOptions = Omit<AccountOptions, "merchantName"> & { readonly now: () => number };

/** The demo shop, a merchant like any other: it knows the sandbox by HTTP alone. It lives under `/demo`. */
export function createDemoShop({ now, ...options }: DemoOptions): Hono {
  const opener = new AccountOpener({ ...options, merchantName: "Harbour Coffee" });
  let shop: Shop | undefined;
  /** The shop; a new one without orders where the sandbox was reset. */
  const open = async (): Promise<Shop> => {
    const account = await opener.current();
    if (shop?.account !== account) shop = new Shop(account, now);
    return shop;
  };
  const respond = (c: Context, { account }: Shop, page: Page, status: 200 | 400 | 404 = 200) =>
    respondPage(c, page, account.publicUrl, status);

  const app = new Hono({ strict: false }).basePath("/demo");
  app.get("/assets/shop.css", (c) => c.body(stylesheet, 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/assets/shop.js", (c) => c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" }));

  app.get("/", async (c) => respond(c, await open(), catalogue(flowFor(c))));
  app.get("/orders", async (c) => {
    const shop = await open();
    return respond(c, shop, orderList(shop.orders));
  });

  app.post("/orders", async (c) => {
    const shop = await open();
    const form = await formOf(c);
    const item = findItem(form.get("item") ?? undefined);
    const flow = form.get("flow");
    if (item === undefined || (flow !== "qr_link" && flow !== "mobile_redirect")) return respond(c, shop, badForm, 400);
    return payNow(c, shop, shop.place(item, flow));
  });

  /** Does something with an order that is there, and shows its page afterwards. */
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
      if (isUnsettled(order)) await shop.look(order);
      return respond(c, shop, orderPage(order));
    }),
  );
  app.post("/orders/:number/payment", withOrder(payNow));
  app.post("/orders/:number/refunds", withOrder(refund));
  // The browser comes back by GET or by POST, and whatever it brings along is worth nothing.
  app.on(["GET", "POST"], "/orders/:number/return", withOrder(welcomeBack));

  app.get("/orders/:number/state", async (c) => {
    const order = shop?.order(c.req.param("number"));
    if (order === undefined) return c.json({}, 404);
    await shop?.glance(order);
    return c.json({ version: order.version, settled: !isUnsettled(order) }, 200, { "Cache-Control": "no-store" });
  });

  app.post("/webhooks", async (c) => {
    const status = await shop?.hear(c.req.raw.headers, new Uint8Array(await c.req.arrayBuffer()));
    return c.body(null, status ?? 401);
  });

  app.notFound(async (c) => respond(c, await open(), nothingHere, 404));
  app.onError((error, c) => {
    if (!(error instanceof NoAccountError)) throw error;
    return respondPage(c, messagePage("Closed", error.message), "", 502);
  });
  return app;
}

/** Sends the payer to the payment's page, or to the order's where that did not work. */
async function payNow(c: Context, shop: Shop, order: Order): Promise<Response> {
  const url = await shop.pay(order);
  return c.redirect(url ?? `/demo/orders/${order.number}`, 303);
}

async function welcomeBack(c: Context, shop: Shop, order: Order): Promise<undefined> {
  const { pathname, search } = new URL(c.req.url);
  await shop.welcomeBack(order, c.req.method, pathname + search);
}

async function refund(c: Context, shop: Shop, order: Order): Promise<undefined> {
  const form = await formOf(c);
  const attempt = Number(form.get("attempt"));
  const cents = form.get("what") === "part" ? readAmount(form.get("amount") ?? "") : undefined;
  if (form.get("what") === "part" && cents === undefined) {
    shop.complain(order, "Please type an amount like 12.50.");
  } else if (!Number.isInteger(attempt) || attempt < 1 || attempt > 99) {
    shop.complain(order, "This form is an old one: please try again.");
  } else {
    await shop.refund(order, cents, attempt);
  }
}

async function formOf(c: Context): Promise<URLSearchParams> {
  return new URLSearchParams(await c.req.text());
}

/** An amount as people type it, in cents. */
function readAmount(typed: string): number | undefined {
  const plain = typed
    .replace(/^\s*(HK)?\$/i, "")
    .replaceAll(",", "")
    .trim();
  return /^\d{1,7}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : undefined;
}

/** A phone pays in its own wallet, a computer shows a code for one. */
function flowFor(c: Context): Order["flowType"] {
  const hint = c.req.header("Sec-CH-UA-Mobile");
  const phone =
    hint === undefined ? /Mobile|Android|iPhone|iPad/i.test(c.req.header("User-Agent") ?? "") : hint === "?1";
  return phone ? "mobile_redirect" : "qr_link";
}

const unknownOrder = messagePage(
  "No such order",
  "No order has this number. Orders are kept in memory: they are gone when the sandbox is started anew or reset.",
);
const nothingHere = messagePage("Nothing here", "The shop has no page at this address.");
const badForm = messagePage("Not understood", "Please choose something from the menu, and a way to pay.");
