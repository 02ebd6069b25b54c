import type { Context } from "hono";
import { html } from "hono/html";
import type { WaitFor } from "../../services/observing/wait-for.ts";
import type { Payments } from "../../services/payments/payments.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respond } from "../respond.ts";
import { type Page, respondPage } from "../ui/layout.ts";
import { agentLabel } from "./agent.ts";
import { payerPage } from "./bar.ts";
import { readForm } from "./payer-acts.ts";
import { isWalletHere, qrPage } from "./qr.ts";
import { resultPage } from "./result.ts";
import { addressOf, type Visit, viewFor, visitOf } from "./visit.ts";
import { walletPage } from "./wallet.ts";

export { icon, script, stylesheet } from "./files.ts";

/** What stands behind the payer's pages. */
export interface PageParts {
  readonly arrivals: WaitFor;
  readonly payments: Payments;
  readonly addresses: Addresses;
  /** Whose pages may frame them, as a list of sources for their policy. */
  readonly frameAncestors: string;
  /** So long an answer to the script of a page waits for a change, in milliseconds. */
  readonly heldStatusMaxMs: number;
}

/** Shows what is true of the payment: the code, the wallet, or how it ended. */
export async function show(c: Context<Env>, parts: PageParts, door: Visit["door"], token: string): Promise<Response> {
  const { payments, addresses } = parts;
  const visit = visitOf(c, door, token);
  const found = await payments.byPageToken(token);
  if (!found.ok) return answer(c, parts, unknownPage(visit), 404);
  const { payment } = found.value;
  // Who looks at a page does not wait for this, and does not hear of it.
  const looked = (page: "qr" | "wallet" | "result") =>
    void payments.recordView(payment.id, page, agentLabel(c.req.header("User-Agent"))).catch(() => undefined);
  const place = viewFor(c, visit, found.value);
  if (payment.status !== "pending") {
    looked("result");
    const tab = visit.query.get("tab");
    const returns = payment.flowType === "mobile_redirect" || place === "qr" || tab === "same";
    return answer(c, parts, resultPage(visit, found.value, { place, returns }));
  }
  const code = place === "qr" && !isWalletHere(visit);
  looked(code ? "qr" : "wallet");
  const opened = code ? found : await payments.act(payment.id, "scan");
  if (!opened.ok) return answer(c, parts, unknownPage(visit), 404);
  if (place === "wallet") return answer(c, parts, walletPage(visit, opened.value));
  const { base, reachable } = addresses.phone(requestOrigin(c));
  return answer(c, parts, await qrPage(visit, opened.value, { walletUrl: `${base}/wallet/${token}`, reachable }));
}

/** Does what a button of the pages says, and leads to the page that shows what came of it. */
export async function act(c: Context<Env>, parts: PageParts, door: Visit["door"], token: string): Promise<Response> {
  const visit = visitOf(c, door, token);
  const form = readForm(Object.fromEntries(new URLSearchParams(new TextDecoder().decode(c.get("body")))));
  const found = await parts.payments.byPageToken(token);
  if (!found.ok) return answer(c, parts, unknownPage(visit), 404);
  if (form === undefined) return answer(c, parts, badFormPage(visit), 400);
  // A second click or an act that comes too late is no error: the page that follows shows what is true.
  await parts.payments.act(found.value.payment.id, form.act.action, form.act.reason, form.manner);
  return c.redirect(addressOf(visit, `/${door}/${token}`), 303);
}

/** Tells the script of a page how the payment stands; one that says what it has seen is told when that has changed. */
export async function tellStatus(c: Context<Env>, parts: PageParts, token: string): Promise<Response> {
  const found = await parts.arrivals.revision(token, c.req.query("seen"), parts.heldStatusMaxMs, c.req.raw.signal);
  if (!found.ok) return answer(c, parts, unknownPage(visitOf(c, "pay", token)), 404);
  c.header("Cache-Control", "no-store");
  const { payment, world, now, revision } = found.value;
  return respond(c, 200, {
    standing: revision,
    status: payment.status,
    scanned: payment.scanTime !== undefined,
    leftMs: payment.expireTime - now,
    clock: world.clock.mode,
  });
}

function answer(c: Context<Env>, { frameAncestors }: PageParts, page: Page, status: 200 | 400 | 404 = 200) {
  return respondPage(c, { ...page, frameAncestors }, status);
}

function unknownPage(visit: Visit): Page {
  return messagePage(visit, visit.texts.notFound, visit.texts.notFoundSentence);
}

function badFormPage(visit: Visit): Page {
  return messagePage(visit, visit.texts.notUnderstood, visit.texts.notUnderstoodSentence);
}

function messagePage(visit: Visit, title: string, sentence: string): Page {
  return payerPage(visit, "Alipay HK sandbox", {
    title,
    body: html`<h1 class="headline">${title}</h1><p>${sentence}</p>`,
  });
}
