import type { z } from "zod";
import { accept, type FieldError, type FieldErrors, type Refusal, type Result, refuse } from "../domain/refusal.ts";
import { issueCount } from "./bounded-issues.ts";
import { hasMoreValues } from "./json-values.ts";
import { shortened } from "./shorten.ts";

type SchemaCode = Extract<Refusal, { errors: unknown }>["code"];

/** Refusals of a validation, in order of precedence. */
const precedence: readonly SchemaCode[] = [
  "invalid_request",
  "unsupported_payment_method",
  "unsupported_currency",
  "amount_below_minimum",
];

/** Maximum nesting of a body: the limit of common JSON parsers in other languages. [ours] */
const depthMax = 100;

/** Maximum number of errors in an answer. */
const errorsMax = 50;
/** Maximum length of a path in an answer. */
const pathMaxLength = 200;
/** Maximum length of the complaint about a value, which may quote it. */
const complaintMaxLength = 1_000;

/** A validated body, the JSON that it was read from, and the validated query. */
interface ParsedRequest {
  readonly body: unknown;
  readonly json: unknown;
  readonly query: unknown;
}

/** Validates a body together with the query. The refusal lists all errors, those of the query first. */
export function parseRequest(
  { body, query }: { readonly body: z.ZodType; readonly query: z.ZodType | undefined },
  json: Result<unknown>,
  given: Record<string, string>,
): Result<ParsedRequest> {
  const checkedQuery = query === undefined ? accept(undefined) : parseValue(query, given);
  if (!json.ok) return json;
  const checked = parseValue(body, json.value);
  if (checked.ok && checkedQuery.ok) {
    return accept({ body: checked.value, json: json.value, query: checkedQuery.value });
  }
  const parts = [checkedQuery, checked].flatMap((part) =>
    part.ok || !("errors" in part.refusal) ? [] : [part.refusal],
  );
  const errors = parts.flatMap((part) => part.errors);
  return refuseErrors(
    errors,
    parts.reduce((sum, { more = 0 }) => sum + more, 0),
  );
}

/** How to read a body of the control surface. */
interface BodyRules {
  /** An empty body means `{}`. */
  readonly mayBeEmpty: boolean;
  /** Maximum number of items of each list, and of members of each object. */
  readonly itemsMax?: number;
  /** Maximum number of values in the whole body. */
  readonly valuesMax?: number;
  /** Changes or refuses the JSON before it is validated. */
  readonly prepare?: (json: unknown) => Result<unknown>;
}

/** Validates a body of the control surface. */
export function parseControlBody<T>(
  schema: z.ZodType<T>,
  bytes: Uint8Array,
  { mayBeEmpty, itemsMax, valuesMax, prepare = accept }: BodyRules,
): Result<T> {
  if (valuesMax !== undefined && hasMoreValues(bytes, valuesMax)) {
    return notReadable(`The body has more than ${valuesMax} values.`);
  }
  const json = bytes.length === 0 && mayBeEmpty ? accept({}) : readJson(readText(bytes));
  if (!json.ok) return json;
  const path = itemsMax === undefined ? undefined : pathOfLonger(json.value, itemsMax);
  if (path === undefined) {
    const prepared = prepare(json.value);
    return prepared.ok ? parseValue(schema, prepared.value) : prepared;
  }
  const place = path.join(".");
  return refuseErrors([fieldError(place, "invalid_request", `must not have more than ${itemsMax} items`)]);
}

/** The path of a list or object with more items. */
function pathOfLonger(json: unknown, itemsMax: number): readonly string[] | undefined {
  const open: { readonly value: unknown; readonly path: readonly string[] }[] = [{ value: json, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value !== "object" || value === null) continue;
    const items = Object.entries(value);
    if (items.length > itemsMax) return path;
    for (const [name, item] of items) {
      if (typeof item === "object" && item !== null) open.push({ value: item, path: [...path, name] });
    }
  }
  return undefined;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });
const lenientUtf8 = new TextDecoder();

