import { Hono } from "hono";
import type { Refunds } from "../../services/refunds.ts";
import { type Env, queryOf } from "../env.ts";
import { respondRefusal, respondResult, respondText } from "../respond.ts";
import { parseBody } from "../validate.ts";
import { presentTrackedRefund } from "./present.ts";
import { createRefundBody, keyQuery } from "./schemas.ts";

export function refundRoutes(refunds: Refunds): Hono<Env> {
  return new Hono<Env>()
    .post("/payments/:paymentId/refunds", async (c) => {
      const request = parseBody(createRefundBody, c.get("body"), keyQuery, queryOf(c));
      if (!request.ok) return respondRefusal(c, request.refusal);
      const { value, json, query } = request.value;
      const keyed = { key: query.idempotencyKey, path: c.req.path, body: json };
      const { caller } = c.get("authentication");
      const answer = await refunds.create(c.req.param("paymentId"), value, caller, keyed, (refund) =>
        JSON.stringify(presentTrackedRefund(refund)),
      );
      return respondText(c, answer, 201);
    })
    .get("/tracks/refunds/:trackId", async (c) => {
      const found = await refunds.track(c.req.param("trackId"), c.get("authentication").caller);
      return respondResult(c, found, 200, presentTrackedRefund);
    });
}
