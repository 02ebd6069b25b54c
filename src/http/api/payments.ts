import { type Context, Hono } from "hono";
import type { PaymentCreator } from "../../services/payments/payment-creator.ts";
import type { Payments } from "../../services/payments/payments.ts";
import type { Queries } from "../../services/payments/queries.ts";
import { type Addresses, type Env, queryOf, requestOrigin } from "../env.ts";
import { askForScenario, strikeOf, struckByHeader } from "../middleware/faults.ts";
import { respondRefusal, respondResult, respondText } from "../respond.ts";
import { parseBody, parseValue } from "../validate.ts";
import { type PaymentResource, presentPage, presentPayment, presentTrackedPayment } from "./present.ts";
import { createPaymentBody, keyQuery, listPaymentsQuery } from "./schemas.ts";

export function paymentRoutes(
  payments: Payments,
  creator: PaymentCreator,
  lists: Queries,
  addresses: Addresses,
): Hono<Env> {
  const base = (c: Context<Env>) => addresses.base(requestOrigin(c));
  return new Hono<Env>()
    .post("/payments", askForScenario("payment"), async (c) => {
      const request = parseBody(createPaymentBody, c.get("body"), keyQuery, queryOf(c));
      if (!request.ok) return respondRefusal(c, request.refusal);
      const { value, json, query } = request.value;
      const created = await creator.create({
        request: value,
        caller: c.get("authentication").caller,
        keyed: { key: query.idempotencyKey, path: c.req.path, body: json },
        requestedScenario: c.get("asked"),
        render: (payment) => JSON.stringify(presentTrackedPayment(payment, base(c))),
      });
      const result = strikeOf(c, created);
      if (result.ok) c.set("madePaymentId", (JSON.parse(result.value) as PaymentResource).id);
      return respondText(c, result, 201);
    })
    .get("/payments", askForScenario("read"), async (c) => {
      const query = parseValue(listPaymentsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const page = await lists.payments(query.value, c.get("authentication").caller);
      return respondResult(c, struckByHeader(c, page), 200, (found) =>
        presentPage("payments", found, (payment) => presentPayment(payment, base(c))),
      );
    })
    .get("/payments/:paymentId", askForScenario("read"), async (c) => {
      const found = await payments.get(c.req.param("paymentId"), c.get("authentication").caller, c.get("asked"));
      return respondResult(c, strikeOf(c, found), 200, ({ payment }) => presentPayment(payment, base(c)));
    })
    .get("/tracks/payments/:trackId", askForScenario("read"), async (c) => {
      const found = await payments.track(c.req.param("trackId"), c.get("authentication").caller, c.get("asked"));
      return respondResult(c, strikeOf(c, found), 200, ({ payment }) => presentTrackedPayment(payment, base(c)));
    });
}
