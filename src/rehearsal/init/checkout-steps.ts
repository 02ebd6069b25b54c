import type { ApiExchange } from "../exchange.ts";
import { type PlanCapture, type PlanStep, SetupError } from "../plan.ts";
import { captured, jsonOf, memberAt } from "../steps.ts";
import type { RecordedRequest } from "./recorder.ts";

const stepsMax = 3;
/** Minimum length of a value that counts as a token: shorter ones occur by chance. */
const tokenMin = 8;

/** A value that a request took from an earlier response. */
interface Origin {
  readonly from: RecordedRequest;
  readonly capture: PlanCapture;
  readonly value: string;
  readonly name: string;
}

/**
 * The steps of a checkout, from what a browser sent until the merchant created the payment: the requests that change
 * something, and those whose responses have tokens for them. Throws `SetupError` if they are too many.
 */
export function checkoutSteps(requests: readonly RecordedRequest[], create: ApiExchange): PlanStep[] {
  const before = requests.filter(({ startTime }) => startTime <= create.startTime);
  const changing = before.filter(({ method }) => method !== "GET" && method !== "HEAD");
  const last = changing.at(-1) ?? before.at(-1);
  if (last === undefined) throw new SetupError("No request of a customer was recorded before the payment.");
  const needed = changing.length === 0 ? [last] : changing;
  const origins = new Map<RecordedRequest, Origin[]>();
  for (const request of needed) {
    for (const [name, value] of valuesOf(request)) {
      const origin = originOf(name, value, before.slice(0, before.indexOf(request)));
      if (origin === undefined) continue;
      const known = origins.get(origin.from) ?? [];
      if (!known.some((other) => other.value === value)) origins.set(origin.from, [...known, origin]);
    }
  }
  const steps = before.filter((request) => needed.includes(request) || origins.has(request));
  if (steps.length > stepsMax) {
    const list = steps.map(({ method, target }) => `${method} ${target}`).join(", ");
    throw new SetupError(`The checkout has ${steps.length} steps (${list}); at most ${stepsMax}: use a command.`);
  }
  const all = [...origins.values()].flat();
  return steps.map((request) => stepOf(request, origins.get(request) ?? [], all, create));
}

/** The texts of a request that may come from an earlier response, by name. */
function valuesOf({ target, headers, body }: RecordedRequest): [name: string, value: string][] {
  const url = new URL(target, "http://shop");
  const tokens = Object.entries(headers).filter(([name]) => /csrf|xsrf|token/i.test(name));
  return [
    ...tokens,
    ...url.searchParams.entries(),
    ...url.pathname.split("/").map((part): [string, string] => ["id", part]),
    ...(formOf(headers, body)?.entries() ?? []),
    ...Object.entries(objectOf(body)).map(([name, value]): [string, string] => [name, String(value)]),
  ].filter(([, value]) => value.length >= tokenMin);
}

/** Where a value was first seen: in a field, a member of the JSON, or a header of a response. */
function originOf(name: string, value: string, earlier: readonly RecordedRequest[]): Origin | undefined {
  for (const from of earlier) {
    const capture = captureOf(name, value, from);
    if (capture !== undefined) return { from, capture, value, name: captureName(name) };
  }
  return undefined;
}

/** A name for a capture: letters, digits and underscores, with a letter first. */
function captureName(name: string): string {
  return name.replace(/\W+/g, "_").replace(/^[^a-z]+/i, "") || "value";
}

function captureOf(name: string, value: string, { response }: RecordedRequest): PlanCapture | undefined {
  if (response === undefined) return undefined;
  const answer = { ...response, error: undefined, cookies: [] };
  const pointer = pointerTo(jsonOf(response.body), (member) => String(member) === value);
  const candidates: PlanCapture[] = [
    { field: name },
    ...[...response.body.matchAll(/<(?:input|meta)\b[^>]*\bname=["']([^"']+)["']/gi)].map(([, field = ""]) => ({
      field,
    })),
    ...(pointer === undefined ? [] : [{ pointer }]),
  ];
  return candidates.find((candidate) => captured(answer, candidate) === value);
}

/** Pointer of the first member that a condition holds for. */
export function pointerTo(
  json: unknown,
  isRight: (member: unknown, name: string) => boolean,
  at = "",
): string | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  for (const [name, member] of Object.entries(json)) {
    const pointer = `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (typeof member !== "object" && isRight(member, name)) return pointer;
    const inside = pointerTo(member, isRight, pointer);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function stepOf(
  request: RecordedRequest,
  own: readonly Origin[],
  all: readonly Origin[],
  create: ApiExchange,
): PlanStep {
  const { method, target, headers, body } = request;
  const reference = String(memberAt(jsonOf(create.body), "/merchantReference") ?? "");
  const amount = String(memberAt(jsonOf(create.body), "/amount/value") ?? "");
  const fill = (text: string, name = "") => {
    const origin = all.find(({ value }) => value === text);
    if (origin !== undefined) return `{${origin.name}}`;
    // A reference that the customer's side chose must be another one in each checkout.
    if (text === reference && text !== "") return "order-{unique}";
    return /^amount$/i.test(name) && Number(text) === Number(amount) ? "{amount}" : text;
  };
  const form = formOf(headers, body);
  const json = form === undefined ? jsonOf(body) : undefined;
  const tokens = Object.entries(headers).filter(([name]) => /csrf|xsrf|token/i.test(name));
  const path = target
    .split(/([/?&=])/)
    .map((part) => fill(part))
    .join("");
  return {
    request: `${method} ${path}`,
    ...(tokens.length === 0 ? {} : { headers: Object.fromEntries(tokens.map(([name, value]) => [name, fill(value)])) }),
    ...(form === undefined
      ? {}
      : { form: Object.fromEntries([...form].map(([name, value]) => [name, fill(value, name)])) }),
    ...(json === undefined ? {} : { json: filled(json, fill) }),
    ...(own.length === 0 ? {} : { capture: Object.fromEntries(own.map(({ name, capture }) => [name, capture])) }),
  };
}

function filled(json: unknown, fill: (text: string, name: string) => string, name = ""): unknown {
  if (Array.isArray(json)) return json.map((item) => filled(item, fill));
  if (typeof json === "object" && json !== null) {
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, filled(value, fill, key)]));
  }
  const text = fill(String(json), name);
  return text === String(json) ? json : text;
}

function formOf(headers: RecordedRequest["headers"], body: string): URLSearchParams | undefined {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return isForm ? new URLSearchParams(body) : undefined;
}

function objectOf(body: string): object {
  const json = jsonOf(body);
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
}
