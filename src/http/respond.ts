import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Refusal, Result } from "../domain/refusal.ts";
import { presentRefusal } from "./api/refusals.ts";
import type { Env } from "./env.ts";

export function respond(c: Context<Env>, status: ContentfulStatusCode, body: object): Response {
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/json" });
}

export function respondRefusal(c: Context<Env>, refusal: Refusal): Response {
  const { status, body } = presentRefusal(refusal);
  if (refusal.code === "rate_limited") c.header("Retry-After", "1");
  if (refusal.code === "method_not_allowed") c.header("Allow", refusal.allow.join(", "));
  return respond(c, status, body);
}

/** Answers with a text that is JSON already. */
export function respondText(c: Context<Env>, result: Result<string>, status: ContentfulStatusCode): Response {
  if (!result.ok) return respondRefusal(c, result.refusal);
  return c.body(result.value, status, { "Content-Type": "application/json" });
}

/** Answers with what a use case came to. */
export function respondResult<T>(
  c: Context<Env>,
  result: Result<T>,
  status: ContentfulStatusCode,
  present: (value: T) => object,
): Response {
  return result.ok ? respond(c, status, present(result.value)) : respondRefusal(c, result.refusal);
}
