import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Refusal } from "../../domain/refusal.ts";
import { statusOf } from "../api/refusals.ts";
import { type Env, requestOrigin } from "../env.ts";
import { foreign } from "../ui/html.ts";
import { doctorView, submittedView } from "./doctor/view.ts";
import { type Done, entryOf, readDone, writeDone } from "./done.ts";
import { exportPayment } from "./export.ts";
import { formActions, formOf, problemOf } from "./form-actions.ts";
import { inspectorPage, plainPage, respondInspector } from "./layout.ts";
import { addressOf, type ExportFormat, type FormPath, type PageAddress, pageAddressOf } from "./page-address.ts";
import { type InspectorParts, type PageData, pageDataOf } from "./page-data.ts";
import { refusedForm } from "./refused-form.ts";
import { showSignedCommand } from "./signed-command.ts";
import { keepTimeZone, timeZoneNamed, timeZones } from "./times.ts";
import { showWebhookCommand } from "./webhook-command.ts";

export { script, stylesheet } from "./files.ts";
export { askToSignIn, signIn, signOut } from "./sign-in.ts";
export { formOf };

/** Responds with the command of a logged request, or with the page for an unknown address. */
export async function showCommand(c: Context<Env>, parts: InspectorParts): Promise<Response> {
  return (await showSignedCommand(c, parts)) ?? respondNotFound(c);
}

/** Responds with the command of a webhook, or with the page for an unknown address. */
export async function showWebhook(c: Context<Env>, parts: InspectorParts): Promise<Response> {
  return (await showWebhookCommand(c, parts)) ?? respondNotFound(c);
}

/** Responds with the page at the request's address. */
export function showPage(c: Context<Env>, parts: InspectorParts): Promise<Response> {
  const { pathname, search, searchParams } = new URL(c.req.url);
  const address = pageAddressOf(pathname + search);
  const done = readDone(searchParams.get("done") ?? "");
  return address === undefined ? respondNotFound(c) : respondPage(c, parts, address, { done });
}

/** Responds with the doctor's page about a pasted request or message. */
export async function examinePasted(c: Context<Env>, parts: InspectorParts): Promise<Response> {
  const form = formOf(c);
  const address: PageAddress = {
    place: "doctor",
    world: form.get("world") || undefined,
    request: form.get("request") || undefined,
  };
  const data = await pageDataOf(c, parts, address);
  if ("refusal" in data) return respondNotFound(c);
  const doctor = await submittedView(form, data, parts);
  return respondInspector(c, inspectorPage({ ...data, doctor }), doctor.problem === undefined ? 200 : 400);
}

/** Responds with a payment as a file, or with the page for an unknown address. */
export async function showExport(c: Context<Env>, parts: InspectorParts, format: ExportFormat): Promise<Response> {
  return (await exportPayment(c, parts, c.req.param("id") ?? "", format)) ?? respondNotFound(c);
}

/** Runs the action of a form and redirects to its page. After a refusal it shows that page with the problem. */
export async function submitForm(c: Context<Env>, parts: InspectorParts, path: FormPath): Promise<Response> {
  const form = formOf(c);
  const back = pageAddressOf(form.get("back") ?? "") ?? { place: "home" };
  const processingAccountId = form.get("processingAccountId") || parts.worlds.demoId;
  const id = c.req.param("id") ?? "";
  const result = await formActions[path]({ parts, origin: requestOrigin(c), form, id, processingAccountId });
  if (result.ok) return c.redirect(addressAfter(back, result.value), 303);
  if (!("refusal" in result)) return respondPage(c, parts, back, result);
  const { refusal } = result;
  const problem = problemOf(refusal);
  return respondPage(c, parts, back, { problem, refused: refusedForm(form, refusal), status: statusOf(refusal.code) });
}

/** Selects the time zone of all pages, and redirects to the form's page. */
export async function selectTimeZone(c: Context<Env>, parts: InspectorParts): Promise<Response> {
  const form = formOf(c);
  const back = pageAddressOf(form.get("back") ?? "") ?? { place: "home" };
  const zone = timeZoneNamed(form.get("zone"));
  if (zone === undefined) {
    const problem = `The time zone is ${JSON.stringify(form.get("zone"))}; expected ${timeZones.join(" or ")}.`;
    return respondPage(c, parts, back, { problem, status: 400 });
  }
  keepTimeZone(c, zone);
  return c.redirect(addressOf(back), 303);
}

/** The address after a successful form, with its result for the notice and the place of the new entry. */
function addressAfter(back: PageAddress, done: Done): string {
  const address = addressOf(pageAfter(back, done));
  const entry = entryOf(done);
  const query = new URLSearchParams({ done: writeDone(done) });
  return `${address}${address.includes("?") ? "&" : "?"}${query}${entry === undefined ? "" : `#${entry}`}`;
}

function pageAfter(back: PageAddress, done: Done): PageAddress {
  if (done.kind === "reset") return { place: "home", world: back.world };
  if (done.kind === "created") return { place: "payment", paymentId: done.payment, world: back.world };
  return back;
}

/** What a page says about the form that led to it, and the status of the page. */
interface FormResult extends Pick<PageData, "done" | "problem" | "refused"> {
  readonly status?: number;
}

async function respondPage(
  c: Context<Env>,
  parts: InspectorParts,
  address: PageAddress,
  { status, ...result }: FormResult,
): Promise<Response> {
  const data = await pageDataOf(c, parts, address);
  if ("refusal" in data) return respondNotFound(c, data.refusal);
  if (address.place !== "doctor") {
    return respondInspector(c, inspectorPage({ ...data, ...result }), status as ContentfulStatusCode | undefined);
  }
  const doctor = await doctorView(data, parts);
  return respondInspector(c, inspectorPage({ ...data, ...result, doctor }), doctor.problem === undefined ? 200 : 404);
}

function respondNotFound(c: Context<Env>, refusal?: Refusal): Promise<Response> {
  const world = refusal?.code === "not_found" ? refusal.world : undefined;
  const cause =
    world === undefined ? "No page has this address." : html`No world has the processing account ${foreign(world)}.`;
  const body = html`<h1>Not found</h1>
    <p data-testid="not-found">${cause} The sandbox may have been restarted or reset.</p>
    <p><a class="button" href="/" data-testid="to-start">All payments</a></p>`;
  return respondInspector(c, plainPage("Not found", body), 404);
}
