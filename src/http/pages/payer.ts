import type { Context } from "hono";
import type { WaitFor } from "../../services/observing/wait-for.ts";
import type { Payments } from "../../services/payments/payments.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { asksForJson, respond, respondRefusal } from "../respond.ts";
import { type Page, respondPage } from "../ui/layout.ts";
import { agentLabel } from "./agent.ts";
import { endingOf } from "./ending.ts";
import { invalidFormPage, missingPage, unknownPaymentPage } from "./messages.ts";
import { readForm } from "./payer-forms.ts";
import { isWalletHere, qrPage } from "./qr.ts";
import { resultPage } from "./result.ts";
import { addressOf, type Entrance, readerOf, type Visit, viewFor, visitOf } from "./visit.ts";
import { walletPage } from "./wallet.ts";

export { icon, stylesheet } from "../ui/files.ts";
export { script } from "./files.ts";
export { respondLogo } from "./logo.ts";

/** Services and settings of the payer's pages. */
export interface PageParts {
  readonly arrivals: WaitFor;
  readonly payments: Payments;
  readonly worlds: Pick<Worlds, "logo">;
  readonly addresses: Addresses;
  /** Source list of the pages that may frame them. */
  readonly frameAncestors: string;
  /** The demo shop, if enabled. */
  readonly shop?: unknown;
  /** Maximum time that a status request waits for a change, in milliseconds. */
  readonly heldStatusMaxMs: number;
}

/** Shows the page for the payment's status: the QR code, the wallet, or the result. */
export async function showPage(
  c: Context<Env>,
  parts: PageParts,
  entrance: Entrance,
  token: string,
): Promise<Response> {
  const { payments, addresses } = parts;
  const visit = visitOf(c, entrance, token);
  const found = await payments.byPageToken(token);
  if (!found.ok) return respondUnknown(c, parts, visit);
  const { payment } = found.value;
  // The page view is recorded in the background: the response neither waits for it nor fails with it.
  const recordView = (page: "qr" | "wallet" | "result") =>
    void payments.recordView(payment.id, page, agentLabel(c.req.header("User-Agent"))).catch(() => undefined);
  const view = viewFor(c, visit, found.value);
  const ending = endingOf(payment);
  if (ending !== undefined) {
    recordView("result");
    const returns = payment.flowType === "mobile_redirect" || view === "qr" || visit.query.get("tab") === "same";
    const receipt = await payments.receipt(payment);
    return respondFramed(c, parts, resultPage(visit, found.value, { ending, receipt, view, returns }));
  }
  const isCodeOnly = view === "qr" && !isWalletHere(visit);
  recordView(isCodeOnly ? "qr" : "wallet");
  const opened = isCodeOnly ? found : await payments.act(payment.id, "scan");
  if (!opened.ok) return respondUnknown(c, parts, visit);
  if (view === "wallet") return respondFramed(c, parts, walletPage(visit, opened.value));
  const { base, reachable } = addresses.phone(requestOrigin(c));
  const walletUrl = `${base}/wallet/${token}`;
  return respondFramed(c, parts, await qrPage(visit, opened.value, { walletUrl, reachable }));
}

/** Performs the payer's action and redirects to the payment's page. */
export async function submitForm(
  c: Context<Env>,
  parts: PageParts,
  entrance: Entrance,
  token: string,
): Promise<Response> {
  const visit = visitOf(c, entrance, token);
  const form = readForm(Object.fromEntries(new URLSearchParams(new TextDecoder().decode(c.get("body")))));
  const found = await parts.payments.byPageToken(token);
  if (!found.ok) return respondUnknown(c, parts, visit);
  if (form === undefined) return respondFramed(c, parts, invalidFormPage(visit), 400);
  // A second click or a late action is no error: the next page shows the current status.
  await parts.payments.act(found.value.payment.id, form.action, form.reason, form.options);
  return c.redirect(addressOf(visit, `/${entrance}/${token}`), 303);
}

/** The payment's status for the page's script. A request with `seen` is held until the revision differs from it. */
export async function respondStatus(c: Context<Env>, parts: PageParts, token: string): Promise<Response> {
  const found = await parts.arrivals.revision(token, c.req.query("seen"), parts.heldStatusMaxMs, c.req.raw.signal);
  if (!found.ok) return respondUnknown(c, parts, visitOf(c, "pay", token));
  c.header("Cache-Control", "no-store");
  const { payment, world, now, revision } = found.value;
  return respond(c, 200, {
    revision,
    status: payment.status,
    scanned: payment.scanTime !== undefined,
    leftMs: payment.expireTime - now,
    clock: world.clock.mode,
  });
}

/** Responds to a request for a page that is not there. @param status 405 if another method has the path. */
export function respondMissing(c: Context<Env>, withShop: boolean, status: 404 | 405): Promise<Response> {
  return respondPage(c, missingPage(readerOf(c), withShop), status);
}

async function respondUnknown(c: Context<Env>, parts: PageParts, visit: Visit): Promise<Response> {
  if (asksForJson(c)) return respondRefusal(c, { code: "not_found" });
  return respondFramed(c, parts, unknownPaymentPage(visit, parts.shop !== undefined), 404);
}

function respondFramed(c: Context<Env>, { frameAncestors }: PageParts, page: Page, status: 200 | 400 | 404 = 200) {
  return respondPage(c, { ...page, frameAncestors }, status);
}
