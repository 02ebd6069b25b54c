import type { Context } from "hono";
import { type Env, headerOf } from "../env.ts";

/**
 * Says what is wrong with a request besides its signature; `undefined` if nothing is.
 * @param status of the response.
 */
export type Advise = (c: Context<Env>, status: number) => string | undefined;

const rightName = /[?&]idempotencyKey=/;
const otherNames = /[?&](idempotency[-_]?key)(?:[=&]|$)/i;
const headerNames = ["Idempotency-Key", "X-Idempotency-Key", "IdempotencyKey"];
const lowerCaseNames = headerNames.map((name) => name.toLowerCase());

/** Finds an idempotency key that has no effect: in a header, or in the query under another name. */
export const adviseOnIdempotencyKey: Advise = (c, status) => {
  const { url } = c.req;
  if (status >= 300 || rightName.test(url)) return undefined;
  const [, parameter] = otherNames.exec(url) ?? [];
  const header = lowerCaseNames.findIndex((name) => headerOf(c, name) !== undefined);
  if (parameter === undefined && header === -1) return undefined;
  const given = parameter === undefined ? `header ${headerNames[header]}` : `query parameter ${parameter}`;
  return (
    `The ${given} has no effect, so a repetition of this request creates another one: send the key as the query ` +
    "parameter idempotencyKey."
  );
};
