import { z } from "zod";
import { contractOf } from "../../domain/contract.ts";
import type { ContractChanges } from "../../domain/contract-rules.ts";
import { minimumRefund, providerRefundStatusOf, type Refund, type RefundRequest } from "../../domain/refund.ts";
import { providerRefundStatuses } from "../../domain/statuses.ts";
import { presentResult } from "../respond.ts";
import { contractSchema, lazySchema, type Resource } from "../route.ts";
import { adviseOnIdempotencyKey } from "./advice.ts";
import { JsonText } from "./answer.ts";
import {
  amountAndTimes,
  amountInput,
  givenReference,
  keyQuery,
  ksuid,
  merchantReference,
  oneOf,
  presentAmountAndTimes,
  sentence,
  trackingUrl,
} from "./fields.ts";
import type { TrackedPaymentResource } from "./payment-resource.ts";
import { marked } from "./provenance.ts";
import { refundProcessing } from "./refusals.ts";
import { apiRoute } from "./route.ts";
import { recordScenario } from "./scenarios.ts";

/** The body of `POST /v1/payments/{paymentId}/refunds`. [ours] */
const createRefundBody = contractSchema((contract?: ContractChanges): z.ZodType<RefundRequest> => {
  const { amountUnit, refundReference } = contractOf(contract);
  const reference = merchantReference().meta({ "x-source": "ours" });
  return z
    .object({
      merchantReference: refundReference === "optional" ? reference.optional() : reference,
      amount: amountInput(minimumRefund, "ours", "By default all that is left.", amountUnit).optional(),
    })
    .meta({ id: "CreateRefund", ...marked("ours", "A new refund. Other members than these are ignored.") })
    .transform(({ merchantReference, amount }) => ({ merchantReference, amount: amount?.value }));
});

const refundReason = () =>
  z
    .object({
      code: oneOf([refundProcessing.code], "ours", "Reason for the status."),
      description: sentence().meta({ "x-source": "ours" }),
    })
    .meta({ id: "RefundReason", ...marked("ours", "Reason for the status of a refund.") });

/** A refund in the response to its creation, and as its track. */
export const trackedRefund = lazySchema(() =>
  z
    .object({
      id: ksuid("ours", "Id of the refund."),
      merchantReference: givenReference().meta({ "x-source": "ours" }),
      status: z
        .enum(providerRefundStatuses)
        .meta(marked("ours", "Status of the refund. A `partially_refunded` one left something of the payment.")),
      trackingUrl: trackingUrl("ours", "refunds"),
      reason: refundReason().exactOptional().meta(marked("ours", "Present while the refund is `pending`.")),
    })
    .meta({ id: "TrackedRefund", ...marked("ours", "A refund in the response to its creation, and as its track.") }),
);
export type TrackedRefundResource = Resource<typeof trackedRefund>;

/** A refund as webhooks carry it. */
export const refund = lazySchema(() =>
  trackedRefund()
    .extend({ paymentId: ksuid("ours", "The refunded payment."), ...amountAndTimes() })
    .meta({ id: "Refund", ...marked("ours", "A refund as webhooks carry it.") }),
);
export type RefundResource = Resource<typeof refund>;

export type ReasonResource = NonNullable<TrackedPaymentResource["reason"] | TrackedRefundResource["reason"]>;

/** A refund in the response to its creation, and as its track. [ours] */
function presentTrackedRefund(refund: Refund): TrackedRefundResource {
  const { id, merchantReference } = refund;
  const status = providerRefundStatusOf(refund);
  return {
    id,
    merchantReference,
    status,
    trackingUrl: `/v1/tracks/refunds/${refund.trackId}`,
    ...(status === "pending" ? { reason: refundProcessing } : {}),
  };
}

/** A refund as webhooks carry it. [ours] */
export function presentRefund(refund: Refund): RefundResource {
  return { ...presentTrackedRefund(refund), paymentId: refund.paymentId, ...presentAmountAndTimes(refund) };
}

const createRefund = apiRoute({
  method: "POST",
  path: "/payments/{paymentId}/refunds",
  operationId: "createRefund",
  tag: "Refunds",
  summary: "Refund a payment",
  description:
    "Only one partial refund is allowed. [seed] A refund of all that is left is not partial, and a failed refund " +
    "does not count. [ours]",
  source: "plugin",
  scenario: "refund",
  advise: adviseOnIdempotencyKey,
  query: keyQuery,
  body: {
    schema: createRefundBody,
    source: "ours",
    example: { merchantReference: "refund-1001", amount: { value: 50, currency: "hkd" } },
  },
  responses: { 201: { source: "ours", description: "The pending refund.", schema: trackedRefund } },
  refusals: [
    "invalid_request",
    "unsupported_currency",
    "amount_below_minimum",
    "idempotency_key_conflict",
    "not_found",
    "payment_not_refundable",
    "refund_window_closed",
    "partial_refund_limit_reached",
    "refund_amount_exceeded",
  ],
  handler: async ({ unit, trace, path, params, body, json, query, caller, asked }, { refunds }) => {
    const created = await refunds.create(unit, {
      paymentId: params.paymentId,
      request: body,
      caller,
      keyed: { key: query.idempotencyKey, path, body: json },
      requestedScenario: asked,
      render: (refund) => ({
        status: contractOf(refund.contract).createStatus,
        text: JSON.stringify(presentTrackedRefund(refund)),
      }),
    });
    return presentResult(recordScenario(trace, created), (response) => new JsonText(response));
  },
});

const trackRefund = apiRoute({
  method: "GET",
  path: "/tracks/refunds/{trackId}",
  operationId: "trackRefund",
  tag: "Refunds",
  summary: "Track a refund",
  source: "ours",
  scenario: "read",
  responses: { 200: { source: "ours", description: "The current refund.", schema: trackedRefund } },
  refusals: ["not_found"],
  handler: async ({ unit, trace, params, caller, asked }, { refunds }) =>
    presentResult(
      recordScenario(trace, await refunds.track(unit, params.trackId, caller, asked)),
      presentTrackedRefund,
    ),
});

export const refundRoutes = [createRefund, trackRefund] as const;
