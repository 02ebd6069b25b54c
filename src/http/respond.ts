import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { accept, type Refusal, type Result } from "../domain/refusal.ts";
import { presentRefusal } from "./api/refusals.ts";
import type { Env } from "./env.ts";

export function respond(c: Context<Env>, status: ContentfulStatusCode, body: object): Response {
  return respondText(c, status, JSON.stringify(body));
}

/** Sends a text that is JSON already. */
export function respondText(c: Context<Env>, status: ContentfulStatusCode, json: string): Response {
  return c.body(json, status, { "Content-Type": "application/json" });
}

export function respondRefusal(c: Context<Env>, refusal: Refusal): Response {
  const { status, body } = presentRefusal(refusal);
  if (refusal.code === "rate_limited") c.header("Retry-After", "1");
  if (refusal.code === "method_not_allowed") c.header("Allow", refusal.allow.join(", "));
  return respond(c, status, body);
}

/** Presents the value of an accepted result; a refusal stays as it is. */
export function presentResult<T, R>(result: Result<T>, present: (value: T) => R): Result<R> {
  return result.ok ? accept(present(result.value)) : result;
}
