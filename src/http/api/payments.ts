import { type Context, Hono } from "hono";
import type { Payments } from "../../services/payments.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseBody } from "../validate.ts";
import { presentPayment, presentTrackedPayment } from "./present.ts";
import { createPaymentBody } from "./schemas.ts";

export function paymentRoutes(payments: Payments, addresses: Addresses): Hono<Env> {
  const base = (c: Context<Env>) => addresses.base(requestOrigin(c));
  return new Hono<Env>()
    .post("/payments", async (c) => {
      const request = parseBody(createPaymentBody, c.get("body"));
      if (!request.ok) return respondRefusal(c, request.refusal);
      const created = await payments.create(request.value);
      return respondResult(c, created, 201, ({ payment }) => presentTrackedPayment(payment, base(c)));
    })
    .get("/payments/:paymentId", async (c) => {
      const found = await payments.get(c.req.param("paymentId"));
      return respondResult(c, found, 200, ({ payment }) => presentPayment(payment, base(c)));
    })
    .get("/tracks/payments/:trackId", async (c) => {
      const found = await payments.track(c.req.param("trackId"));
      return respondResult(c, found, 200, ({ payment }) => presentTrackedPayment(payment, base(c)));
    });
}
