import type { Context } from "hono";
import { html } from "hono/html";
import { statusOf } from "../api/refusals.ts";
import type { Env } from "../env.ts";
import { acts, formOf, problemOf } from "./form-actions.ts";
import { inspectorPage, plainPage, respondInspector } from "./layout.ts";
import { type ActPath, addressOf, type PageAddress, pageAddressOf } from "./page-address.ts";
import { type InspectorParts, pageDataOf } from "./page-data.ts";

export { script, stylesheet } from "./layout.ts";
export { askToSignIn, signIn, signOut } from "./sign-in.ts";
export { formOf };

/** Answers with the page at the request's address. */
export function show(c: Context<Env>, parts: InspectorParts): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const view = pageAddressOf(pathname + search);
  return view === undefined ? showNothing(c) : showView(c, parts, view);
}

/** Does what a form asks for and goes back to the page that it came from, or shows that page with what is wrong. */
export async function act(c: Context<Env>, parts: InspectorParts, path: ActPath): Promise<Response> {
  const form = formOf(c);
  const back = pageAddressOf(form.get("back") ?? "") ?? { place: "home" };
  const processingAccountId = form.get("processingAccountId") || parts.worlds.demoId;
  const done = await acts[path]({ parts, form, id: c.req.param("id") ?? "", processingAccountId });
  if (done.ok)
    return c.redirect(addressOf(path === "/inspector/reset" ? { place: "home", world: back.world } : back), 303);
  return showView(c, parts, back, { words: problemOf(done.refusal), status: statusOf(done.refusal.code) });
}

async function showView(
  c: Context<Env>,
  parts: InspectorParts,
  view: PageAddress,
  problem?: { readonly words: string; readonly status: ReturnType<typeof statusOf> },
): Promise<Response> {
  const scene = await pageDataOf(c, parts, view, problem?.words);
  if ("refusal" in scene) return showNothing(c);
  return respondInspector(c, inspectorPage(scene), problem?.status ?? 200);
}

function showNothing(c: Context<Env>): Promise<Response> {
  const body = html`<h1>Not here</h1>
    <p data-testid="not-found">Nothing has this address. The sandbox may have been started or reset since.</p>
    <p><a class="button" href="/" data-testid="to-start">All payments</a></p>`;
  return respondInspector(c, plainPage("Not here", body), 404);
}
