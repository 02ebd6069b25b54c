import { z } from "zod";
import { inOwnWords } from "../../domain/contract.ts";
import { minimumRefund, type Refund } from "../../domain/refund.ts";
import { refundOutcomes, refundStatuses } from "../../domain/statuses.ts";
import { amountValue, currency, merchantReference } from "../api/fields.ts";
import { presentRefund, refund } from "../api/refunds.ts";
import { presentResult } from "../respond.ts";
import { lazySchema, type Resource } from "../route.ts";
import { named } from "./fields.ts";
import { controlRoute } from "./route.ts";

/** Body of a refund at the provider, which the inspector's form uses too. By default all that is left is refunded. */
export const providerRefundBody = lazySchema(() =>
  z
    .strictObject({
      merchantReference: merchantReference().default("refunded at the provider"),
      amount: z.strictObject({ value: amountValue(minimumRefund), currency: currency() }).optional(),
    })
    .transform(({ merchantReference, amount }) => ({ merchantReference, amount: amount?.value })),
);

/** Body of an action on a refund, which the inspector's form uses too. */
export const actOnRefundBody = lazySchema(() => z.strictObject({ action: z.enum(refundOutcomes) }));

/** A refund in the sandbox's own words. */
export const ownRefund = lazySchema(() =>
  named(
    "Refund",
    "A refund, and its status in the sandbox's words: `refunded`, whatever is left of the payment.",
    refund().extend({ status: z.enum(refundStatuses) }),
  ),
);

export function presentOwnRefund(made: Refund): Resource<typeof ownRefund> {
  return { ...presentRefund(inOwnWords(made)), status: made.status };
}

const startRefundAtProvider = controlRoute({
  method: "POST",
  path: "/payments/{paymentId}/refunds",
  operationId: "startRefundAtProvider",
  tag: "Payments",
  inWorld: true,
  summary: "Start a refund at the provider",
  description: "By default all that is left is refunded.",
  body: { schema: providerRefundBody, optional: true, example: { amount: { value: 50, currency: "hkd" } } },
  responses: { 201: { description: "The pending refund.", schema: ownRefund } },
  refusals: [
    "invalid_request",
    "unsupported_currency",
    "amount_below_minimum",
    "not_found",
    "payment_not_refundable",
    "refund_window_closed",
    "partial_refund_limit_reached",
    "refund_amount_exceeded",
  ],
  handler: async ({ params, body }, { refunds }) =>
    presentResult(await refunds.startAtProvider(params.paymentId, body), presentOwnRefund),
});

const actOnRefund = controlRoute({
  method: "POST",
  path: "/refunds/{refundId}/actions",
  operationId: "actOnRefund",
  tag: "Payments",
  inWorld: true,
  summary: "Complete or fail a pending refund",
  body: { schema: actOnRefundBody, example: { action: "fail" } },
  responses: { 200: { description: "The refund after the action.", schema: ownRefund } },
  refusals: ["invalid_request", "not_found", "action_not_allowed"],
  handler: async ({ params, body }, { refunds }) =>
    presentResult(await refunds.act(params.refundId, body.action), presentOwnRefund),
});

export const refundRoutes = [startRefundAtProvider, actOnRefund] as const;
