import type { Browser, BrowserAnswer } from "./browser.ts";
import type { MerchantResponse } from "./http.ts";
import { type PlanCapture, type PlanStep, SetupError } from "./plan.ts";

/** Values for `{name}` in the texts of a plan. */
export type Values = Readonly<Record<string, string>>;

/** What a command of the plan gets of the values: `$1` is the reference, `REHEARSAL_NAME` is the value of `name`. */
export function commandInput(values: Values) {
  const variables = Object.entries(values).map(([name, value]) => [`REHEARSAL_${name.toUpperCase()}`, value]);
  return { parameters: [values.reference ?? ""], variables: Object.fromEntries(variables) as Record<string, string> };
}

/** Replaces `{name}`. Throws `SetupError` for a name without a value. @param encode for a text inside a URL. */
export function fill(text: string, values: Values, encode: (value: string) => string = (value) => value): string {
  return text.replace(/\{([a-z]\w*)\}/gi, (_, name: string) => {
    const value = values[name];
    if (value !== undefined) return encode(value);
    const known = Object.keys(values).join(", ");
    throw new SetupError(`{${name}} in ${JSON.stringify(text)} has no value: capture it before. Known: ${known}.`);
  });
}

/** Runs the steps of an action in a browser. @returns the answers, in order, and the captured values. */
export async function runSteps(
  steps: readonly PlanStep[],
  { browser, baseUrl, values }: { readonly browser: Browser; readonly baseUrl: string; readonly values: Values },
): Promise<{ readonly answers: readonly BrowserAnswer[]; readonly values: Values }> {
  const answers: BrowserAnswer[] = [];
  let known = values;
  for (const { request, headers, form, json, capture = {} } of steps) {
    const [method = "", path = ""] = request.split(" ");
    const answer = await browser.open({
      method,
      url: new URL(fill(path, known, encodeURIComponent), baseUrl).href,
      headers: headers && fillAll(headers, known),
      form: form && fillAll(form, known),
      json: fillJson(json, known),
    });
    answers.push(answer);
    for (const [name, source] of Object.entries(capture)) {
      const value = captured(answer, source);
      if (value === undefined && answer.status < 400 && answer.status > 0) {
        const response = `The response to ${request} (${answer.status})`;
        throw new SetupError(`${response} has nothing for the capture ${name}: correct where it looks.`);
      }
      known = { ...known, [name]: value ?? "" };
    }
    if (answer.status >= 400 || answer.status === 0) break;
  }
  return { answers, values: known };
}

function fillAll(texts: Readonly<Record<string, string>>, values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text, values)]));
}

/** Fills the texts of a JSON value. A text that is only `{amount}` becomes a number. */
function fillJson(json: unknown, values: Values): unknown {
  if (json === "{amount}" && values.amount !== undefined) return Number(values.amount);
  if (typeof json === "string") return fill(json, values);
  if (Array.isArray(json)) return json.map((item) => fillJson(item, values));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, fillJson(value, values)]));
}

/** The value of a capture in a response; `undefined` if it is not there. */
export function captured(answer: MerchantResponse, source: PlanCapture): string | undefined {
  if ("header" in source) return answer.header(source.header.toLowerCase()) || undefined;
  if ("field" in source) return fieldOf(answer.body, source.field);
  const value = memberAt(jsonOf(answer.body), source.pointer);
  return value === undefined || value === null ? undefined : String(value);
}

/** Parses JSON; `undefined` for any other text. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The member of a JSON value at a pointer (RFC 6901); `undefined` if it is not there. */
export function memberAt(json: unknown, pointer: string): unknown {
  const names = pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    return (value as Readonly<Record<string, unknown>>)[name];
  }, json);
}

/** The value of a form's field, or the content of a `meta` element, by its name. */
function fieldOf(page: string, name: string): string | undefined {
  for (const [tag] of page.matchAll(/<(?:input|button|meta)\b[^>]*>/gi)) {
    const attributes = new Map(
      [...tag.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)].map(
        ([, key = "", double, single, bare]) => [key.toLowerCase(), unescapeHtml(double ?? single ?? bare ?? "")],
      ),
    );
    if (attributes.get("name") === name) return attributes.get("value") ?? attributes.get("content");
  }
  return undefined;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

/** Replaces the character references that escaping of HTML makes. */
export function unescapeHtml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|#x27);/gi, (whole, name: string) => entities[name.toLowerCase()] ?? whole);
}
