import { Hono } from "hono";
import type { Refunds } from "../../services/payments/refunds.ts";
import { type Env, queryOf } from "../env.ts";
import { askForScenario, strikeOf } from "../middleware/faults.ts";
import { respondRefusal, respondResult, respondText } from "../respond.ts";
import { parseBody } from "../validate.ts";
import { presentTrackedRefund } from "./present.ts";
import { createRefundBody, keyQuery } from "./schemas.ts";

export function refundRoutes(refunds: Refunds): Hono<Env> {
  return new Hono<Env>()
    .post("/payments/:paymentId/refunds", askForScenario("refund"), async (c) => {
      const request = parseBody(createRefundBody, c.get("body"), keyQuery, queryOf(c));
      if (!request.ok) return respondRefusal(c, request.refusal);
      const { value, json, query } = request.value;
      const created = await refunds.create({
        paymentId: c.req.param("paymentId"),
        request: value,
        caller: c.get("authentication").caller,
        keyed: { key: query.idempotencyKey, path: c.req.path, body: json },
        requestedScenario: c.get("asked"),
        render: (refund) => JSON.stringify(presentTrackedRefund(refund)),
      });
      return respondText(c, strikeOf(c, created), 201);
    })
    .get("/tracks/refunds/:trackId", askForScenario("read"), async (c) => {
      const found = await refunds.track(c.req.param("trackId"), c.get("authentication").caller, c.get("asked"));
      return respondResult(c, strikeOf(c, found), 200, presentTrackedRefund);
    });
}
