import { z } from "zod";
import type { KeyedOperation } from "../../domain/replay.ts";
import { presentResult } from "../respond.ts";
import { type LazySchema, lazySchema } from "../route.ts";
import { JsonText } from "./answer.ts";
import { idempotencyKey } from "./fields.ts";
import { account } from "./lists.ts";
import { trackedPayment } from "./payment-resource.ts";
import { marked } from "./provenance.ts";
import { trackedRefund } from "./refunds.ts";
import { apiRoute } from "./route.ts";
import { applyHeaderScenario } from "./scenarios.ts";

/** The query of `GET /v1/requests/{operation}`: the path [plugin], the key. [docs] */
const requestsQuery = lazySchema(() =>
  z.object({
    idempotencyKey: idempotencyKey().meta(marked("docs", "The key of the request.")),
    processingAccountId: account(),
  }),
);

/** Finds the stored response to a request with an idempotency key, not the status of today. [docs] */
const findRequest = (operation: KeyedOperation, operationId: string, schema: LazySchema) =>
  apiRoute({
    method: "GET",
    path: `/requests/${operation}`,
    operationId,
    tag: "Requests",
    summary: `Find the response to a request for ${operation} by its idempotency key`,
    description: "The response is the one that was sent then, not the status of today.",
    source: "docs",
    scenario: "read",
    query: requestsQuery,
    responses: { 200: { source: "docs", description: "The stored response [docs], byte for byte. [ours]", schema } },
    refusals: ["invalid_request", "unknown_processing_account", "not_found"],
    handler: async ({ unit, trace, query, caller, asked }, { lists }) => {
      trace.contract = "mixed";
      const found = await lists.replay(unit, operation, query, caller);
      return presentResult(applyHeaderScenario(trace, asked, found), (text) => new JsonText({ status: 200, text }));
    },
  });

export const requestRoutes = [
  findRequest("payments", "findPaymentRequest", trackedPayment),
  findRequest("refunds", "findRefundRequest", trackedRefund),
] as const;
