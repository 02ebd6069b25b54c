import type { z } from "zod";
import type { Scope } from "../../domain/merchant.ts";
import type { RefusalCode } from "../../domain/refusal.ts";
import type { Provenance } from "./provenance.ts";
import { payment, paymentPage, trackedPayment, trackedRefund, transaction, transactionPage } from "./responses.ts";
import {
  createPaymentBody,
  createRefundBody,
  keyQuery,
  listPaymentsQuery,
  listTransactionsQuery,
  requestsQuery,
} from "./schemas.ts";
import { unlistedPaths, unsupportedOperations } from "./unsupported.ts";

/** What the OpenAPI document says of one operation of the provider's API. */
export interface Operation {
  readonly method: "get" | "post" | "patch";
  /** With `{name}` for each parameter. */
  readonly path: string;
  readonly id: string;
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description?: string;
  readonly source: Provenance;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly source: Provenance; readonly example: object };
  /** Absent where it always refuses. */
  readonly answer?: Answer;
  /** What it refuses with, besides what every operation may. */
  readonly refusals: readonly RefusalCode[];
}

interface Answer {
  readonly status: 200 | 201;
  readonly source: Provenance;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example?: object;
}

/** The parts of the API, in the order of the reference page. */
export const tags = {
  Payments: "Making payments and reading them.",
  Refunds: "Giving money back.",
  Requests: "What was answered to a request with an idempotency key.",
  Transactions: "Movements of money.",
  "Not supported": "What the provider offers for other payment methods. Alipay HK has none of it [seed], and says so.",
} as const;

/** What can stand in a path. */
export const pathParameters: Readonly<Record<string, { readonly source: Provenance; readonly description: string }>> = {
  paymentId: { source: "docs", description: "The payment's `id`." },
  trackId: { source: "docs", description: "The last part of a `trackingUrl`." },
  transactionId: { source: "plugin", description: "The transaction's `id`." },
  creditId: { source: "plugin", description: "Any id: there are no credits here." },
  tokenId: { source: "plugin", description: "Any id: there are no tokens here." },
};

/** The scope that a kid needs. [plugin] */
export function scopeOf({ method }: Operation): Scope {
  return method === "get" ? "payments:read" : "payments:create";
}

const paymentExample = {
  processingAccountId: "2HdN2jq6XWmlkhqRC2gDTNYCvNH",
  merchantReference: "c5211d6b-0178-49f8-a06b-69df097a712f",
  amount: { value: 200, currency: "hkd" },
  paymentMethod: {
    type: "alipay_hk",
    alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
  },
};

const trackedPaymentExample = {
  id: "27yiW9MgzBtwiodreuNOXk0rtIw",
  merchantReference: "c5211d6b-0178-49f8-a06b-69df097a712f",
  status: "pending",
  trackingUrl: "/v1/tracks/payments/{trackId}",
  reason: { code: "required_next_step", description: "An additional step is needed to complete the payment." },
  nextStep: { type: "redirect", redirect: { method: "get", url: "https://payment.method/complete" } },
};

const paymentOperations: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/payments",
    id: "createPayment",
    tag: "Payments",
    summary: "Create a payment",
    description: "The payment waits for the payer, who is to be sent to the URL in `nextStep`.",
    source: "seed",
    query: keyQuery,
    body: { schema: createPaymentBody, source: "seed", example: paymentExample },
    answer: {
      status: 201,
      source: "seed",
      description: "The payment, which is pending. That the status is 201 is ours.",
      schema: trackedPayment,
      example: trackedPaymentExample,
    },
    refusals: [
      "invalid_request",
      "unsupported_payment_method",
      "unsupported_currency",
      "amount_below_minimum",
      "amount_above_maximum",
      "unknown_processing_account",
      "idempotency_key_conflict",
    ],
  },
  {
    method: "get",
    path: "/v1/payments",
    id: "listPayments",
    tag: "Payments",
    summary: "List payments",
    description: "Newest commit first.",
    source: "plugin",
    query: listPaymentsQuery,
    answer: { status: 200, source: "ours", description: "One page.", schema: paymentPage },
    refusals: ["invalid_request", "unknown_processing_account"],
  },
  {
    method: "get",
    path: "/v1/payments/{paymentId}",
    id: "getPayment",
    tag: "Payments",
    summary: "Read a payment",
    source: "plugin",
    answer: { status: 200, source: "ours", description: "The payment as it is now.", schema: payment },
    refusals: ["not_found"],
  },
  {
    method: "get",
    path: "/v1/tracks/payments/{trackId}",
    id: "trackPayment",
    tag: "Payments",
    summary: "Track a payment",
    source: "docs",
    answer: {
      status: 200,
      source: "plugin",
      description: "The payment as it is now, in the form of the answer to its creation.",
      schema: trackedPayment,
    },
    refusals: ["not_found"],
  },
];

