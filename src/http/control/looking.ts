import { type Context, Hono } from "hono";
import type { Signatures } from "../../services/signatures.ts";
import { presentPage, presentPayment, presentTime } from "../api/present.ts";
import { type Addresses, type Env, queryOf, requestOrigin } from "../env.ts";
import { respond, respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody, parseValue } from "../validate.ts";
import { type EventParts, eventRoutes } from "./events.ts";
import { listNames, paymentWaitQuery, worldPaymentsQuery } from "./looking-schemas.ts";
import { type NotificationParts, notificationRoutes } from "./notifications.ts";
import { presentWhole } from "./payments.ts";
import { loggedRequestRoutes, type RequestParts } from "./requests.ts";
import { diagnoseBody } from "./schemas.ts";

/** What stands behind the routes that change nothing. */
export interface LookingParts extends EventParts, NotificationParts, RequestParts {
  readonly addresses: Addresses;
  readonly signatures: Signatures;
}

/** What there is, what came in, what went out, waiting for it, and what is wrong with a signature. */
export function lookingRoutes(parts: LookingParts): Hono<Env> {
  return new Hono<Env>()
    .route("/", worldPaymentRoutes(parts))
    .route("/", notificationRoutes(parts))
    .route("/", loggedRequestRoutes(parts))
    .route("/", eventRoutes(parts))
    .post("/signature/diagnose", async (c) => {
      const body = parseControlBody(diagnoseBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { method, target, body: text, signature } = body.value;
      const request = { method, target, body: new TextEncoder().encode(text) };
      return respond(c, 200, await parts.signatures.diagnose(signature, request));
    });
}

function worldPaymentRoutes({ addresses, arrivals, lists, requestLog, worlds }: LookingParts): Hono<Env> {
  const base = (c: Context<Env>) => addresses.base(requestOrigin(c));
  return new Hono<Env>()
    .get("/payments", async (c) => {
      const query = parseValue(worldPaymentsQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const world = await worlds.find(query.value.processingAccountId);
      if (!world.ok) return respondRefusal(c, world.refusal);
      const found = await lists.paymentsOf(world.value.processingAccountId, query.value);
      return respondResult(c, found, 200, (page) =>
        presentPage(listNames.payments, page, (payment) => ({
          ...presentPayment(payment, base(c)),
          processingAccountId: payment.processingAccountId,
          expireTime: presentTime(payment.expireTime),
        })),
      );
    })
    .get("/payments/:paymentId/wait", async (c) => {
      const query = parseValue(paymentWaitQuery, queryOf(c));
      if (!query.ok) return respondRefusal(c, query.refusal);
      const { status, timeoutMs } = query.value;
      const arrived = await arrivals.payment(c.req.param("paymentId"), status, timeoutMs, c.req.raw.signal);
      if (!arrived.ok) return respondRefusal(c, arrived.refusal);
      const requests = await requestLog.about(arrived.value.payment);
      return respond(c, 200, presentWhole(arrived.value, requests, base(c)));
    });
}
