import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { accept, type Refusal, type Result } from "../domain/refusal.ts";
import { answerRefusal } from "./api/answer.ts";
import { type Env, headerOf } from "./env.ts";

export function respond(c: Context<Env>, status: ContentfulStatusCode, body: object): Response {
  return c.body(JSON.stringify(body), status, { "Content-Type": "application/json" });
}

export function respondRefusal(c: Context<Env>, refusal: Refusal): Response {
  const { status, headers, text } = answerRefusal(refusal);
  return c.body(text, status as ContentfulStatusCode, headers);
}

/** Whether a client asks for JSON and not for a page. */
export function asksForJson(c: Context<Env>): boolean {
  return /json/i.test(headerOf(c, "accept") ?? "") && !asksForPage(c);
}

/** Whether a client asks for a page, as browsers do. */
export function asksForPage(c: Context<Env>): boolean {
  return /text\/html/i.test(headerOf(c, "accept") ?? "");
}

/** Presents the value of an accepted result; a refusal stays as it is. */
export function presentResult<T, R>(result: Result<T>, present: (value: T) => R): Result<R> {
  return result.ok ? accept(present(result.value)) : result;
}