const refundOperations: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/payments/{paymentId}/refunds",
    id: "createRefund",
    tag: "Refunds",
    summary: "Refund a payment",
    description:
      "Only one partial refund is allowed. [seed] An amount equal to all that is left is not partial, and a failed refund does not count. [ours]",
    source: "plugin",
    query: keyQuery,
    body: {
      schema: createRefundBody,
      source: "ours",
      example: { merchantReference: "refund-1001", amount: { value: 50, currency: "hkd" } },
    },
    answer: { status: 201, source: "ours", description: "The refund, which is pending.", schema: trackedRefund },
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
  },
  {
    method: "get",
    path: "/v1/tracks/refunds/{trackId}",
    id: "trackRefund",
    tag: "Refunds",
    summary: "Track a refund",
    source: "docs",
    answer: { status: 200, source: "ours", description: "The refund as it is now.", schema: trackedRefund },
    refusals: ["not_found"],
  },
];

const requestOperation = (name: "payments" | "refunds", id: string, schema: z.ZodType): Operation => ({
  method: "get",
  path: `/v1/requests/${name}`,
  id,
  tag: "Requests",
  summary: `Find the answer to a request for ${name} by its idempotency key`,
  description: "It answers what was answered then, not the status of today.",
  source: "docs",
  query: requestsQuery,
  answer: { status: 200, source: "docs", description: "The stored answer, byte for byte.", schema },
  refusals: ["invalid_request", "unknown_processing_account", "not_found"],
});

const transactionOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/v1/transactions",
    id: "listTransactions",
    tag: "Transactions",
    summary: "List movements of money",
    description: "Newest commit first.",
    source: "plugin",
    query: listTransactionsQuery,
    answer: { status: 200, source: "ours", description: "One page.", schema: transactionPage },
    refusals: ["invalid_request", "unknown_processing_account"],
  },
  {
    method: "get",
    path: "/v1/transactions/{transactionId}",
    id: "getTransaction",
    tag: "Transactions",
    summary: "Read a movement of money",
    source: "plugin",
    answer: { status: 200, source: "ours", description: "The movement.", schema: transaction },
    refusals: ["not_found"],
  },
];

function refusedOperation(name: string, route: string): Operation {
  const [verb = "", pattern = ""] = route.split(" ");
  const path = `/v1${pattern.replace(/:(\w+)/g, "{$1}")}`;
  const method = verb.toLowerCase() as Operation["method"];
  const words = path
    .split("/")
    .slice(2)
    .map((word) => word.replace(/\W/g, ""));
  return {
    method,
    path,
    id: [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join(""),
    tag: "Not supported",
    summary: `No ${name}: ${verb} ${pattern}`,
    source: unlistedPaths.includes(route) ? "ours" : "plugin",
    refusals: ["operation_not_supported"],
  };
}

/** Every operation of the provider's API that has a route here. */
export const operations: readonly Operation[] = [
  ...paymentOperations,
  ...refundOperations,
  requestOperation("payments", "findPaymentRequest", trackedPayment),
  requestOperation("refunds", "findRefundRequest", trackedRefund),
  ...transactionOperations,
  ...Object.entries(unsupportedOperations).flatMap(([name, routes]) =>
    routes.map((route) => refusedOperation(name, route)),
  ),
];
