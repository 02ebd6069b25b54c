import { Hono } from "hono";
import { balances } from "../../domain/ledger.ts";
import type { KeptRequest } from "../../domain/logged-request.ts";
import { majorFromMoney } from "../../domain/money.ts";
import type { RequestLog } from "../../services/observing/request-log.ts";
import type { Payments, WholePayment } from "../../services/payments/payments.ts";
import type { Refunds } from "../../services/payments/refunds.ts";
import { presentPayment, presentRefund, presentTime } from "../api/present.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { noQuery } from "../middleware/one-way-in.ts";
import { respond, respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody } from "../validate.ts";
import { actBody, actOnRefundBody, providerRefundBody } from "./schemas.ts";
import { presentTimeline } from "./timeline.ts";

/** The whole view of a payment: the resource, its refunds, its ledger entries, its timeline, and where its pages are. */
export function presentWhole(whole: WholePayment, requests: readonly KeptRequest[], base: string): object {
  const { payment, refunds, entries } = whole;
  const { captured, refunded, reserved, left } = balances(entries);
  return {
    ...presentPayment(payment, base),
    processingAccountId: payment.processingAccountId,
    expireTime: presentTime(payment.expireTime),
    ...(payment.wallet === undefined ? {} : { wallet: payment.wallet }),
    amounts: {
      captured: majorFromMoney(captured),
      refunded: majorFromMoney(refunded),
      reserved: majorFromMoney(reserved),
      left: majorFromMoney(left),
    },
    refunds: refunds.map(presentRefund),
    ledger: entries.map(({ id, kind, refundId, time, postings }) => ({
      id,
      kind,
      ...(refundId === undefined ? {} : { refundId }),
      time: presentTime(time),
      postings: postings.map(({ account, amount }) => ({ account, amount: majorFromMoney(amount) })),
    })),
    pages: { pay: `${base}/pay/${payment.pageToken}`, wallet: `${base}/wallet/${payment.pageToken}` },
    timeline: presentTimeline(whole, requests),
  };
}

/** Looking at a payment, and acting without a browser. */
export function controlPaymentRoutes(
  payments: Payments,
  refunds: Refunds,
  requestLog: RequestLog,
  addresses: Addresses,
): Hono<Env> {
  return new Hono<Env>()
    .get("/payments/:paymentId", noQuery, async (c) => {
      const found = await payments.whole(c.req.param("paymentId"));
      if (!found.ok) return respondRefusal(c, found.refusal);
      const requests = await requestLog.about(found.value.payment);
      return respond(c, 200, presentWhole(found.value, requests, addresses.base(requestOrigin(c))));
    })
    .post("/payments/:paymentId/actions", async (c) => {
      const body = parseControlBody(actBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const { action, reason, ...manner } = body.value;
      const acted = await payments.act(c.req.param("paymentId"), action, reason, manner);
      return respondResult(c, acted, 200, ({ payment }) => presentPayment(payment, addresses.base(requestOrigin(c))));
    })
    .post("/payments/:paymentId/refunds", async (c) => {
      const body = parseControlBody(providerRefundBody, c.get("body"), true);
      if (!body.ok) return respondRefusal(c, body.refusal);
      return respondResult(c, await refunds.startAtProvider(c.req.param("paymentId"), body.value), 201, presentRefund);
    })
    .post("/refunds/:refundId/actions", async (c) => {
      const body = parseControlBody(actOnRefundBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      return respondResult(c, await refunds.act(c.req.param("refundId"), body.value.action), 200, presentRefund);
    });
}
