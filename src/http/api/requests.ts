import { Hono } from "hono";
import type { Queries } from "../../services/payments/queries.ts";
import { type Env, queryOf } from "../env.ts";
import { askForScenario, struckByHeader } from "../middleware/faults.ts";
import { respondRefusal, respondText } from "../respond.ts";
import { parseValue } from "../validate.ts";
import { requestsQuery } from "./schemas.ts";

/** What was answered to a request with an idempotency key: the stored answer, not the status of today. [docs] */
export function requestRoutes(lists: Queries): Hono<Env> {
  const app = new Hono<Env>();
  for (const operation of ["payments", "refunds"] as const) {
    app.get(`/requests/${operation}`, askForScenario("read"), async (c) => {
      const query = parseValue(requestsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const found = await lists.replay(operation, query.value, c.get("authentication").caller);
      return respondText(c, struckByHeader(c, found), 200);
    });
  }
  return app;
}
