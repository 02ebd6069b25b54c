import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { type Env, queryOf } from "../env.ts";
import { respondRefusal } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";

const nothing = z.strictObject({});

/** For a route without a query: refuses one, for what is not known is never passed over. */
export const noQuery: MiddlewareHandler<Env> = async (c, next) => {
  const query = parseValue(nothing, queryOf(c));
  return query.ok ? next() : respondRefusal(c, query.refusal);
};

/** For a route without a body: refuses one. Nothing and `{}` say nothing. */
export const noBody: MiddlewareHandler<Env> = async (c, next) => {
  const body = parseControlBody(nothing, c.get("body"), true);
  return body.ok ? next() : respondRefusal(c, body.refusal);
};

const withQuery = ["GET", "HEAD", "DELETE"];

/** GET and DELETE are told by the query, everything else by the body: what comes the other way is refused. */
export const oneWayIn: MiddlewareHandler<Env> = (c, next) =>
  withQuery.includes(c.req.method) ? noBody(c, next) : noQuery(c, next);
