import type { Sandbox } from "../../src/index.ts";
import { type Answer, answerOf, get } from "../support/merchant.ts";

/** The HTML inside every element with that `data-testid`. */
export function insides(html: string, testid: string): string[] {
  return [...html.matchAll(new RegExp(`<([a-z0-9]+)\\b[^>]*\\bdata-testid="${testid}"[^>]*>`, "g"))].map((found) => {
    const [opening, name] = found;
    const rest = html.slice(found.index + opening.length);
    let depth = 1;
    for (const tag of rest.matchAll(new RegExp(`<(/?)${name}\\b`, "g"))) {
      depth += tag[1] === "/" ? -1 : 1;
      if (depth === 0) return rest.slice(0, tag.index);
    }
    return rest;
  });
}

/** Visible text of every element with that `data-testid`. */
export function textsOf(html: string, testid: string): string[] {
  return insides(html, testid).map(plain);
}

/** Visible text of a piece of HTML. */
export function plain(html: string): string {
  const text = html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  const entities: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => entities[name] ?? "").trim();
}

/** Every `data-testid` in a piece of HTML, in order. */
export function testids(html: string): string[] {
  return [...html.matchAll(/data-testid="([^"]*)"/g)].map(([, id = ""]) => id);
}

/** Sends a form of the inspector. */
export async function submit(
  sandbox: Pick<Sandbox, "fetch">,
  path: string,
  form: Record<string, string> = {},
): Promise<Answer> {
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  return answerOf(await sandbox.fetch(path, { method: "POST", body: new URLSearchParams(form).toString(), headers }));
}

/** The page that a form leads to, without the result for its notice and without the place of the new entry. */
export function leadsTo({ headers }: Answer): string {
  const location = new URL(headers.get("location") ?? "", "http://sandbox");
  location.searchParams.delete("done");
  return location.pathname + location.search;
}

/** The page of a payment. */
export async function paymentPage(sandbox: Pick<Sandbox, "fetch">, id: string): Promise<string> {
  const { status, text } = await get(sandbox, `/inspector/payments/${id}`);
  if (status !== 200) throw new Error(`the page of ${id} has status ${status}`);
  return text;
}
