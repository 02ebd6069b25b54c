import { z } from "zod";
import { inOwnWords } from "../../domain/contract.ts";
import { type Account, balances, type MovementKind } from "../../domain/ledger.ts";
import type { KeptRequest } from "../../domain/logged-request.ts";
import { majorFromMoney } from "../../domain/money.ts";
import { type PayerWallet, type Payment, payerWallets } from "../../domain/payment.ts";
import { accept } from "../../domain/refusal.ts";
import { returnPlans } from "../../domain/scenario.ts";
import { declineReasons, payerActions } from "../../domain/statuses.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import type { ReceivedMessages } from "../../services/received-messages.ts";
import { presentTime } from "../api/fields.ts";
import { presentPage } from "../api/lists.ts";
import { payment } from "../api/payment-resource.ts";
import { presentPayment } from "../api/present-payment.ts";
import { presentRefund, refund } from "../api/refunds.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import {
  listQuery,
  named,
  optionalText,
  pageOf,
  paymentStatus,
  responseInstant,
  textOf,
  timeoutMs,
  worldMembers,
} from "./fields.ts";
import { controlRoute } from "./route.ts";
import { presentTimeline, timelineLine } from "./timeline.ts";

/** Body of an action on a payment, which the inspector's form uses too. */
export const actBody = lazySchema(() =>
  z.strictObject({
    action: z.enum(["scan", ...payerActions]),
    reason: z.enum(declineReasons).optional(),
    wallet: z.enum(payerWallets).optional(),
    return: z.enum(returnPlans).optional(),
  }),
);

const listedPayment = lazySchema(() =>
  named("PaymentOfWorld", "A payment with its world.", payment().extend(worldMembers())),
);
/** A payment in the list of a world. */
export type ListedPayment = Resource<typeof listedPayment>;

const paymentPage = lazySchema(() => pageOf("PaymentsOfWorld", listedPayment()));

const ledgerEntry = lazySchema(() =>
  named(
    "LedgerEntry",
    "An entry of the ledger. Its postings, in major HKD, sum to zero.",
    z.object({
      id: z.string(),
      kind: textOf<MovementKind>(),
      refundId: z.string().exactOptional(),
      time: responseInstant(),
      postings: z.array(z.object({ account: textOf<Account>(), amount: z.number() })),
    }),
  ),
);
/** An entry of the ledger. Its postings sum to zero. */
export type LedgerEntryView = Resource<typeof ledgerEntry>;

const paymentView = lazySchema(() =>
  named(
    "WholePayment",
    "A payment with its refunds, ledger and timeline.",
    payment().extend({
      ...worldMembers(),
      wallet: textOf<PayerWallet>().exactOptional().meta({ description: "The wallet that paid." }),
      amounts: z
        .object({ captured: z.number(), refunded: z.number(), reserved: z.number(), left: z.number() })
        .meta({ description: "Major HKD. Pending refunds hold `reserved`; `left` is refundable." }),
      refunds: z.array(refund()),
      ledger: z.array(ledgerEntry()),
      pages: z.object({ pay: z.string(), wallet: z.string() }).meta({ description: "Absolute URLs." }),
      timeline: z.array(timelineLine()).meta({ description: "The history of the payment, oldest first." }),
    }),
  ),
);
/** A payment with its refunds, ledger and timeline. */
export type PaymentView = Resource<typeof paymentView>;

function presentListedPayment(payment: Payment, base: string): ListedPayment {
  const { processingAccountId, expireTime } = payment;
  return { ...presentPayment(inOwnWords(payment), base), processingAccountId, expireTime: presentTime(expireTime) };
}

