import { z } from "zod";
import { contractOf } from "../../domain/contract.ts";
import { type ContractChanges, errorStatusCodes } from "../../domain/contract-rules.ts";
import { flowTypes, type PaymentRequest } from "../../domain/payment.ts";
import { providerStatuses } from "../../domain/statuses.ts";
import { presentResult } from "../respond.ts";
import { contractSchema, lazySchema } from "../route.ts";
import { breach } from "../validate.ts";
import { adviseOnIdempotencyKey } from "./advice.ts";
import { JsonText } from "./answer.ts";
import { amountInput, keyQuery, merchantReference, processingAccountId, returnUrl } from "./fields.ts";
import { listQuery, pageOf, presentPage } from "./lists.ts";
import { payment, trackedPayment } from "./payment-resource.ts";
import { presentPayment, presentTrackedPayment, renderCreation } from "./present-payment.ts";
import { marked } from "./provenance.ts";
import { apiRoute } from "./route.ts";
import { applyHeaderScenario, recordScenario } from "./scenarios.ts";

const flowType = lazySchema(() =>
  z
    .enum(flowTypes)
    .meta(
      marked("seed", "`qr_link` leads to a page with a QR code, `mobile_redirect` to the wallet on the payer's phone."),
    ),
);

const paymentMethodType = lazySchema(() =>
  z
    .string()
    .refine((type) => type === "alipay_hk", breach("unsupported_payment_method", 'must be "alipay_hk"'))
    .meta(marked("seed", "The only payment method here.", { enum: ["alipay_hk"] })),
);

/** The body of `POST /v1/payments`. [seed] */
const createPaymentBody = contractSchema((contract?: ContractChanges): z.ZodType<PaymentRequest> => {
  const { amountMin, amountUnit, returnSchemes } = contractOf(contract);
  return z
    .object({
      processingAccountId: processingAccountId(),
      merchantReference: merchantReference(),
      amount: amountInput(
        amountMin,
        "seed",
        "The maximum is the world's setting `amountMax`, by default HKD 50,000.00. [wallet]",
        amountUnit,
      ),
      paymentMethod: z
        .object({
          type: paymentMethodType(),
          alipayHk: z
            .object({ returnUrl: returnUrl(returnSchemes), flowType: flowType() })
            .meta(marked("seed", "Parameters of Alipay HK.")),
        })
        .meta(marked("seed", "How the payer pays.")),
    })
    .meta({ id: "CreatePayment", ...marked("seed", "A new payment. Other members than these are ignored.") })
    .transform(({ processingAccountId, merchantReference, amount, paymentMethod: { alipayHk } }) => ({
      processingAccountId,
      merchantReference,
      amount: amount.value,
      flowType: alipayHk.flowType,
      returnUrl: alipayHk.returnUrl,
    }));
});

const listPaymentsQuery = lazySchema(() =>
  z.object({
    ...listQuery("payments", "plugin"),
    merchantReference: z.string().optional().meta(marked("ours", "Only payments with this reference.")),
    status: z.enum(providerStatuses).optional().meta(marked("ours", "Only payments that have this status now.")),
  }),
);

const paymentPage = lazySchema(() => pageOf("PaymentPage", payment(), "Payments"));

const createPayment = apiRoute({
  method: "POST",
  path: "/payments",
  operationId: "createPayment",
  tag: "Payments",
  summary: "Create a payment",
  description: "The payment waits for the payer. Send the payer to the URL in `nextStep`.",
  source: "seed",
  scenario: "payment",
  advise: adviseOnIdempotencyKey,
  query: keyQuery,
  body: {
    schema: createPaymentBody,
    source: "seed",
    example: {
      processingAccountId: "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
      merchantReference: "c5211d6b-0178-49f8-a06b-69df097a712f",
      amount: { value: 200, currency: "hkd" },
      paymentMethod: {
        type: "alipay_hk",
        alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
      },
    },
  },
  responses: {
    201: {
      source: "seed",
      description: "The pending payment. The status 201 is ours.",
      schema: trackedPayment,
      example: {
        id: "27yiW9MgzBtwiodreuNOXk0rtIw",
        merchantReference: "c5211d6b-0178-49f8-a06b-69df097a712f",
        status: "pending",
        trackingUrl: "/v1/tracks/payments/{trackId}",
        reason: { code: "required_next_step", description: "An additional step is needed to complete the payment." },
        nextStep: { type: "redirect", redirect: { method: "get", url: "https://payment.method/complete" } },
      },
    },
  },
  refusals: [...errorStatusCodes, "idempotency_key_conflict"],
  handler: async ({ unit, trace, path, body, json, query, caller, asked, base }, { paymentCreator }) => {
    const created = await paymentCreator.create(unit, {
      request: body,
      caller,
      keyed: { key: query.idempotencyKey, path, body: json },
      requestedScenario: asked,
      base,
      render: (payment) => renderCreation(payment, base),
    });
    trace.created = created;
    trace.beforeResponse = () => paymentCreator.beforeResponse(created);
    return presentResult(recordScenario(trace, created), (response) => new JsonText(response));
  },
});

const listPayments = apiRoute({
  method: "GET",
  path: "/payments",
  operationId: "listPayments",
  tag: "Payments",
  summary: "List payments",
  description: "Newest commit first.",
  source: "plugin",
  scenario: "read",
  query: listPaymentsQuery,
  responses: { 200: { source: "ours", description: "One page.", schema: paymentPage } },
  refusals: ["invalid_request", "unknown_processing_account"],
  handler: async ({ unit, trace, query, caller, asked, base }, { lists }) => {
    trace.contract = "mixed";
    return presentResult(applyHeaderScenario(trace, asked, await lists.payments(unit, query, caller)), (page) =>
      presentPage("payments", page, (payment) => presentPayment(payment, base)),
    );
  },
});

const getPayment = apiRoute({
  method: "GET",
  path: "/payments/{paymentId}",
  operationId: "getPayment",
  tag: "Payments",
  summary: "Read a payment",
  source: "plugin",
  scenario: "read",
  responses: { 200: { source: "ours", description: "The current payment.", schema: payment } },
  refusals: ["not_found"],
  handler: async ({ unit, trace, params, caller, asked, base }, { payments }) => {
    const found = await payments.get(unit, params.paymentId, caller, asked);
    return presentResult(recordScenario(trace, found), ({ payment }) => presentPayment(payment, base));
  },
});

const trackPayment = apiRoute({
  method: "GET",
  path: "/tracks/payments/{trackId}",
  operationId: "trackPayment",
  tag: "Payments",
  summary: "Track a payment",
  source: "docs",
  scenario: "read",
  responses: {
    200: {
      source: "plugin",
      description: "The current payment, in the form of the response to its creation.",
      schema: trackedPayment,
    },
  },
  refusals: ["not_found"],
  handler: async ({ unit, trace, params, caller, asked, base }, { payments }) => {
    const found = await payments.track(unit, params.trackId, caller, asked);
    return presentResult(recordScenario(trace, found), ({ payment }) => presentTrackedPayment(payment, base));
  },
});

export const paymentRoutes = [createPayment, listPayments, getPayment, trackPayment] as const;
