import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import { declineReasons } from "../../domain/payment.ts";
import type { Payments, PaymentView } from "../../services/payments.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respond } from "../respond.ts";
import { script, stylesheet } from "./assets.ts";
import { type Page, respondPage } from "./layout.ts";
import { qrPage } from "./qr.ts";
import { resultPage } from "./result.ts";
import { walletPage } from "./wallet.ts";

type Door = "pay" | "wallet";

const payerForm = z.object({
  action: z.enum(["pay", "decline", "cancel"]),
  reason: z.enum(declineReasons).optional(),
  tab: z.enum(["same", ""]).optional(),
});

const unknownPage: Page = {
  title: "Not found",
  body: html`<p class="amount">Not found</p><p>No payment has this address. The sandbox may have been started or reset since.</p>`,
};

const badFormPage: Page = {
  title: "Not understood",
  body: html`<p class="amount">Not understood</p><p>This form can only pay, decline or cancel.</p>`,
};

/**
 * The pages that payers see. `/pay/{token}` is the URL of `nextStep`, `/wallet/{token}` what the QR code says. One
 * dispatcher decides from the stored payment which page to show, so a reload, a second tab or the Back button show what
 * is true.
 */
export function pageRoutes(payments: Payments, addresses: Addresses): Hono<Env> {
  const show = async (c: Context<Env>, door: Door, token: string) => {
    const found = await payments.byPageToken(token);
    if (!found.ok) return respondPage(c, unknownPage, 404);
    const view = door === "wallet" ? "wallet" : viewFor(c, found.value);
    const tab = tabOf(c, door);
    if (found.value.payment.status !== "pending") {
      const returns = found.value.payment.flowType === "mobile_redirect" || view === "qr" || tab === "same";
      return respondPage(c, resultPage(found.value, returns));
    }
    if (view === "qr") {
      const { base, reachable } = addresses.phone(requestOrigin(c));
      return respondPage(c, await qrPage(found.value, { walletUrl: `${base}/wallet/${token}`, reachable }));
    }
    await payments.act(found.value.payment.id, "scan");
    return respondPage(c, walletPage(found.value, tab));
  };

  const act = async (c: Context<Env>, door: Door, token: string) => {
    const form = payerForm.safeParse(Object.fromEntries(new URLSearchParams(new TextDecoder().decode(c.get("body")))));
    const found = await payments.byPageToken(token);
    if (!found.ok) return respondPage(c, unknownPage, 404);
    if (!form.success) return respondPage(c, badFormPage, 400);
    // A second click or an act that comes too late is no error: the page that follows shows what is true.
    await payments.act(found.value.payment.id, form.data.action, form.data.reason);
    return c.redirect(`/${door}/${token}${form.data.tab === "same" ? "?tab=same" : ""}`, 303);
  };

  const app = new Hono<Env>()
    .get("/assets/sandbox.css", (c) => c.body(stylesheet, 200, { "Content-Type": "text/css; charset=utf-8" }))
    .get("/assets/live.js", (c) => c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" }))
    .get("/pay/:token/status", async (c) => {
      const found = await payments.byPageToken(c.req.param("token"));
      if (!found.ok) return respondPage(c, unknownPage, 404);
      c.header("Cache-Control", "no-store");
      const { status, scanTime } = found.value.payment;
      return respond(c, 200, { status, scanned: scanTime !== undefined });
    });
  for (const door of ["pay", "wallet"] as const) {
    app.get(`/${door}/:token`, (c) => show(c, door, c.req.param("token")));
    app.post(`/${door}/:token/actions`, (c) => act(c, door, c.req.param("token")));
  }
  return app;
}

/** A computer sees the code; a phone that opens the same URL, because a merchant drew it as a code, sees the wallet. */
function viewFor(c: Context<Env>, { payment }: PaymentView): "qr" | "wallet" {
  const asked = c.req.query("view");
  if (asked === "qr" || asked === "wallet") return asked;
  if (payment.flowType === "mobile_redirect") return "wallet";
  const hint = c.req.header("Sec-CH-UA-Mobile");
  const phone =
    hint === "?1" || (hint === undefined && /Mobile|Android|iPhone|iPad/i.test(c.req.header("User-Agent") ?? ""));
  return phone ? "wallet" : "qr";
}

/** Whether the browser came here from another page, so that it is to go back from here. A scanned code comes from none. */
function tabOf(c: Context<Env>, door: Door): "same" | "" {
  if (c.req.query("tab") === "same") return "same";
  // Over plain http a browser says where it comes from by the referrer alone.
  const fromPage = (c.req.header("Sec-Fetch-Site") ?? "none") !== "none" || c.req.header("Referer") !== undefined;
  return door === "pay" && fromPage ? "same" : "";
}
