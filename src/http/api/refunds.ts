import { Hono } from "hono";
import type { Refunds } from "../../services/refunds.ts";
import type { Env } from "../env.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseBody } from "../validate.ts";
import { presentTrackedRefund } from "./present.ts";
import { createRefundBody } from "./schemas.ts";

export function refundRoutes(refunds: Refunds): Hono<Env> {
  return new Hono<Env>()
    .post("/payments/:paymentId/refunds", async (c) => {
      const request = parseBody(createRefundBody, c.get("body"));
      if (!request.ok) return respondRefusal(c, request.refusal);
      return respondResult(c, await refunds.create(c.req.param("paymentId"), request.value), 201, presentTrackedRefund);
    })
    .get("/tracks/refunds/:trackId", async (c) => {
      return respondResult(c, await refunds.track(c.req.param("trackId")), 200, presentTrackedRefund);
    });
}
