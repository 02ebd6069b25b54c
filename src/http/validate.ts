import type { z } from "zod";
import { accept, type FieldError, type Refusal, type Result, refuse } from "../domain/refusal.ts";

type SchemaCode = Extract<Refusal, { errors: unknown }>["code"];

/** What a schema can find, in order of precedence. */
const precedence: readonly SchemaCode[] = [
  "invalid_request",
  "unsupported_payment_method",
  "unsupported_currency",
  "amount_below_minimum",
];

/** Reads a body as UTF-8 JSON and checks it. An empty body is `whenEmpty`, where one is given. */
export function parseBody<T>(schema: z.ZodType<T>, bytes: Uint8Array, whenEmpty?: object): Result<T> {
  if (bytes.length === 0) {
    return whenEmpty === undefined ? notReadable("The body is empty.") : parseValue(schema, whenEmpty);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return notReadable("The body is not UTF-8.");
  }
  try {
    return parseValue(schema, JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return notReadable("The body is not JSON.");
    throw error;
  }
}

/** Checks a value. All that is wrong with it is listed; the refusal's code is the one that comes first. */
export function parseValue<T>(schema: z.ZodType<T>, value: unknown): Result<T> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return accept(parsed.data);
  const found = parsed.error.issues.flatMap(fieldErrors);
  const otherMethod = found.some(({ code }) => code === "unsupported_payment_method");
  // What another payment method carries is not ours to judge.
  const errors = otherMethod ? found.filter(({ path }) => !path.startsWith("paymentMethod.alipayHk")) : found;
  const code = precedence.find((candidate) => errors.some((error) => error.code === candidate)) ?? "invalid_request";
  return refuse({ code, errors });
}

/** A rule for `refine` whose breach has a code of its own. */
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
  if (issue.code === "invalid_type") {
    const article = /^[aeiou]/.test(issue.expected) ? "an" : "a";
    return issue.input === undefined ? "is missing" : `must be ${article} ${issue.expected}`;
  }
  if (issue.code === "invalid_value") {
    if (issue.input === undefined) return "is missing";
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
  }
  return issue.message;
}

function notReadable(description: string): ReturnType<typeof refuse> {
  return refuse({ code: "invalid_request", errors: [{ path: "", code: "invalid_request", description }] });
}