/** A body as text. @returns `isUtf8` false if bytes that are not UTF-8 were replaced. */
export function readText(bytes: Uint8Array): { readonly text: string; readonly isUtf8: boolean } {
  if (bytes.length === 0) return { text: "", isUtf8: true };
  try {
    return { text: strictUtf8.decode(bytes), isUtf8: true };
  } catch {
    return { text: lenientUtf8.decode(bytes), isUtf8: false };
  }
}

/** Reads the JSON of a body. */
export function readJson({ text, isUtf8 }: ReturnType<typeof readText>): Result<unknown> {
  if (!isUtf8) return notReadable("The body is not UTF-8.");
  if (text === "") return notReadable("The body is empty.");
  try {
    const json: unknown = JSON.parse(text);
    return isTooDeep(json) ? notReadable(`The body is nested deeper than ${depthMax} levels.`) : accept(json);
  } catch (error) {
    if (error instanceof SyntaxError) return notReadable("The body is not JSON.");
    throw error;
  }
}

function isTooDeep(json: unknown, depth = 0): boolean {
  if (typeof json !== "object" || json === null) return false;
  if (depth >= depthMax) return true;
  for (const value of Array.isArray(json) ? json : Object.values(json)) {
    if (typeof value === "object" && isTooDeep(value, depth + 1)) return true;
  }
  return false;
}

/** Validates a value. The refusal lists all errors and has the code of the first in precedence. */
export function parseValue<T>(schema: z.ZodType<T>, value: unknown): Result<T> {
  const first = schema.safeParse(value);
  if (first.success) return accept(first.data);
  // The input of each issue costs time: only a wrong value is parsed again for it.
  const { error } = schema.safeParse(value, { reportInput: true });
  const found: FieldError[] = [];
  let more = 0;
  for (const issue of error?.issues ?? []) {
    const count = issueCount(issue);
    const errors = fieldErrors(issue);
    found.push(...errors);
    more += count - errors.length;
  }
  const otherMethod = found.some(({ code }) => code === "unsupported_payment_method");
  // The members of another payment method are unknown here.
  const errors = otherMethod ? found.filter(({ path }) => !path.startsWith("paymentMethod.alipayHk")) : found;
  return refuseErrors(errors, more);
}

/** Refuses for these errors, of which the answer lists the first. @param more number of further errors. */
function refuseErrors(errors: readonly FieldError[], more = 0): ReturnType<typeof refuse> {
  const left = more + Math.max(0, errors.length - errorsMax);
  const listed: FieldErrors = { errors: errors.slice(0, errorsMax), ...(left === 0 ? {} : { more: left }) };
  return refuse({ code: firstOf(errors), ...listed });
}

function firstOf(errors: readonly FieldError[]): SchemaCode {
  return precedence.find((candidate) => errors.some(({ code }) => code === candidate)) ?? "invalid_request";
}

/** The second argument of `refine` for a rule with its own refusal code. */
export function breach(
  code: SchemaCode,
  error: string,
): { readonly error: string; readonly params: { readonly code: string } } {
  return { error, params: { code } };
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys
      .slice(0, errorsMax)
      .map((key) => fieldError(path === "" ? key : `${path}.${key}`, "invalid_request", "is not known here"));
  }
  const code =
    issue.code === "custom" ? ((issue.params?.code as SchemaCode | undefined) ?? "invalid_request") : "invalid_request";
  return [fieldError(path, code, complaint(issue))];
}

function fieldError(path: string, code: SchemaCode, complaint: string): FieldError {
  const shown = shortened(path, pathMaxLength);
  const name = shown === "" ? "The body" : shown;
  return { path: shown, code, description: `${name} ${shortened(complaint, complaintMaxLength)}.` };
}

function complaint(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code !== "custom") return "is missing";
  if (issue.code === "invalid_type") return `must be ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
  if (issue.code === "invalid_value")
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
  return issue.message;
}

function notReadable(description: string): ReturnType<typeof refuse> {
  return refuse({ code: "invalid_request", errors: [{ path: "", code: "invalid_request", description }] });
}