/** A payment with its refunds, ledger and timeline. */
export function presentPaymentDetails(
  details: WholePayment,
  requests: readonly KeptRequest[],
  base: string,
  received: ReceivedMessages,
): PaymentView {
  const { payment, refunds, entries } = details;
  const { captured, refunded, reserved, left } = balances(entries);
  return {
    ...presentListedPayment(payment, base),
    ...(payment.wallet === undefined ? {} : { wallet: payment.wallet }),
    amounts: {
      captured: majorFromMoney(captured),
      refunded: majorFromMoney(refunded),
      reserved: majorFromMoney(reserved),
      left: majorFromMoney(left),
    },
    refunds: refunds.map((refund) => presentRefund(inOwnWords(refund))),
    ledger: entries.map(({ id, kind, refundId, time, postings }) => ({
      id,
      kind,
      ...(refundId === undefined ? {} : { refundId }),
      time: presentTime(time),
      postings: postings.map(({ account, amount }) => ({ account, amount: majorFromMoney(amount) })),
    })),
    pages: { pay: `${base}/pay/${payment.pageToken}`, wallet: `${base}/wallet/${payment.pageToken}` },
    timeline: presentTimeline(details, requests, received),
  };
}

const listName = "payments of a world";

const listPaymentsOfWorld = controlRoute({
  method: "GET",
  path: "/payments",
  operationId: "listPaymentsOfWorld",
  tag: "Payments",
  inWorld: true,
  summary: "List the payments of a world",
  query: () =>
    z.strictObject({
      ...listQuery(listName),
      status: paymentStatus().optional().meta({ description: "Only payments that have this status now." }),
      merchantReference: optionalText("Only payments with this reference."),
    }),
  responses: { 200: { description: "One page.", schema: paymentPage } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ query, base }, { lists, worlds }) => {
    const world = await worlds.find(query.processingAccountId);
    if (!world.ok) return world;
    return presentResult(await lists.paymentsOf(world.value.processingAccountId, query), (page) =>
      presentPage(listName, page, (payment) => presentListedPayment(payment, base)),
    );
  },
});

const getPaymentDetails = controlRoute({
  method: "GET",
  path: "/payments/{paymentId}",
  operationId: "getWholePayment",
  tag: "Payments",
  inWorld: true,
  summary: "Read a payment with its refunds, ledger and timeline",
  responses: { 200: { description: "The current payment.", schema: paymentView } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ params, base }, { payments, receivedMessages, requestLog }) => {
    const found = await payments.whole(params.paymentId);
    if (!found.ok) return found;
    return accept(
      presentPaymentDetails(found.value, await requestLog.about(found.value.payment), base, receivedMessages),
    );
  },
});

const waitForPayment = controlRoute({
  method: "GET",
  path: "/payments/{paymentId}/wait",
  operationId: "waitForPayment",
  tag: "Payments",
  inWorld: true,
  summary: "Wait until a payment has a status",
  description: "Responds when the payment has the status, and refuses when it can no longer reach it.",
  query: () =>
    z.strictObject({
      status: paymentStatus().meta({ description: "The status to wait for." }),
      timeoutMs: timeoutMs(),
    }),
  responses: { 200: { description: "The payment with the status.", schema: paymentView } },
  refusals: ["invalid_request", "not_found", "not_reached"],
  handler: async ({ c, params, query, base }, { arrivals, receivedMessages, requestLog }) => {
    const reached = await arrivals.payment(params.paymentId, query.status, query.timeoutMs, c.req.raw.signal);
    if (!reached.ok) return reached;
    return accept(
      presentPaymentDetails(reached.value, await requestLog.about(reached.value.payment), base, receivedMessages),
    );
  },
});

const actOnPayment = controlRoute({
  method: "POST",
  path: "/payments/{paymentId}/actions",
  operationId: "actOnPayment",
  tag: "Payments",
  inWorld: true,
  summary: "Do what a button of the pages does",
  body: { schema: actBody, example: { action: "pay" } },
  responses: { 200: { description: "The payment after the action.", schema: payment } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ params, body: { action, reason, ...payerOptions }, base }, { payments }) =>
    presentResult(await payments.act(params.paymentId, action, reason, payerOptions), ({ payment }) =>
      presentPayment(inOwnWords(payment), base),
    ),
});

export const paymentRoutes = [listPaymentsOfWorld, getPaymentDetails, waitForPayment, actOnPayment] as const;
