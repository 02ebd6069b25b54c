import { Hono } from "hono";
import { balances } from "../../domain/ledger.ts";
import { majorFromMoney } from "../../domain/money.ts";
import type { Control } from "../../services/control.ts";
import type { WholePayment } from "../../services/payments.ts";
import { presentPayment, presentRefund, presentTime } from "../api/present.ts";
import { type Addresses, type Env, requestOrigin } from "../env.ts";
import { respondRefusal, respondResult } from "../respond.ts";
import { parseControlBody } from "../validate.ts";
import { actBody } from "./schemas.ts";

/** The whole view of a payment: the resource, its refunds, its ledger entries, and where its pages are. */
function presentWhole({ payment, refunds, entries }: WholePayment, base: string): object {
  const { captured, refunded, reserved, left } = balances(entries);
  return {
    ...presentPayment(payment, base),
    processingAccountId: payment.processingAccountId,
    expireTime: presentTime(payment.expireTime),
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
  };
}

/** Looking at a payment, and acting without a browser. */
export function controlPaymentRoutes(control: Control, addresses: Addresses): Hono<Env> {
  return new Hono<Env>()
    .get("/payments/:paymentId", async (c) => {
      const found = await control.payment(c.req.param("paymentId"));
      return respondResult(c, found, 200, (whole) => presentWhole(whole, addresses.base(requestOrigin(c))));
    })
    .post("/payments/:paymentId/actions", async (c) => {
      const body = parseControlBody(actBody, c.get("body"));
      if (!body.ok) return respondRefusal(c, body.refusal);
      const acted = await control.act(c.req.param("paymentId"), body.value.action, body.value.reason);
      return respondResult(c, acted, 200, ({ payment }) => presentPayment(payment, addresses.base(requestOrigin(c))));
    });
}
