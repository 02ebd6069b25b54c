import type { z } from "zod";
import { accept, type FieldError, type Refusal, type Result, refuse } from "../domain/refusal.ts";

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

/** A validated body, the JSON that it was read from, and the validated query. */
interface ParsedRequest {
  readonly body: unknown;
  readonly json: unknown;
  readonly query: unknown;
}

/** Validates a body in UTF-8 JSON together with the query. The refusal lists all errors, those of the query first. */
export function parseRequest(
  { body, query }: { readonly body: z.ZodType; readonly query: z.ZodType | undefined },
  bytes: Uint8Array,
  given: Record<string, string>,
): Result<ParsedRequest> {
  const checkedQuery = query === undefined ? accept(undefined) : parseValue(query, given);
  const json = readJson(bytes);
  if (!json.ok) return json;
  const checked = parseValue(body, json.value);
  if (checked.ok && checkedQuery.ok) {
    return accept({ body: checked.value, json: json.value, query: checkedQuery.value });
  }
  const errors = [checkedQuery, checked].flatMap((part) =>
    part.ok || !("errors" in part.refusal) ? [] : part.refusal.errors,
  );
  return refuse({ code: firstOf(errors), errors });
}

/**
 * Validates a body of the control surface.
 * @param mayBeEmpty whether an empty body means `{}`.
 * @param prepare changes or refuses the JSON before it is validated.
 */
export function parseControlBody<T>(
  schema: z.ZodType<T>,
  bytes: Uint8Array,
  mayBeEmpty = false,
  prepare: (json: unknown) => Result<unknown> = accept,
): Result<T> {
  const json = bytes.length === 0 && mayBeEmpty ? accept({}) : readJson(bytes);
  const prepared = json.ok ? prepare(json.value) : json;
  return prepared.ok ? parseValue(schema, prepared.value) : prepared;
}

function readJson(bytes: Uint8Array): Result<unknown> {
  if (bytes.length === 0) return notReadable("The body is empty.");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return notReadable("The body is not UTF-8.");
  }
  try {
    const json: unknown = JSON.parse(text);
    return isTooDeep(json) ? notReadable(`The body is nested deeper than ${depthMax} levels.`) : accept(json);
  } catch (error) {
    if (error instanceof SyntaxError) return notReadable("The body is not JSON.");
    throw error;
  }
}

function isTooDeep(json: unknown): boolean {
  let level = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}

/** Validates a value. The refusal lists all errors and has the code of the first in precedence. */
export function parseValue<T>(schema: z.ZodType<T>, value: unknown): Result<T> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return accept(parsed.data);
  const found = parsed.error.issues.flatMap(fieldErrors);
  const otherMethod = found.some(({ code }) => code === "unsupported_payment_method");
  // The members of another payment method are unknown here.
  const errors = otherMethod ? found.filter(({ path }) => !path.startsWith("paymentMethod.alipayHk")) : found;
  return refuse({ code: firstOf(errors), errors });
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
  const name = path === "" ? "The body" : path;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const member = path === "" ? key : `${path}.${key}`;
      return { path: member, code: "invalid_request", description: `${member} is not known here.` };
    });
  }
  const code =
    issue.code === "custom" ? ((issue.params?.code as SchemaCode | undefined) ?? "invalid_request") : "invalid_request";
  return [{ path, code, description: `${name} ${complaint(issue)}.` }];
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
