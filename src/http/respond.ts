import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { accept, type Refusal, type Result } from "../domain/refusal.ts";
import { answerRefusal } from "./api/answer.ts";
import type { Env } from "./env.ts";

export function respond(c: Context<Env>, status: ContentfulStatusCode, body: object): Response {
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/json" });
}

export function respondRefusal(c: Context<Env>, refusal: Refusal): Response {
  const { status, headers, text } = answerRefusal(refusal);
  return c.body(text, status as ContentfulStatusCode, headers);
}

/** Presents the value of an accepted result; a refusal stays as it is. */
export function presentResult<T, R>(result: Result<T>, present: (value: T) => R): Result<R> {
  return result.ok ? accept(present(result.value)) : result;
}
