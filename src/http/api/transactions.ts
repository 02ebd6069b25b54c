import { Hono } from "hono";
import type { Queries } from "../../services/payments/queries.ts";
import { type Env, queryOf } from "../env.ts";
import { askForScenario, struckByHeader } from "../middleware/faults.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseValue } from "../validate.ts";
import { presentPage, presentTransaction } from "./present.ts";
import { listTransactionsQuery } from "./schemas.ts";

/** Movements of money. [plugin] names the paths; the shape is ours. */
export function transactionRoutes(lists: Queries): Hono<Env> {
  return new Hono<Env>()
    .get("/transactions", askForScenario("read"), async (c) => {
      const query = parseValue(listTransactionsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const page = await lists.transactions(query.value, c.get("authentication").caller);
      return respondResult(c, struckByHeader(c, page), 200, (found) =>
        presentPage("transactions", found, presentTransaction),
      );
    })
    .get("/transactions/:transactionId", askForScenario("read"), async (c) => {
      const found = await lists.transaction(c.req.param("transactionId"), c.get("authentication").caller);
      return respondResult(c, struckByHeader(c, found), 200, presentTransaction);
    });
}
