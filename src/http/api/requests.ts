import { Hono } from "hono";
import type { Lists } from "../../services/lists.ts";
import { type Env, queryOf } from "../env.ts";
import { respondRefusal, respondText } from "../respond.ts";
import { parseValue } from "../validate.ts";
import { requestsQuery } from "./schemas.ts";

/** What was answered to a request with an idempotency key: the stored answer, not the status of today. [docs] */
export function requestRoutes(lists: Lists): Hono<Env> {
  const app = new Hono<Env>();
  for (const operation of ["payments", "refunds"] as const) {
    app.get(`/requests/${operation}`, async (c) => {
      const query = parseValue(requestsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      return respondText(c, await lists.replay(operation, query.value, c.get("authentication").caller), 200);
    });
  }
  return app;
}
