import { type Context, Hono } from "hono";
import type { Lists } from "../../services/lists.ts";
import type { Payments } from "../../services/payments.ts";
import { type Addresses, type Env, queryOf, requestOrigin } from "../env.ts";
import { respondRefusal, respondResult, respondText } from "../respond.ts";
import { parseBody, parseValue } from "../validate.ts";
import { presentPage, presentPayment, presentTrackedPayment } from "./present.ts";
import { createPaymentBody, keyQuery, listPaymentsQuery } from "./schemas.ts";

export function paymentRoutes(payments: Payments, lists: Lists, addresses: Addresses): Hono<Env> {
  const base = (c: Context<Env>) => addresses.base(requestOrigin(c));
  return new Hono<Env>()
    .post("/payments", async (c) => {
      const request = parseBody(createPaymentBody, c.get("body"), keyQuery, queryOf(c));
      if (!request.ok) return respondRefusal(c, request.refusal);
      const { value, json, query } = request.value;
      const keyed = { key: query.idempotencyKey, path: c.req.path, body: json };
      const answer = await payments.create(value, c.get("authentication").caller, keyed, (payment) =>
        JSON.stringify(presentTrackedPayment(payment, base(c))),
      );
      return respondText(c, answer, 201);
    })
    .get("/payments", async (c) => {
      const query = parseValue(listPaymentsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const page = await lists.payments(query.value, c.get("authentication").caller);
      return respondResult(c, page, 200, (found) =>
        presentPage("payments", found, (payment) => presentPayment(payment, base(c))),
      );
    })
    .get("/payments/:paymentId", async (c) => {
      const found = await payments.get(c.req.param("paymentId"), c.get("authentication").caller);
      return respondResult(c, found, 200, ({ payment }) => presentPayment(payment, base(c)));
    })
    .get("/tracks/payments/:trackId", async (c) => {
      const found = await payments.track(c.req.param("trackId"), c.get("authentication").caller);
      return respondResult(c, found, 200, ({ payment }) => presentTrackedPayment(payment, base(c)));
    });
}
